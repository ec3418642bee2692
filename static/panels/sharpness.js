/** How sharply the loss bends at the network, against the edge at which its learning rate gets unstable. */

/** @import { RunControl } from "../run/run.js" */

import { element, onNextFrame, setText } from "../core/dom.js";
import { drawPlot } from "../draw/plot.js";
import { extent, scaleFor } from "../draw/ticks.js";
import { shortNumber } from "../core/format.js";
import { color, plotInk } from "../draw/theme_colors.js";

/** @param {RunControl} run */
export function sharpnessPanel(run) {
  const canvas = element("canvas", {
    class: "plot sharpness-plot",
    role: "img",
    "aria-label": "Sharpness while training",
  });
  const words = element("p", { class: "note" }, "Collected from now on, while training goes on.");
  const panel = element(
    "section",
    { class: "sharpness-panel" },
    element("h3", { class: "caption" }, "Sharpness λ", element("span", { class: "key-limit" }, "2/η")),
    canvas,
    words,
  );
  const paint = onNextFrame(() => {
    const arrays = run.latest.get("sharpness")?.arrays;
    const [steps, values, limits, edges] = ["steps", "eigenvalue", "limit", "edge"].map((name) =>
      Float64Array.from(arrays?.get(name)?.data ?? []),
    );
    if (!steps || !values || !limits || !edges || steps.length === 0) return;
    const edge = edges.some(Number.isFinite) ? edges : limits;
    const now = values.at(-1) ?? NaN;
    const end = edge.at(-1) ?? NaN;
    // A limit far away would press the curve flat.
    const near = values.some((value, index) => (edge[index] ?? Infinity) < 8 * value);
    const range = extent(near ? [values, edge] : [values], true);
    const x = { low: steps[0] ?? 0, high: Math.max(steps.at(-1) ?? 0, (steps[0] ?? 0) + 1), log: false };
    const lines = [
      { x: steps, y: edge, color: color("negative"), width: 1.25, dash: [4, 3] },
      { x: steps, y: values, color: color("accent"), width: 1.75 },
    ];
    drawPlot(canvas, { lines, x, y: scaleFor(range, true, true), cursor: null, xLabel: "step" }, plotInk());
    const known = edges.some(Number.isFinite);
    const compared = now > end ? "beyond" : now > 0.8 * end ? "at" : "below";
    setText(
      words,
      `λ ${shortNumber(now)}, ${known ? "edge of stability" : "2/η"} ` +
        `${shortNumber(end)}${known ? `: ${compared} it` : "; an adaptive optimizer has another edge"}`,
    );
  });
  run.onFrame("sharpness", paint);
  run.store.watch((state) => state.theme, paint);
  new ResizeObserver(paint).observe(canvas);
  return { element: panel, demand: () => [{ kind: "sharpness", hz: 1 }] };
}
