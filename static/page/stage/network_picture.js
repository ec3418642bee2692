/** The network on canvas: edges below, tiles above, by the newest frames. */

/** @import { Frame } from "../../types.d.ts" */
/** @import { RunControl } from "../../run/run.js" */
/** @import { Focus } from "../../draw/edges.js" */
/** @import { Edge } from "./hints.js" */
/** @import { StageLayout } from "./stage_layout.js" */

import { onNextPaint } from "../../core/paint_scheduler.js";
import { element } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { hasPlane } from "../../catalog/catalog.js";
import { drawEdge, drawEdges } from "../../draw/edges.js";
import { drawBars } from "../../draw/answer_bars.js";
import { fitCanvas } from "../../draw/plot.js";
import { Tiles } from "../../draw/tiles.js";
import { onLeave } from "../../widgets/until_first_frame.js";
import { color, networkColors } from "../../draw/theme_colors.js";
import { looksAtPixels } from "../../draw/weights.js";
import { classNames, targetOf } from "../../run/maps.js";

const TEXTS = texts(import.meta.url, {
  theNetwork: "The network",
});

export class NetworkPicture {
  #run;
  tiles = new Tiles();
  #edges = element("canvas", { "aria-hidden": true });
  #units = element("canvas", { "aria-hidden": true });
  element = element(
    "div",
    { class: "stage-canvases", role: "img", "aria-label": TEXTS.theNetwork },
    this.#edges,
    this.#units,
  );
  /** @type {StageLayout | null} */
  #shown = null;
  /** @type {Focus} */
  #focus = null;
  /** @type {Edge | null} */
  #edge = null;
  #paintEdges = onNextPaint(() => this.#drawEdges());
  paintUnits = onNextPaint(() => this.#drawUnits());

  /** @param {RunControl} run */
  constructor(run) {
    this.#run = run;
    onLeave(run, () => {
      this.tiles.forget();
      this.paintUnits();
      this.#paintEdges();
    });
  }

  get #plane() {
    const { catalog, experiment } = this.#run.state;
    return hasPlane(catalog, experiment);
  }

  /** Show the network where it now lies. @param {StageLayout} shown */
  show(shown) {
    this.#shown = shown;
    this.tiles.arrange(shown.layout);
  }

  /** Let the edges of a unit stand out. @param {Focus} focus */
  set focus(focus) {
    if (focus?.column === this.#focus?.column && focus?.unit === this.#focus?.unit) return;
    this.#focus = focus;
    this.#paintEdges();
  }

  /** Light up an edge. @param {Edge | null} edge */
  set edge(edge) {
    const same = edge?.link === this.#edge?.link && edge?.source === this.#edge?.source;
    if (same && edge?.target === this.#edge?.target) return;
    this.#edge = edge;
    this.#paintEdges();
  }

  /** Colour everything anew by the newest frames. */
  recolor() {
    const { latest } = this.#run;
    const [weights, surface, maps] = ["weights", "surface", "activation_maps"].map((probe) =>
      latest.get(probe),
    );
    if (weights) this.takeWeights(weights);
    if (surface) this.takeSurface(surface);
    if (maps) this.takeMaps(maps);
    this.#paintEdges();
    this.paintUnits();
  }

  /** @param {Frame} frame */
  takeWeights(frame) {
    if (!this.#shown) return;
    if (!this.#plane) {
      this.tiles.colorWeights(this.#shown.layout, frame, this.#run.state.theme);
      this.paintUnits();
    }
    this.#paintEdges();
  }

  /** @param {Frame} frame */
  takeSurface(frame) {
    if (!this.#shown || !this.#plane) return;
    this.tiles.colorSurface(this.#shown.layout, frame, this.#run.state.theme);
    this.paintUnits();
  }

  /** @param {Frame} frame */
  takeMaps(frame) {
    if (!this.#shown) return;
    const { layout } = this.#shown;
    const { theme, depth } = this.#run.state;
    this.tiles.colorSample(layout, frame, theme, depth);
    this.tiles.colorMaps(layout, frame, theme, depth);
    this.tiles.colorMask(layout, frame, this.#run.state.description?.outputs[0] ?? "");
    for (const column of layout.columns) {
      const values =
        column.maps || looksAtPixels(layout, column) ? null : frame.arrays.get(`values/${column.name}`);
      if (values && column.tiled) this.tiles.colorValues(column, values.data, theme);
    }
    this.paintUnits();
  }

  #drawEdges() {
    const context = this.#edges.getContext("2d");
    if (!context || !this.#shown) return;
    const { width, height } = fitCanvas(this.#edges, context);
    context.clearRect(0, 0, width, height);
    drawEdges(context, this.#shown.layout, this.#run.latest.get("weights"), networkColors(), this.#focus);
    if (this.#edge) drawEdge(context, this.#edge, color("accent"));
  }

  #drawUnits() {
    const context = this.#units.getContext("2d");
    if (!context || !this.#shown) return;
    const { width, height } = fitCanvas(this.#units, context);
    context.clearRect(0, 0, width, height);
    const point = this.#plane ? this.#run.state.point : null;
    this.tiles.draw(context, this.#shown.layout, networkColors(), point);
    this.#drawAnswer(context, this.#shown);
  }

  /** A bar for each class. @param {CanvasRenderingContext2D} context @param {StageLayout} shown */
  #drawAnswer(context, { answer, bars }) {
    const maps = this.#run.latest.get("activation_maps");
    const shares = maps?.arrays.get("answer");
    if (!answer || !shares) return;
    const colors = { ...networkColors(), strong: color("ink"), right: color("accent") };
    drawBars(context, answer, shares.data, classNames(this.#run), targetOf(maps), bars, colors);
  }
}
