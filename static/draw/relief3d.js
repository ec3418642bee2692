/**
 * A loss landscape in three dimensions, with the path floating at its own losses, so that one sees how far
 * the plane is from it.
 */

/** @import { Theme } from "./colors.js" */
/** @import { Camera, Mark, Place } from "./heightfield.js" */
/** @import { Relief } from "./relief.js" */

import { color } from "./theme_colors.js";
import { drawField, drawMarks, drawTracks, sceneOn } from "./heightfield.js";
import { drawCross, drawOrigin } from "./marks.js";
import { dotColor, lossAt, lossScale } from "./relief.js";

/** @param {HTMLCanvasElement} canvas @param {Relief} relief @param {Camera} from @param {Theme} theme */
export function drawRelief3d(canvas, relief, from, theme) {
  const scene = sceneOn(canvas, from);
  if (!scene) return;
  const { x, y, paths } = relief;
  const { shares, ofPaths, shareAt } = lossScale(relief);
  drawField(
    scene,
    { shares, columns: x.length, rows: y.length },
    [
      { name: relief.axes[0], ...endsOf(x) },
      { name: relief.axes[1], ...endsOf(y) },
    ],
    theme,
  );
  const tracks = paths.map(({ places, color: ink = color("ink"), dots }, index) => {
    const own = ofPaths[index] ?? [];
    const points = Array.from(
      { length: places.length / 2 },
      (_, at) =>
        /** @type {Place} */ ([
          across(places[2 * at] ?? NaN, x),
          across(places[2 * at + 1] ?? NaN, y),
          own[at] ?? NaN,
        ]),
    );
    return { points, color: ink, ...(dots ? { dots: Array.from(own, dotColor) } : {}) };
  });
  drawTracks(scene, tracks, theme);
  drawMarks(scene, [
    ...tracks.flatMap(({ points }) => [
      ...points.slice(0, 1).map((at) => ({ at, paint: drawOrigin })),
      ...points.slice(-1).map((at) => ({ at, paint: endOf })),
    ]),
    ...(relief.marks ?? []).map(
      ({ x: left, y: up, text, loss = lossAt(relief, left, up) }) =>
        /** @type {Mark} */ ({
          at: [across(left, x), across(up, y), shareAt(loss)],
          paint: (context, ...at) => drawCross(context, ...at, text),
        }),
    ),
  ]);
}

/** @type {Mark["paint"]} */
const endOf = (context, left, top) => drawCross(context, left, top);

/** @param {ArrayLike<number>} axis */
function endsOf(axis) {
  return { low: axis[0] ?? 0, high: axis[axis.length - 1] ?? 1 };
}

/** From the numbers of an axis to −½ to ½. @param {number} value @param {ArrayLike<number>} axis */
function across(value, axis) {
  const { low, high } = endsOf(axis);
  return (value - low) / (high - low) - 0.5;
}
