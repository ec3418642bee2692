/** The feature map that is pointed at, large, in the place of the answer; loaded when the first is pointed at. */

/** @import { Tiles } from "../draw/tiles.js" */
/** @import { RunControl } from "../run/run.js" */

import { element, setAttribute, setText } from "../core/dom.js";
import { shortNumber } from "../core/format.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { texts } from "../core/texts.js";
import { fitCanvas } from "../draw/plot.js";
import { picturesOf, rangeAt } from "../draw/surface.js";

const TEXTS = texts(import.meta.url, { range: "{low} to {high}" });

/**
 * Show in a place the map that is pointed at, as long as it is.
 *
 * @param {RunControl} run @param {{ tiles: Tiles }} stage @param {HTMLElement} place that it covers
 */
export function showPointedMap(run, stage, place) {
  const picture = element("canvas", { class: "pointed-picture" });
  const [name, range] = [element("b"), element("span")];
  const shown = element(
    "div",
    { class: "pointed-map", hidden: true, "aria-hidden": "true" }, // the hint says it to those who listen
    picture,
    element("p", { class: "note" }, name, " ", range),
  );
  place.append(shown);
  const paint = onNextPaint(() => {
    const { pointed } = run.state;
    shown.hidden = pointed === null;
    const context = picture.getContext("2d");
    if (!pointed || !context) return;
    const { width } = fitCanvas(picture, context);
    shown.hidden = !stage.tiles.drawOne(context, pointed.column, pointed.unit, width);
    setText(name, pointed.name);
    setText(range, rangeOf(run, pointed.column, pointed.unit));
    setAttribute(shown, "data-unit", `${pointed.column} ${pointed.unit}`);
  });
  run.store.watch((state) => state.pointed, paint);
  run.onFrame("activation_maps", () => run.state.pointed && paint());
  paint();
}

/** @param {RunControl} run @param {string} column @param {number} unit */
function rangeOf(run, column, unit) {
  const frame = run.latest.get("activation_maps");
  const pictures = frame && picturesOf(frame, `maps/${column}`);
  if (!pictures || unit >= pictures.count) return "";
  const [low, high] = rangeAt(pictures, unit);
  return TEXTS.range({ low: shortNumber(low), high: shortNumber(high) });
}
