/** A landscape as a figure: a surface with the path on it, or the losses along a line. Pure. */

/** @import { Frame } from "../../types.d.ts" */
/** @import { Figure } from "../../draw/figure.js" */
/** @import { Look, View } from "../../draw/ground_figure.js" */
/** @import { Relief } from "../../draw/relief.js" */

import { texts } from "../../core/texts.js";
import { linesFigure } from "../../draw/figure.js";
import { profileOf, profilesPlot } from "../../draw/profile.js";
import { reliefFigure } from "../../draw/relief_figure.js";

const TEXTS = texts(import.meta.url, {
  loss: "loss",
  fromTo: "α, from {from} to {to}",
});

/**
 * What is drawn.
 *
 * @typedef {{ kind: "plane", relief: Relief, step: number, loss: number }
 *   | { kind: "line", along: Map<string, Frame>, from: string, to: string }} Drawn
 */

/** @typedef {(token: string) => string} Colors */

/**
 * @param {{ drawn: Drawn, color: Colors } & Look} shown @param {string} view of a plane @returns {Figure}
 */
export function landscapeFigure({ drawn, color, ...look }, view) {
  if (drawn.kind === "plane") return reliefFigure(drawn.relief, /** @type {View} */ (view), look);
  const plot = profilesPlot(profilesOf(drawn.along, color), color("line-strong"));
  return linesFigure({
    ...plot,
    xLabel: TEXTS.fromTo({ from: drawn.from, to: drawn.to }),
    yLabel: TEXTS.loss,
  });
}

/**
 * The losses along a line, of each set that there is, as they are drawn.
 *
 * @param {Map<string, Pick<Frame, "arrays">>} along frames by set @param {Colors} color
 */
export function profilesOf(along, color) {
  const looks = {
    train: { color: color("train"), width: 1.75 },
    test: { color: color("test"), width: 1.75, dash: [5, 3] },
  };
  return /** @type {const} */ (["train", "test"]).flatMap((set) => {
    const frame = along.get(set);
    return frame ? [{ name: set, ...profileOf(frame), ...looks[set] }] : [];
  });
}
