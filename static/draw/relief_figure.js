/** A landscape, or a path alone, as a figure: what a relief shows, to be turned and read off. Pure. */

/** @import { Figure } from "./figure.js" */
/** @import { Look, View } from "./ground_figure.js" */
/** @import { Relief } from "./relief.js" */

import { texts } from "../core/texts.js";
import { groundFigure } from "./ground_figure.js";
import { dotColor, lossAt, lossScale } from "./relief.js";

const TEXTS = texts(import.meta.url, {
  path: "path {index}",
  path2: "path",
});

/**
 * @param {Relief & { steps?: ArrayLike<number> }} relief `steps` of the path's points @param {View} view
 * @param {Look} look @returns {Figure}
 */
export function reliefFigure(relief, view, look) {
  const { shares, ofPaths, shareAt } = lossScale(relief);
  const { x, y, losses, steps, axes, marks = [] } = relief;
  const tracks = relief.paths.flatMap(({ places, losses: own, color, dots }, index) => {
    if (places.length === 0) return []; // its losses are there for the scale alone
    return {
      name: relief.paths.length > 1 ? TEXTS.path({ index: index + 1 }) : TEXTS.path2,
      x: Array.from(own, (_, point) => places[2 * point] ?? NaN),
      y: Array.from(own, (_, point) => places[2 * point + 1] ?? NaN),
      heights: own,
      shares: ofPaths[index] ?? [],
      color: color ?? look.colors.ink,
      ...(dots ? { dots: Array.from(ofPaths[index] ?? [], dotColor) } : {}),
      ...(steps ? { steps } : {}),
    };
  });
  const named = marks.map(({ x: across, y: up, text, loss = lossAt(relief, across, up) }) => ({
    name: text,
    x: across,
    y: up,
    share: shareAt(loss),
  }));
  return groundFigure(
    { x, y, heights: losses, shares, tracks, marks: named, axes, height: "loss" },
    view,
    look,
  );
}
