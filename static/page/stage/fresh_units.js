/** Units that have just begun stand out for a moment. */

/** @import { Fresh } from "../../run/growth.js" */
/** @import { RunControl } from "../../run/run.js" */
/** @import { Stage } from "./stage.js" */

/** Milliseconds. */
const MOMENT = 4000;

/** @param {RunControl} run @param {HTMLElement} root @param {Stage} stage */
export function markFreshUnits(run, root, stage) {
  /** @type {Fresh[]} */
  let fresh = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const mark = () => {
    for (const button of root.querySelectorAll(".unit")) {
      const { column, unit } = /** @type {HTMLElement} */ (button).dataset;
      const begun = fresh.some((each) => each.column === column && each.units.includes(Number(unit)));
      button.classList.toggle("fresh", begun);
    }
  };
  run.store.watch(
    (state) => state.fresh,
    (given) => {
      fresh = given;
      mark();
      clearTimeout(timer);
      if (fresh.length > 0) timer = setTimeout(() => run.store.set({ fresh: [] }), MOMENT);
    },
  );
  stage.onArranged(mark);
}
