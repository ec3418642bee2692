/**
 * A plot of lines with its legend and the button that opens it large, for whoever has lines: panels, labs, plug-ins.
 */

/** @import { LinePlot, NamedLine } from "../draw/figure.js" */

import { element, setAttribute } from "../core/dom.js";
import { explainedBy } from "../core/explained.js";
import { dashName, linesFigure } from "../draw/figure.js";
import { drawPlot } from "../draw/plot.js";
import { plotColors } from "../draw/theme_colors.js";
import { LargePlot } from "./large_plot.js";

/**
 * @typedef {object} ChartOptions
 * @property {string} name of the plot, above it and as the title of the large one
 * @property {() => string} title of what it is a plot of: the run's, the lab's
 * @property {string} [term] what the glossary calls it
 * @property {string} [about] what it shows, where the glossary does not have it
 * @property {string} [label] what the canvas is called before it shows something
 * @property {string} [className] of the canvas
 * @property {(Node | string)[]} [beside] what stands beside the name
 */

export class LineChart {
  #large;
  #legend = new LineLegend();
  canvas;
  element;

  /** @param {ChartOptions} options */
  constructor({ name, title, term = "", about, label = name, className = "", beside = [] }) {
    this.#large = new LargePlot({ name, title, figure: linesFigure });
    this.canvas = element("canvas", { class: `plot ${className}`, role: "img", "aria-label": label });
    const heading = element("h2", { class: "caption", "data-term": term || null }, name);
    if (about) explainedBy(heading, () => ({ label: name, description: about }));
    const head = element("div", { class: "plot-head" }, heading, ...beside, this.#large.button);
    this.element = element("section", { class: "line-chart" }, head, this.#legend.element, this.canvas);
  }

  /** @param {LinePlot & { cursor?: number | null, label?: string }} shown `label`: what the canvas says */
  show({ cursor = null, label, ...plot }) {
    drawPlot(this.canvas, { ...plot, cursor }, plotColors());
    this.#large.show(plot);
    this.#legend.show(plot.lines);
    if (label !== undefined) setAttribute(this.canvas, "aria-label", label);
  }
}

/** The legend of a plot: a line each, as it is drawn; hidden where there is one alone. */
export class LineLegend {
  #named = "";
  element = element("ul", { class: "line-legend", hidden: true });

  /** @param {Pick<NamedLine, "name" | "color" | "dash">[]} lines in the order in which they are drawn */
  show(lines) {
    const named = JSON.stringify(lines.map(({ name, color, dash }) => [name, color, dash ?? []]));
    if (named === this.#named) return;
    this.#named = named;
    this.element.hidden = lines.length < 2;
    this.element.replaceChildren(...lines.map(keyOf));
  }
}

/** @param {Pick<NamedLine, "name" | "color" | "dash">} line */
function keyOf({ name, color, dash = [] }) {
  const key = element("li", { "data-dash": dashName(dash) }, name);
  key.style.setProperty("--series", color);
  return key;
}
