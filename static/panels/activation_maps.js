/** Every layer's maps of the chosen input, as a grid: sorted, filtered, on a scale that is shown. */

/** @import { Frame } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { StageView } from "../network/layout.js" */
/** @import { Panel } from "../widgets/lazy_panel.js" */
/** @import { Range, Scope } from "../draw/maps.js" */
/** @import { Pictures } from "../draw/surface.js" */

import { onNextBeat } from "../core/paint_scheduler.js";
import { element, icon, setAttribute, setText } from "../core/dom.js";
import { Strip } from "../draw/heatmap.js";
import { mapTables, networkRange, shapeCaption } from "../draw/maps.js";
import { fitCanvas } from "../draw/plot.js";
import { LEVELS, pictureAt, picturesOf, rangeAt, valueIn } from "../draw/surface.js";
import { roundedTo, shortNumber } from "../core/format.js";
import { nodeItem } from "../catalog/catalog.js";
import { color } from "../draw/theme_colors.js";
import { demandChanged } from "../widgets/lazy_panel.js";
import { classNames, targetOf } from "../run/maps.js";

const GAP = 5;

/** Milliseconds between two sortings while training: maps that jump about cannot be read. */
const SORT_EVERY = 1500;

/** @typedef {"index" | "strength"} Order */
/** Silent maps say nothing of this picture; dead ones say nothing of any in the test set. */

/** @typedef {"all" | "active" | "silent" | "dead"} Filter */

/**
 * How strong each map of a node is: the mean of its absolute values, from levels and ranges.
 *
 * @param {Pictures} pictures
 * @returns {number[]}
 */
export function strengths(pictures) {
  return Array.from({ length: pictures.count }, (_, index) => {
    const [low, high] = rangeAt(pictures, index);
    const levels = pictureAt(pictures, index);
    let sum = 0;
    for (const level of levels) sum += Math.abs(low + ((high - low) * level) / 255);
    return sum / Math.max(1, levels.length);
  });
}

/**
 * The maps of a node that are shown, in their order.
 *
 * @param {number[]} strength of each @param {Order} order @param {Filter} filter
 * @param {ArrayLike<number> | null} [peaks] the most that each gives over a set
 * @returns {number[]}
 */
export function chosenMaps(strength, order, filter, peaks = null) {
  const kept = (/** @type {number} */ index) => {
    const silent = (strength[index] ?? 0) === 0;
    if (filter === "dead") return peaks !== null && (peaks[index] ?? 1) <= 0;
    return filter === "all" || (filter === "silent") === silent;
  };
  const all = strength.map((_, index) => index).filter(kept);
  return order === "index" ? all : all.sort((one, other) => (strength[other] ?? 0) - (strength[one] ?? 0));
}

/** @param {RunControl} run @param {StageView} stage @returns {Panel} */
export function activationMapsPanel(run, stage) {
  /** @type {Map<string, Layer>} */
  const layers = new Map();
  const list = element("div", { class: "map-layers" });
  const words = element("output", { class: "note map-words" });
  const said = element("span", { class: "note" });
  const show = onNextBeat(() => paint());
  const scope = chooser(
    "Scale",
    "map-scope",
    [
      ["map", "each map"],
      ["layer", "layer"],
      ["network", "network"],
    ],
    show,
  );
  const order = chooser(
    "Order",
    "map-order",
    [
      ["index", "by number"],
      ["strength", "by strength"],
    ],
    () => resort(),
  );
  const filter = chooser(
    "Show",
    "map-filter",
    [
      ["all", "all maps"],
      ["active", "active ones"],
      ["silent", "silent ones"],
      ["dead", "dead ones"],
    ],
    () => {
      demandChanged();
      resort();
    },
  );
  const size = chooser(
    "Size",
    "map-size",
    [
      ["44", "small"],
      ["64", "medium"],
      ["96", "large"],
    ],
    show,
  );
  const input = element(
    "div",
    { class: "map-input" },
    element(
      "button",
      {
        type: "button",
        class: "icon-button turned",
        "aria-label": "The sample before",
        title: "The sample before",
        onclick: () => turn(-1),
      },
      icon("up"),
    ),
    said,
    element(
      "button",
      {
        type: "button",
        class: "icon-button turned back",
        "aria-label": "The next sample",
        title: "The next sample",
        onclick: () => turn(1),
      },
      icon("up"),
    ),
  );
  const empty = element("p", { class: "note" }, "Maps of the chosen picture appear with the next step.");
  let sorted = 0;

  /** @param {number} by */
  function turn(by) {
    const { input: chosen, description } = run.state;
    const set = chosen["kind"] === "sample" ? String(chosen["set"]) : "test";
    const count = /** @type {Record<string, number>} */ (description?.data?.sets ?? {})[set] ?? 1;
    const index = chosen["kind"] === "sample" ? (Number(chosen["index"]) + by + count) % count : 0;
    run.store.set({ input: { kind: "sample", set, index } });
  }

  function resort() {
    sorted = 0;
    show();
  }

  function paint() {
    const frame = run.latest.get("activation_maps");
    if (!frame || list.clientWidth === 0) return;
    empty.hidden = true;
    setText(said, sampleWords(run, frame));
    const network = networkRange(frame);
    const { description } = run.state;
    const nodes = description ? [description.input, ...description.nodes] : [];
    const names = nodes.map(({ name }) => name).filter((name) => frame.arrays.has(`maps/${name}`));
    for (const [name, layer] of layers) {
      if (names.includes(name)) continue;
      layer.element.remove();
      layers.delete(name);
    }
    const now = performance.now();
    const sort = now - sorted > SORT_EVERY || run.state.status?.state !== "training";
    if (sort) sorted = now;
    const options = {
      scope: /** @type {Scope} */ (scope.value),
      order: /** @type {Order} */ (order.value),
      filter: /** @type {Filter} */ (filter.value),
      size: Number(size.value),
      network,
      sort,
    };
    for (const name of names) {
      if (!layers.has(name)) layers.set(name, new Layer(run, stage, name, words));
    }
    const inOrder = names.map((name) => layers.get(name)?.element).filter((each) => each !== undefined);
    if (inOrder.some((each, index) => list.children[index] !== each)) list.replaceChildren(...inOrder);
    for (const name of names) layers.get(name)?.paint(frame, options);
  }

  run.onFrame("activation_maps", show);
  run.onFrame("peaks", () => resort());
  run.store.watch((state) => state.theme, show);
  run.store.watch((state) => `${state.selected} ${state.unit}`, show);
  new ResizeObserver(show).observe(list);
  const bar = element(
    "div",
    { class: "map-bar" },
    input,
    scope.label,
    order.label,
    filter.label,
    size.label,
    words,
  );
  // The drawing shows the same maps, and asks for them all the time.
  return {
    element: element("div", { class: "maps-panel" }, bar, empty, list),
    demand: () => (filter.value === "dead" ? [{ kind: "peaks" }] : []),
  };
}

/** @param {RunControl} run @param {Frame} frame */
function sampleWords(run, frame) {
  const { kind, set, index } = /** @type {Record<string, unknown>} */ (
    run.demandOf(frame)["input"] ?? run.state.input
  );
  const classes = classNames(run);
  const target = targetOf(frame);
  const truth = target === null ? "" : `, class ${classes[target] ?? target}`;
  if (kind === "sample") return `${set} sample ${index}${truth}`;
  return kind === "values" ? "your drawing" : "your picture";
}

/**
 * @param {string} words @param {string} name under which the choice is remembered @param {[string, string][]}
 * entries @param {() => void} changed
 */
function chooser(words, name, entries, changed) {
  const stored = localStorage.getItem(name);
  const select = element(
    "select",
    { "aria-label": words },
    ...entries.map(([value, text]) => element("option", { value, selected: value === stored }, text)),
  );
  select.addEventListener("change", () => {
    localStorage.setItem(name, select.value);
    changed();
  });
  return {
    label: element(
      "label",
      { class: "map-choice" },
      element("span", {}, words),
      element("span", { class: "select" }, select),
    ),
    get value() {
      return select.value;
    },
  };
}

/**
 * @typedef {{ scope: Scope, order: Order, filter: Filter, size: number, network: Range, sort: boolean }}
 * Options
 */

/** One node's maps. */
class Layer {
  #run;
  #stage;
  #name;
  #words;
  #strip = new Strip();
  #canvas = element("canvas", { class: "map-grid", role: "img", tabindex: 0 });
  #caption = element("b", {});
  #shape = element("span", { class: "note" });
  #count = element("span", { class: "note" });
  #ramp = element("span", { class: "map-ramp" });
  #ends = [element("span", {}), element("span", {})];
  /** Maps on screen, in their order. @type {number[]} */
  #shown = [];
  /** @type {Pictures | null} */
  #pictures = null;
  #size = 44;
  #focus = -1;
  /** Where the pointer rests on the canvas. @type {{ x: number, y: number } | null} */
  #pointer = null;

  /** @param {RunControl} run @param {StageView} stage @param {string} name @param {HTMLElement} words */
  constructor(run, stage, name, words) {
    this.#run = run;
    this.#stage = stage;
    this.#name = name;
    this.#words = words;
    const scale = element("div", { class: "map-scale" }, this.#ends[0], this.#ramp, this.#ends[1]);
    const head = element("div", { class: "map-head" }, this.#caption, this.#shape, scale, this.#count);
    this.element = element("section", { class: "map-layer" }, head, this.#canvas);
    this.#canvas.addEventListener("pointermove", ({ offsetX, offsetY }) =>
      this.#point({ x: offsetX, y: offsetY }),
    );
    this.#canvas.addEventListener("pointerleave", () => this.#point(null));
    this.#canvas.addEventListener("click", (event) =>
      this.#open(this.#placeAt(event.offsetX, event.offsetY)),
    );
    this.#canvas.addEventListener("keydown", (event) => this.#key(event));
    this.#canvas.addEventListener("blur", () => this.#turnTo(-1));
  }

  /** @param {Frame} frame @param {Options} options */
  paint(frame, { scope, order, filter, size, network, sort }) {
    const pictures = (this.#pictures = picturesOf(frame, `maps/${this.#name}`));
    const context = this.#canvas.getContext("2d");
    if (!pictures || !context) return;
    const { theme, catalog, description } = this.#run.state;
    const strength = strengths(pictures);
    const peaks = this.#run.latest.get("peaks")?.arrays.get(`peak/${this.#name}`)?.data ?? null;
    if (sort || this.#shown.some((index) => index >= pictures.count))
      this.#shown = chosenMaps(strength, order, filter, peaks);
    const whole = frame.arrays.get(`maps/${this.#name}.shape`)?.data;
    const node = description?.nodes.find(({ name }) => name === this.#name);
    const silent = strength.filter((each) => each === 0).length;
    setText(this.#caption, this.#name);
    this.#caption.title = node ? (nodeItem(catalog, node.kind)?.label ?? node.kind) : "What the network gets";
    setText(
      this.#shape,
      shapeCaption(whole ? Array.from(whole) : [pictures.count, pictures.height, pictures.width]),
    );
    setText(
      this.#count,
      [
        whole && (whole[0] ?? 0) > pictures.count ? `the first ${pictures.count}` : "",
        silent > 0 ? `${silent} silent` : "",
      ]
        .filter(Boolean)
        .join(", "),
    );
    const { tables, scale, signed } = mapTables(pictures, scope, network, theme);
    this.#showScale(scope, scale, signed);
    this.#size = size;
    const across = this.#across();
    const rows = Math.max(1, Math.ceil(this.#shown.length / across));
    this.#canvas.style.setProperty("height", `${this.#shown.length ? rows * (size + GAP) : 18}px`);
    this.#strip.resize(pictures.count, pictures.width, pictures.height);
    tables.forEach((table, index) => this.#strip.color(index, pictureAt(pictures, index), table));
    this.#strip.put();
    const { width, height } = fitCanvas(this.#canvas, context);
    context.clearRect(0, 0, width, height);
    context.imageSmoothingEnabled = false;
    this.#shown.forEach((index, at) => this.#drawOne(context, index, at, across));
    if (this.#shown.length === 0) {
      context.fillStyle = color("ink-3");
      context.font = `12px ${color("font")}`;
      context.fillText(
        filter === "dead"
          ? this.#run.latest.has("peaks")
            ? "none is dead: each says something of some test sample"
            : "looking at the test set …"
          : `none is ${filter}`,
        0,
        13,
      );
    }
    this.#sayPointed();
    setAttribute(
      this.#canvas,
      "aria-label",
      `${this.#name}: ${this.#shown.length} maps, ${shortNumber(scale.low)} to ${shortNumber(scale.high)}`,
    );
  }

  /**
   * @param {CanvasRenderingContext2D} context @param {number} index @param {number} at @param {number} across
   */
  #drawOne(context, index, at, across) {
    const size = this.#size;
    const [x, y] = [(at % across) * (size + GAP) + 0.5, Math.floor(at / across) * (size + GAP) + 0.5];
    this.#strip.draw(context, index, x, y, size, size);
    const { selected, unit } = this.#run.state;
    const column = this.#column();
    const chosen = (column !== undefined && column.name === selected && unit === index) || at === this.#focus;
    context.strokeStyle = color(chosen ? "accent" : "tile-line");
    context.lineWidth = chosen ? 2.5 : 1;
    context.strokeRect(x, y, size, size);
  }

  /** @param {Scope} scope @param {Range} scale @param {boolean} signed */
  #showScale(scope, scale, signed) {
    const size = Math.max(Math.abs(scale.low), Math.abs(scale.high));
    const own = scope === "map";
    this.#ramp.classList.toggle("signed", signed);
    setText(
      this.#ends[0] ?? this.#ramp,
      own ? (signed ? "least" : "0") : shortNumber(signed ? -size : Math.min(0, scale.low)),
    );
    setText(this.#ends[1] ?? this.#ramp, own ? "most of each" : shortNumber(signed ? size : scale.high));
    this.#ramp.title =
      `${shortNumber(scale.low)} to ${shortNumber(scale.high)} in the ` +
      `${scope === "network" ? "network" : "layer"}`;
  }

  #across() {
    return Math.max(1, Math.floor((this.#canvas.clientWidth + GAP) / (this.#size + GAP)));
  }

  /** The place in the order that is under a point, or −1. @param {number} x @param {number} y */
  #placeAt(x, y) {
    const step = this.#size + GAP;
    const across = this.#across();
    const [column, row] = [Math.floor(x / step), Math.floor(y / step)];
    const at = row * across + column;
    return column < across && x % step < this.#size && y % step < this.#size && at < this.#shown.length
      ? at
      : -1;
  }

  /** @param {{ x: number, y: number } | null} pointer on the canvas */
  #point(pointer) {
    this.#pointer = pointer;
    if (!this.#sayPointed()) setText(this.#words, "");
  }

  /** What is pointed at, or the keyboard is on, by the newest frame; whether there is something. */
  #sayPointed() {
    const { x, y } = this.#pointer ?? { x: -1, y: -1 };
    const at = this.#placeAt(x, y);
    const step = this.#size + GAP;
    if (this.#pointer && at >= 0) this.#say(at, (x % step) / this.#size, (y % step) / this.#size);
    else if (this.#focus >= 0) this.#say(this.#focus, 0.5, 0.5);
    return at >= 0 || this.#focus >= 0;
  }

  /** @param {number} at @param {number} x @param {number} y shares of the map's sides */
  #say(at, x, y) {
    const pictures = this.#pictures;
    const index = this.#shown[at];
    if (!pictures || index === undefined) return;
    const [low, high] = rangeAt(pictures, index);
    const place = `row ${Math.floor(y * pictures.height) + 1}, column ${Math.floor(x * pictures.width) + 1}`;
    setText(
      this.#words,
      `${this.#name}, map ${index + 1}, ${place}: ` +
        `${roundedTo((high - low) / LEVELS, valueIn(pictures, index, x, y))} (${shortNumber(low)} to ` +
        `${shortNumber(high)})`,
    );
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const by = /** @type {Record<string, number>} */ ({
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -this.#across(),
      ArrowDown: this.#across(),
    })[event.key];
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return this.#open(this.#focus);
    }
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.#turnTo(Math.min(this.#shown.length - 1, Math.max(0, this.#focus + by)));
    this.#sayPointed();
  }

  /** @param {number} at */
  #turnTo(at) {
    this.#focus = at;
    const context = this.#canvas.getContext("2d");
    const across = this.#across();
    if (context) this.#shown.forEach((index, place) => this.#drawOne(context, index, place, across));
  }

  /** Look into a map: how its numbers come about. @param {number} at */
  #open(at) {
    const index = this.#shown[at];
    const column = this.#column();
    if (index !== undefined && column && !column.data)
      this.#stage.inspect(column.name, index, "arithmetic", true);
  }

  /** The column of the drawing that holds this node. */
  #column() {
    return this.#stage.layout?.columns.find(
      ({ name, members }) => name === this.#name || members.some((member) => member.name === this.#name),
    );
  }
}
