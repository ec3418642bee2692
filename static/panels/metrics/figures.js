/** The plots of the metrics as figures: accuracy by confidence, and curves on the unit square. Pure. */

/** @import { Figure, LinePlot } from "../../draw/figure.js" */
/** @import { Calibration, Curve } from "./model.js" */

import { texts } from "../../core/texts.js";
import { axisOf, linesFigure } from "../../draw/figure.js";

const TEXTS = texts(import.meta.url, {
  confidenceAbout: "confidence about {value}",
  accuracyIs: "accuracy {value}",
  calibrated: "as it should be",
  answers: "answers",
  chance: "chance",
  threshold: "threshold",
  recall: "recall",
  precision: "precision",
  confidence: "confidence",
  accuracy: "accuracy",
  falsePositiveRate: "false positive rate",
  truePositiveRate: "true positive rate",
});

/** @typedef {{ curve: Curve, color: string, chance: string }} Colored */

const UNIT = { low: 0, high: 1.01, log: false };

/** @param {Colored} colored @returns {Figure} */
export function rocFigure(colored) {
  return curveFigure(colored, TEXTS.falsePositiveRate, TEXTS.truePositiveRate);
}

/** @param {Colored} colored @returns {Figure} */
export function precisionFigure(colored) {
  return curveFigure(colored, TEXTS.recall, TEXTS.precision);
}

/** @param {Colored} colored @param {string} xLabel @param {string} yLabel */
function curveFigure({ curve: { x, y, diagonal }, color, chance }, xLabel, yLabel) {
  const ends = Float64Array.of(0, 1);
  const lines = [
    ...(diagonal
      ? [{ name: TEXTS.chance, guide: true, x: ends, y: ends, color: chance, width: 1, dash: [3, 3] }]
      : []),
    { name: TEXTS.threshold, x, y, color, width: 1.75 },
  ];
  return linesFigure({ lines, x: UNIT, y: UNIT, xLabel, yLabel });
}

/** @param {{ calibration: Calibration, color: string, lineColor: string }} shown @returns {Figure} */
export function reliabilityFigure({ calibration: { bars }, color, lineColor }) {
  const middles = bars.map((_, bin) => (bin + 0.5) / bars.length);
  const heights = bars.map(({ height }) => height);
  const [xLabel, yLabel] = [TEXTS.confidence, TEXTS.accuracy];
  const about = TEXTS.confidenceAbout({ value: "%{x:.3~g}" });
  const is = TEXTS.accuracyIs({ value: "%{y:.8~g}" });
  return {
    traces: [
      {
        type: "bar",
        name: TEXTS.answers,
        x: middles,
        y: heights,
        width: 1 / bars.length,
        marker: { color, opacity: bars.map(({ weight }) => 0.25 + 0.75 * Math.sqrt(weight)) },
        hovertemplate: `${about}<br>${is}<extra></extra>`,
      },
      {
        type: "scatter",
        mode: "lines",
        name: TEXTS.calibrated,
        x: [0, 1],
        y: [0, 1],
        line: { color: lineColor, width: 1, dash: "3px,3px" },
        hoverinfo: "skip",
      },
    ],
    layout: { hovermode: "closest", bargap: 0.02, xaxis: axisOf(UNIT, xLabel), yaxis: axisOf(UNIT, yLabel) },
    series: [{ name: TEXTS.answers, columns: { [xLabel]: middles, [yLabel]: heights } }],
  };
}
