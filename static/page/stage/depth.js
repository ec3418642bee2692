/** The slice of volumes, or the moment of clips, that the whole drawing shows: loaded when the first has some. */

/** @import { RunControl } from "../../run/run.js" */

/** @param {HTMLElement} root @param {RunControl} run */
export function showDepth(root, run) {
  let asked = false;
  run.store.watch(
    (state) => state.description?.input.shape.length === 4,
    async (deep) => {
      if (!deep || asked) return;
      asked = true;
      const { sliceBar } = await import("../../widgets/slice_bar.js");
      root.append(sliceBar(run));
    },
  );
}
