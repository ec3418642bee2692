/** The path of the weights as a figure: each point with its step and its loss. Pure. */

/** @import { Figure } from "../../draw/figure.js" */
/** @import { Look } from "../../draw/ground_figure.js" */
/** @import { Trajectory } from "./model.js" */

import { reliefFigure } from "../../draw/relief_figure.js";

/** @param {{ trajectory: Trajectory } & Look} shown @returns {Figure} */
export function pathFigure({ trajectory: { relief, steps }, ...look }) {
  return reliefFigure({ ...relief, steps }, "above", look);
}
