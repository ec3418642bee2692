/** The loss of every runner against the step. */

/** @import { Race } from "./race.js" */

import { category } from "../../draw/colors.js";
import { linesFigure } from "../../draw/figure.js";
import { drawPlot } from "../../draw/plot.js";
import { extent, scaleFor } from "../../draw/ticks.js";
import { element } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { plotColors } from "../../draw/theme_colors.js";
import { LargePlot } from "../../widgets/large_plot.js";

const TEXTS = texts(import.meta.url, {
  step: "step",
  loss: "loss",
  lossAgainstStep: "Loss against step",
  lossAboveTheLeast: "Loss above the least",
  gradientDescent: "Gradient descent",
  runner: "runner {runner}",
  lossAtStep: "Loss at step {count}: {values}",
});

/**
 * What flies off shall not press the others flat: above this many times the first loss, it leaves the chart.
 */
const HIGHEST = 30;

export class Chart {
  #canvas = element("canvas", { class: "plot race-chart", role: "img", "aria-label": TEXTS.lossAgainstStep });
  #large = new LargePlot({
    name: TEXTS.lossAboveTheLeast,
    title: () => TEXTS.gradientDescent,
    figure: linesFigure,
  });
  element = element(
    "section",
    { class: "race-loss" },
    element(
      "div",
      { class: "plot-head" },
      element("h2", { class: "caption" }, TEXTS.lossAboveTheLeast),
      this.#large.button,
    ),
    this.#canvas,
  );

  /** @param {() => void} repaint where its size is another */
  constructor(repaint) {
    new ResizeObserver(repaint).observe(this.#canvas);
  }

  /**
   * @param {{ race: Race, head: number, chosen: number, steps: number, names: string[] }} picture `steps` of
   * the whole race
   */
  show({ race, head, chosen, steps, names }) {
    const known = race.scene.minima.length > 0;
    const count = Math.floor(head) + 1;
    const x = Float64Array.from({ length: race.steps + 1 }, (_, step) => step);
    const all = Array.from({ length: race.count }, (_, runner) =>
      Float64Array.from(race.losses(runner), (loss) => (known ? loss - race.scene.least : loss)),
    );
    const highest = Math.max(...all.map((losses) => losses[0] ?? 1));
    const within = all.map((losses) =>
      losses.filter(
        (loss) =>
          loss <= (known ? HIGHEST : 1) * Math.abs(highest) && loss >= (known ? 1e-12 : race.scene.least),
      ),
    );
    const lines = all.map((losses, runner) => ({
      name: names[runner] ?? TEXTS.runner({ runner: runner + 1 }),
      x: x.subarray(0, count),
      y: losses.subarray(0, count),
      color: category(runner),
      width: runner === chosen ? 2.5 : 1.5,
      ...(runner < 8 ? {} : { dash: [6, 3] }),
    }));
    const y = scaleFor(extent(within, known), known);
    const shown = {
      lines,
      x: { low: 0, high: Math.max(1, steps), log: false },
      y,
      xLabel: TEXTS.step,
      yLabel: TEXTS.loss,
    };
    drawPlot(this.#canvas, { ...shown, cursor: head > 0 ? head : null }, plotColors());
    this.#large.show(shown);
    const values = lines.map(
      (line, runner) => `${names[runner] ?? ""} ${line.y.at(-1)?.toPrecision(3) ?? "–"}`,
    );
    this.#canvas.setAttribute(
      "aria-label",
      TEXTS.lossAtStep({ count: count - 1, values: values.join(", ") }),
    );
  }
}
