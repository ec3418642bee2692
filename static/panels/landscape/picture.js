/** The picture of a landscape: contours, a surface that turns, or the losses along a line. */

/** @import { RunControl } from "../../run/run.js" */
/** @import { Drawn } from "./figure.js" */

import { element, onNextFrame, picture, setText } from "../../core/dom.js";
import { onNextPaint } from "../../core/paint_scheduler.js";
import { camera, turnable } from "../../draw/heightfield.js";
import { VIEWS } from "../../draw/ground_figure.js";
import { drawProfiles } from "../../draw/profile.js";
import { drawRelief, drawScale, placesOn } from "../../draw/relief.js";
import { drawRelief3d } from "../../draw/relief3d.js";
import { shortNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { segments } from "../../widgets/study_form.js";
import { color, groundColors, plotColors } from "../../draw/theme_colors.js";
import { LargePlot, titleOf } from "../../widgets/large_plot.js";
import { landscapeFigure, profilesOf } from "./figure.js";
import { lossText } from "./model.js";

const TEXTS = texts(import.meta.url, {
  lossAroundNetworks: "The loss around the network's weights appears here: coarse at once, then finer.",
  seenFrom: "Seen from",
  contours: "Contours",
  surface: "Surface",
  landscape: "Landscape",
  surfaceDragArrow: "as a surface; drag or arrow keys turn it",
  asContours: "as contours",
  lossLandscapeStep: "Loss landscape at step {step}, {how}; loss here {loss}",
  lossAlongLine: "Loss along the line from {from} to {to}, of the training and of the test set",
  dragToTurn: "drag to turn",
});

export class LandscapePicture {
  #run;
  /** @type {Drawn | null} */
  #drawn = null;
  #view = "above";
  #from = camera();
  /** Where the pointer rests on the picture. @type {{ x: number, y: number } | null} */
  #pointer = null;
  #canvas = picture("relief-canvas", { tabindex: 0 });
  #legend = element("canvas", { class: "relief-scale", "aria-hidden": "true" });
  #hint = element("p", { class: "relief-hint", "aria-live": "off" });
  #large;
  #waiting = element("p", { class: "relief-empty" }, TEXTS.lossAroundNetworks);
  #views = segments(
    TEXTS.seenFrom,
    [
      ["turned", TEXTS.surface],
      ["above", TEXTS.contours],
    ],
    this.#view,
    (value) => ((this.#view = value), this.#follow()),
  );
  element;

  /** @param {RunControl} run */
  constructor(run) {
    this.#run = run;
    this.#large = new LargePlot({
      name: TEXTS.landscape,
      title: () => titleOf(run),
      figure: landscapeFigure,
      views: VIEWS,
    });
    this.element = element(
      "div",
      { class: "relief-figure" },
      this.#canvas,
      this.#legend,
      this.#waiting,
      this.#views.element,
      this.#large.button,
      this.#hint,
    );
    turnable(this.#canvas, this.#from, () => this.#view === "turned" && this.#follow());
    this.#canvas.addEventListener("pointermove", ({ offsetX: x, offsetY: y }) => this.#point({ x, y }));
    this.#canvas.addEventListener("pointerleave", () => this.#point(null));
    new ResizeObserver(this.paint).observe(this.#canvas);
    run.store.watch((state) => state.theme, this.paint);
  }

  /** Whether it is on screen. */
  get seen() {
    return this.element.isConnected && this.element.clientWidth > 0;
  }

  /** Whether something is drawn. */
  get has() {
    return this.#drawn !== null;
  }

  /** A line is seen from one side alone. @param {boolean} flat */
  offerViews(flat) {
    this.#views.element.hidden = flat;
  }

  /** @param {Drawn} drawn */
  show(drawn) {
    this.#drawn = drawn;
    this.#waiting.hidden = true;
    this.paint();
  }

  paint = onNextPaint(() => this.#draw());
  /** What a hand turns does not wait for the next paint. */
  #follow = onNextFrame(() => this.#draw());

  #draw() {
    if (!this.#drawn) return;
    this.#legend.hidden = this.#drawn.kind === "line";
    this.#canvas.classList.toggle("turnable", this.#turned);
    if (this.#drawn.kind === "line") this.#paintLine(this.#drawn);
    else this.#paintPlane(this.#drawn);
    this.#large.show({ drawn: this.#drawn, theme: this.#run.state.theme, colors: groundColors(), color });
    this.#sayPointed();
  }

  get #turned() {
    return this.#drawn?.kind === "plane" && this.#view === "turned";
  }

  /** @param {Extract<Drawn, { kind: "plane" }>} plane */
  #paintPlane({ relief, step, loss }) {
    const { theme } = this.#run.state;
    if (this.#turned) drawRelief3d(this.#canvas, relief, this.#from, theme);
    else drawRelief(this.#canvas, relief, theme);
    drawScale(this.#legend, relief, theme);
    const how = this.#turned ? TEXTS.surfaceDragArrow : TEXTS.asContours;
    this.#name(TEXTS.lossLandscapeStep({ step, how, loss: shortNumber(loss) }));
  }

  /** @param {Extract<Drawn, { kind: "line" }>} line */
  #paintLine({ along, from, to }) {
    drawProfiles(this.#canvas, profilesOf(along, color), color("line-strong"), plotColors());
    this.#name(TEXTS.lossAlongLine({ from, to }));
  }

  /** @param {string} label */
  #name(label) {
    this.#canvas.setAttribute("aria-label", label);
  }

  /** @param {{ x: number, y: number } | null} place on the picture */
  #point(place) {
    this.#pointer = place;
    this.#sayPointed();
  }

  /** The loss that is pointed at, by the newest landscape: another is drawn under a resting pointer. */
  #sayPointed() {
    setText(this.#hint, this.#pointer && this.#drawn?.kind === "plane" ? this.#hintAt(this.#pointer) : "");
  }

  /** @param {{ x: number, y: number }} pointer */
  #hintAt(pointer) {
    if (this.#turned) return TEXTS.dragToTurn;
    const relief = this.#drawn?.kind === "plane" ? this.#drawn.relief : null;
    if (!relief || relief.y.length < 2) return "";
    const { fromX, fromY } = placesOn(this.#canvas.clientWidth, this.#canvas.clientHeight, relief);
    return lossText(relief, fromX(pointer.x), fromY(pointer.y));
  }
}
