/** The page's state: one plain object, and callbacks for the parts of it that are shown. */

/**
 * @template {object} State
 */
export class Store {
  /** @type {State} */
  #state;
  /** @type {Set<() => void>} */
  #watchers = new Set();
  #notifying = false;

  /** @param {State} initial */
  constructor(initial) {
    this.#state = initial;
  }

  /** @returns {Readonly<State>} */
  get state() {
    return this.#state;
  }

  /**
   * Change some fields. Watchers hear of it before this returns.
   *
   * @param {Partial<State>} change
   */
  set(change) {
    this.#state = { ...this.#state, ...change };
    if (this.#notifying) return; // the round that runs goes on until nothing differs
    this.#notifying = true;
    try {
      for (let before; before !== this.#state;) {
        before = this.#state;
        for (const watcher of this.#watchers) watcher(); // one that is ended on the way is passed over
      }
    } finally {
      this.#notifying = false;
    }
  }

  /**
   * Call back now, and whenever what `select` takes from the state is another value.
   *
   * @template Selected
   * @param {(state: State) => Selected} select
   * @param {(selected: Selected) => void} show
   * @param {AbortSignal} [signal] ends the watch
   */
  watch(select, show, signal) {
    if (signal?.aborted) return;
    let last = select(this.#state);
    const watcher = () => {
      const selected = select(this.#state);
      if (Object.is(selected, last)) return;
      last = selected;
      show(selected);
    };
    this.#watchers.add(watcher);
    signal?.addEventListener("abort", () => this.#watchers.delete(watcher), { once: true });
    show(last);
  }
}
