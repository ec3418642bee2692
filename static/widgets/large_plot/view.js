/** The picture of a large plot: drawn by Plotly, moved by hand, buttons and keys, and taken away. */

/** @import { Figure, Trace } from "../../draw/figure.js" */
/** @import { DrawThrottle } from "./draw_throttle.js" */
/** @import { Camera, Range } from "./moves.js" */
/** @import { Plotly } from "./plotly.js" */

import { element, iconButton, setAttribute } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { thinnedTraces } from "../../draw/figure.js";
import { segments } from "../study_form.js";
import { template } from "./look.js";
import { farther, shifted, stretched, turned } from "./moves.js";
import { plotly } from "./plotly.js";
import { Takeaway } from "./takeaway.js";

const TEXTS = texts(import.meta.url, {
  dragging: "Dragging",
  zoom: "Zoom",
  move: "Move",
  seenAs: "Seen as",
  zoomIn: "Zoom in (+)",
  zoomOut: "Zoom out (−)",
  asItWas: "As it was (0)",
  arrowKeysTurnIt: "Arrow keys turn it",
  arrowKeysMoveIt: "Arrow keys move it",
  plusMinusAndZoom: "{name}. {how}; plus, minus and 0 zoom.",
});

/**
 * @typedef {{ name: string, title: () => string, figure: (shown: any, view: string) => Figure, views?: [string,
 * string][] }} Source
 */

/**
 * The elements Plotly draws in tell what they show.
 *
 * @typedef {HTMLElement & { layout?: any, on?: (event: string, listener: () => void) => void }} Host
 */

/** What Plotly shall do without: its own buttons, tips, and everything that leads elsewhere. */
const CONFIG = {
  displayModeBar: false,
  displaylogo: false,
  showTips: false,
  showSendToCloud: false,
  plotlyServerURL: "",
  doubleClick: false,
  scrollZoom: true,
  responsive: false,
};

/** How far one press goes: as a share of a range, in radians, and as times. */
const [STEP, ANGLE, TIMES] = [0.1, Math.PI / 24, 1.25];

export class LargeView {
  #plotly;
  #source;
  #throttle;
  /** @type {Figure | null} */
  #figure = null;
  /** Where a hand has moved to, of each part of the layout; what is not here is as the figure has it. */
  #moved = /** @type {{ xaxis?: Range, yaxis?: Range, camera?: Camera }} */ ({});
  /** The layout as Plotly has it. @type {Record<string, unknown>} */
  #laidOut = {};
  #view;
  #drag = "zoom";
  /** @type {Host} */
  #host = element("div", { class: "large-picture", tabindex: 0, role: "application" });
  #drags = segments(
    TEXTS.dragging,
    [
      ["zoom", TEXTS.zoom],
      ["pan", TEXTS.move],
    ],
    "zoom",
    (drag) => ((this.#drag = drag), this.#throttle.now()),
  );
  #taken;
  #resized = new ResizeObserver(() => this.#throttle.ask());
  element;

  /** The view, when what draws it is there. @param {Source} source @param {DrawThrottle} throttle of drawings */
  static async open(source, throttle) {
    return new LargeView(await plotly(), source, throttle);
  }

  /** @param {Plotly} library @param {Source} source @param {DrawThrottle} throttle */
  constructor(library, source, throttle) {
    this.#plotly = library;
    this.#source = source;
    this.#throttle = throttle;
    this.#view = source.views?.[0]?.[0] ?? "";
    this.#taken = new Takeaway(library, source, () => this.#shown());
    this.element = element("div", { class: "large-view" }, this.#tools(), this.#host);
    this.#listen();
  }

  #tools() {
    const { views } = this.#source;
    const ways = views && segments(TEXTS.seenAs, views, this.#view, (view) => this.#turnTo(view)).element;
    return element(
      "div",
      { class: "large-tools" },
      ways,
      this.#drags.element,
      iconButton("add", TEXTS.zoomIn, () => this.#zoom(1 / TIMES)),
      iconButton("less", TEXTS.zoomOut, () => this.#zoom(TIMES)),
      iconButton("reset", TEXTS.asItWas, () => this.#restore()),
      element("div", { class: "large-taken" }, ...this.#taken.buttons),
    );
  }

  #listen() {
    this.#resized.observe(this.#host);
    this.#host.addEventListener("keydown", (event) => this.#key(event));
    this.#host.addEventListener("dblclick", () => this.#restore());
    this.#host.addEventListener("pointerdown", () => {
      this.#throttle.hold(true);
      const release = () => this.#throttle.hold(false);
      for (const end of ["pointerup", "pointercancel"]) addEventListener(end, release, { once: true });
    });
  }

  /** @param {unknown} shown */
  async draw(shown) {
    const { clientWidth: width, clientHeight: height } = this.#host;
    if (width === 0 || height === 0) return;
    this.#figure = this.#source.figure(shown, this.#view);
    this.#drags.element.hidden = this.#solid;
    setAttribute(this.#host, "aria-label", this.#label);
    const first = this.#host.layout === undefined;
    // Always the same object: a scene goes on telling the one that it was made with how it is turned.
    replace(this.#laidOut, this.#layout(width, height));
    await this.#plotly.react(this.#host, this.#traces(this.#figure, width), this.#laidOut, CONFIG);
    // Plotly makes `on` with its first drawing.
    if (first) this.#host.on?.("plotly_relayout", () => this.#follow());
  }

  end() {
    this.#resized.disconnect();
    this.#plotly.purge(this.#host);
  }

  get #solid() {
    return this.#figure?.layout["scene"] !== undefined;
  }

  get #label() {
    const how = this.#solid ? TEXTS.arrowKeysTurnIt : TEXTS.arrowKeysMoveIt;
    return TEXTS.plusMinusAndZoom({ name: this.#source.name, how });
  }

  /** @param {Figure} figure @param {number} width @returns {Trace[]} */
  #traces({ traces, layout }, width) {
    const range = this.#moved.xaxis ?? layout["xaxis"]?.range;
    if (!range) return traces;
    const log = layout["xaxis"].type === "log";
    const [low, high] = log ? range.map((/** @type {number} */ end) => 10 ** end) : range;
    return thinnedTraces(traces, { low, high, log }, width);
  }

  /** The figure's layout where a hand has moved it to. @param {number} width @param {number} height */
  #layout(width, height) {
    const { layout } = /** @type {Figure} */ (this.#figure);
    const { xaxis, yaxis, camera } = this.#moved;
    return {
      ...layout,
      ...(layout["xaxis"] ? { xaxis: { ...layout["xaxis"], ...(xaxis && { range: xaxis }) } } : {}),
      ...(layout["yaxis"] ? { yaxis: { ...layout["yaxis"], ...(yaxis && { range: yaxis }) } } : {}),
      ...(this.#solid
        ? { scene: { ...layout["scene"], camera: camera ?? this.#camera(width, height) } }
        : {}),
      template: template(),
      dragmode: this.#solid ? "turntable" : this.#drag,
      margin: this.#solid ? { l: 0, r: 8, t: 32, b: 8 } : { l: 64, r: 24, t: 44, b: 56 },
      width,
      height,
    };
  }

  /** From where a scene is seen first: from farther where there is little room across. */
  #camera(/** @type {number} */ width, /** @type {number} */ height) {
    return farther(this.#figure?.layout["scene"].camera, Math.max(1, height / width));
  }

  /** What is drawn now, as Plotly has it: with what the legend hides, and from where it is seen. */
  #shown() {
    const { data, layout } = /** @type {any} */ (this.#host);
    return this.#figure && layout ? { data, layout, series: this.#figure.series } : null;
  }

  // Moving --------------------------------------------------------------------------------------------

  /** A hand has moved it: where it is now, it stays. */
  #follow() {
    const { xaxis, yaxis, scene } = this.#host.layout;
    if (this.#solid) this.#moved = { camera: structuredClone(scene.camera) };
    else this.#moved = { xaxis: xaxis.range.slice(), yaxis: yaxis.range.slice() };
    this.#throttle.now();
  }

  /** @param {string} view */
  #turnTo(view) {
    this.#view = view;
    this.#restore();
  }

  #restore() {
    this.#moved = {};
    this.#throttle.now();
  }

  /**
   * @param {{ x: (range: Range) => Range, y: (range: Range) => Range, camera: (camera: Camera) => Camera }} by
   */
  #move({ x, y, camera }) {
    if (!this.#figure) return;
    const { layout } = this.#figure;
    const { xaxis, yaxis, camera: from } = this.#moved;
    this.#moved = this.#solid
      ? { camera: camera(from ?? this.#camera(this.#host.clientWidth, this.#host.clientHeight)) }
      : { xaxis: x(xaxis ?? layout["xaxis"].range), yaxis: y(yaxis ?? layout["yaxis"].range) };
    this.#throttle.now();
  }

  /** @param {number} times */
  #zoom(times) {
    const stretch = (/** @type {Range} */ range) => stretched(range, times);
    this.#move({ x: stretch, y: stretch, camera: (camera) => farther(camera, times) });
  }

  /** @param {number} right @param {number} up */
  #go(right, up) {
    this.#move({
      x: (range) => shifted(range, STEP * right),
      y: (range) => shifted(range, STEP * up),
      camera: (camera) => turned(camera, ANGLE * right, ANGLE * up),
    });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = {
      ArrowLeft: () => this.#go(-1, 0),
      ArrowRight: () => this.#go(1, 0),
      ArrowUp: () => this.#go(0, 1),
      ArrowDown: () => this.#go(0, -1),
      "+": () => this.#zoom(1 / TIMES),
      "=": () => this.#zoom(1 / TIMES),
      "-": () => this.#zoom(TIMES),
      0: () => this.#restore(),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
}

/** Make one object hold what another holds. @param {Record<string, unknown>} kept @param {object} next */
function replace(kept, next) {
  for (const key of Object.keys(kept)) delete kept[key];
  Object.assign(kept, next);
}
