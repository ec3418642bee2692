/** The losses that have names, each by itself, in one plot; hidden where none is named. */

/** @import { Scale } from "../../draw/ticks.js" */
/** @import { RunControl } from "../../run/run.js" */
/** @import { Unit } from "../../draw/curve_axis.js" */

import { shortNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { category, dashOf } from "../../draw/colors.js";
import { nearest } from "../../draw/plot.js";
import { extent, scaleFor } from "../../draw/ticks.js";
import { LineChart } from "../../widgets/line_chart.js";
import { titleOf } from "../../widgets/large_plot.js";
import { namedLosses } from "./model.js";

const TEXTS = texts(import.meta.url, {
  parts: "Parts of the loss",
  loss: "loss",
  noValuesYet: "Parts of the loss: no values yet",
  values: "Parts of the loss, training set: {values}",
});

/**
 * @typedef {object} Axis
 * @property {number} from the first row that counts
 * @property {Unit} unit
 * @property {Scale} x
 * @property {number[]} breaks
 */

/** @param {RunControl} run */
export function lossParts(run) {
  const chart = new LineChart({ name: TEXTS.parts, title: () => titleOf(run), term: "loss_parts" });
  chart.element.classList.add("section");
  chart.element.hidden = true;
  return {
    element: chart.element,
    /** @param {Axis} axis @param {string} xLabel @param {boolean} log @param {number | null} cursor */
    draw({ from, unit, x, breaks }, xLabel, log, cursor) {
      const names = namedLosses(run.state.experiment);
      chart.element.hidden = names.length === 0;
      if (names.length === 0) return;
      const column = (/** @type {string} */ of) =>
        run.series?.evaluation.values(of).subarray(from) ?? new Float64Array();
      const places = column(unit);
      const lines = names.map((name, index) => {
        const look = { color: category(index), dash: dashOf(index), width: 1.5, breaks };
        return { ...look, name, x: places, y: column(`train_loss_${name}`) };
      });
      const row = cursor === null ? places.length - 1 : nearest(places, cursor);
      const values = lines.map(({ name, y }) => `${name} ${shortNumber(y[row] ?? NaN)}`).join(", ");
      const range = extent(
        lines.map(({ y }) => y),
        log,
      );
      const label = row < 0 ? TEXTS.noValuesYet : TEXTS.values({ values });
      chart.show({ lines, x, y: scaleFor(range, log, true), xLabel, yLabel: TEXTS.loss, cursor, label });
    },
  };
}
