/** The run as a panel has it that is dropped with the run it shows. */

/** @import { RunControl } from "./run.js" */

/**
 * The run, of which everything that is watched through it ends with a signal. What observes an element needs no end:
 * it goes with the element, when nothing else leads to it.
 *
 * @param {RunControl} run @param {AbortSignal} signal @returns {RunControl}
 */
export function runUntil(run, signal) {
  const { store } = run;
  const ends = (/** @type {AbortSignal | undefined} */ own) =>
    own ? AbortSignal.any([signal, own]) : signal;
  /** @type {typeof store.watch} */
  const watch = (select, show, own) => store.watch(select, show, ends(own));
  /** @type {RunControl["onFrame"]} */
  const onFrame = (probe, listener, own) => run.onFrame(probe, listener, ends(own));
  /** @type {RunControl["onRows"]} */
  const onRows = (listener, own) => run.onRows(listener, ends(own));
  return withMembers(run, { store: withMembers(store, { watch }), onFrame, onRows });
}

/**
 * An object with others in the place of some of its members; its methods know it by itself.
 *
 * @template {object} Whole
 * @param {Whole} whole @param {Partial<Whole>} others @returns {Whole}
 */
function withMembers(whole, others) {
  return new Proxy(whole, {
    get(target, name) {
      if (Object.hasOwn(others, name)) return Reflect.get(others, name);
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
