/** The planned rate, or the loss over its error, as a small plot that follows the form. */

/** @import { ChartPart, Experiment } from "../../types.d.ts" */
/** @import { RunControl } from "../../run/run.js" */

import { getPreviews } from "../../core/api.js";
import { element, picture, setAttribute, setText } from "../../core/dom.js";
import { isEqual } from "../../core/json.js";
import { onNextPaint } from "../../core/paint_scheduler.js";
import { texts } from "../../core/texts.js";
import { drawPlot } from "../../draw/plot.js";
import { color, plotColors } from "../../draw/theme_colors.js";
import { plotOf, previewWords } from "./model.js";

const TEXTS = texts(import.meta.url, {
  reducedBy: "Less whenever {metric} has stopped improving.",
  notNow: "Not shown: {message}",
});

/** Of the lines, in turn. */
const COLORS = ["accent", "train", "validation"];

/**
 * @param {RunControl} run @param {"rate" | "loss"} what @param {HTMLDetailsElement} folded
 * @param {HTMLElement} place where it is drawn
 */
export function showPreview(run, what, folded, place) {
  const canvas = picture("plot preview-plot");
  const note = element("p", { class: "note" });
  place.append(canvas, note);
  /** @type {ChartPart | null} */
  let chart = null;
  /** @type {Experiment | null} */
  let asked = null;
  let end = new AbortController();
  const paint = onNextPaint(() => {
    canvas.hidden = chart === null;
    if (chart && folded.open)
      drawPlot(canvas, { ...plotOf(chart, COLORS.map(color)), cursor: null }, plotColors());
  });
  const follow = async () => {
    const { experiment } = run.state;
    if (!experiment || !folded.open || (asked && isSame(asked, experiment))) return;
    asked = experiment;
    end.abort();
    end = new AbortController();
    const { signal } = end;
    try {
      const found = await getPreviews(experiment, signal);
      if (signal.aborted) return;
      chart = found[what];
      setAttribute(canvas, "aria-label", chart && previewWords(chart));
      setText(
        note,
        what === "rate" && found.metric ? TEXTS.reducedBy({ metric: found.metric.replaceAll("_", " ") }) : "",
      );
    } catch (error) {
      if (signal.aborted) return;
      asked = null;
      setText(note, TEXTS.notNow({ message: error instanceof Error ? error.message : String(error) }));
    }
    paint();
  };
  folded.addEventListener("toggle", () => void follow());
  run.store.watch(
    (state) => state.experiment,
    () => void follow(),
  );
  run.store.watch((state) => state.theme, paint);
  new ResizeObserver(paint).observe(canvas);
}

/** Whether two experiments have the same previews. @param {Experiment} one @param {Experiment} other */
function isSame(one, other) {
  return (
    isEqual(one.training, other.training) && isEqual(one.data, other.data) && isEqual(one.task, other.task)
  );
}
