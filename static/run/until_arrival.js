/** What is pressed while the page is on its way to a run: carried out, in order, once that run is here. */

/** Acts that are held at most: a key that is held down repeats itself. */
const MOST_HELD = 8;

export class UntilArrival {
  #onTheWay;
  #gone;
  /** In the order in which they were pressed. @type {(() => unknown)[]} */
  #held = [];

  /**
   * @param {() => boolean} onTheWay whether the page has yet to hear of its run
   * @param {() => boolean} gone whether it never will
   */
  constructor(onTheWay, gone) {
    this.#onTheWay = onTheWay;
    this.#gone = gone;
  }

  /** Do it now, or after all that is held; what is pressed beyond that many is not done. @param {() => unknown} act */
  do(act) {
    if (this.#gone()) this.forget();
    if (this.#held.length === 0 && (this.#gone() || !this.#onTheWay())) return void act();
    if (this.#held.length < MOST_HELD) this.#held.push(act);
  }

  /** The run is here: what is held is done, up to an act that leads to another run. */
  carryOut() {
    while (this.#held.length > 0 && !this.#onTheWay()) this.#held.shift()?.();
  }

  /** The page goes to another run, which nothing was pressed for. */
  forget() {
    this.#held = [];
  }
}
