/** Where the race is seen: from above, or in three dimensions. */

/** @import { Picture, View3d } from "./view3d.js" */

import { element } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { VIEWS } from "../../draw/ground_figure.js";
import { groundColors } from "../../draw/theme_colors.js";
import { LargePlot } from "../../widgets/large_plot.js";
import { raceFigure } from "./figure.js";
import { SurfaceMap } from "./map.js";

const TEXTS = texts(import.meta.url, {
  fromAbove: "From above",
  inD: "In 3-D",
  surface: "Surface",
  gradientDescent: "Gradient descent",
  view: "View",
  arrowWhereMomentum: [
    "An arrow where the momentum leads; an ellipse that is wide where past slopes were small, so that",
    "steps are stretched.",
  ],
  momentumAndStepShape: "Momentum and step shape",
});

export class Stage {
  #map;
  /** @type {View3d | null} */
  #view3d = null;
  #solid = false;
  #repaint;
  #place = element("div", { class: "stage-3d", hidden: true });
  #buttons = [this.#segment(TEXTS.fromAbove, false), this.#segment(TEXTS.inD, true)];
  #arrows = element("input", { type: "checkbox", checked: true });
  #large = new LargePlot({
    name: TEXTS.surface,
    title: () => TEXTS.gradientDescent,
    figure: raceFigure,
    views: VIEWS,
  });
  element;

  /**
   * @param {(x: number, y: number, done: boolean) => void} move the start @param {() => void} repaint what is
   * shown shall look otherwise
   */
  constructor(move, repaint) {
    this.#map = new SurfaceMap(move);
    this.#repaint = repaint;
    this.#arrows.addEventListener("change", repaint);
    this.element = element(
      "div",
      {},
      element(
        "div",
        { class: "stage-head" },
        element("div", { class: "segments", role: "group", "aria-label": TEXTS.view }, ...this.#buttons),
        element(
          "label",
          {
            class: "check",
            title: TEXTS.arrowWhereMomentum,
          },
          this.#arrows,
          TEXTS.momentumAndStepShape,
        ),
        this.#large.button,
      ),
      this.#map.element,
      this.#place,
    );
    this.#press();
  }

  /** @param {Picture & { names: string[] }} picture `names` of the runners */
  show(picture) {
    if (this.#solid) this.#view3d?.show(picture);
    else this.#map.show({ ...picture, state: this.#arrows.checked });
    this.#large.show({ ...picture, colors: groundColors() });
  }

  /** The surface is another: its ground is drawn anew at the next look. */
  forget() {
    this.#map.forget();
  }

  /** @param {string} text @param {boolean} solid */
  #segment(text, solid) {
    return element("button", { type: "button", class: "segment", onclick: () => this.#turn(solid) }, text);
  }

  /** @param {boolean} solid whether in three dimensions */
  async #turn(solid) {
    if (solid && !this.#view3d) {
      const { View3d } = await import("./view3d.js");
      this.#view3d = new View3d();
      this.#place.append(this.#view3d.element);
    }
    this.#solid = solid;
    this.#press();
    this.#repaint();
  }

  #press() {
    this.#buttons.forEach((button, index) =>
      button.setAttribute("aria-pressed", String(this.#solid === (index === 1))),
    );
    this.#map.element.hidden = this.#solid;
    this.#place.hidden = !this.#solid;
    this.#arrows.disabled = this.#solid;
  }
}
