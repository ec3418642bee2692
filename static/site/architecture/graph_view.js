/** The graph of an architecture to look at: moved and enlarged by pointer, fingers and keys, unfolded where pressed. */

/** @import { Group, PlanNode, Variant } from "./folding.js" */
/** @import { Box } from "./layering.js" */
/** @import { Arrow, View } from "./viewport.js" */

import { element, onNextFrame, setAttribute } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { groupsAround, groupsOf, treeOf } from "./folding.js";
import { listenToGestures } from "./gestures.js";
import { paintGraph, sceneOf } from "./graph_painter.js";
import { placed } from "./layering.js";
import { boxAt, fitted, kept, neighbour, pointOf, seen, zoomed } from "./viewport.js";
import { partDetail, partName } from "./words.js";

const TEXTS = texts(import.meta.url, {
  graph: [
    "Graph of {name}. Arrow keys go from node to node, Enter unfolds, Backspace folds, plus and minus zoom,",
    "0 shows all, Shift and an arrow move the graph.",
  ],
  folded: "{name}: {detail}, folded",
  unfolded: "{name}: {detail}, unfolded",
  node: "{name}: {detail}",
});

const STEP = 60;

export class GraphView {
  #canvas = element("canvas", {
    class: "graph-canvas",
    tabindex: "0",
    role: "application",
    "aria-label": TEXTS.graph({ name: "" }),
  });
  #status = element("p", { class: "visually-hidden", role: "status" });
  /** @type {Variant | null} */
  #variant = null;
  /** @type {Group | null} */
  #tree = null;
  /** @type {Set<string>} */
  #opened = new Set();
  /** @type {ReturnType<typeof sceneOf> | null} */
  #scene = null;
  /** @type {View} */
  #view = { x: 0, y: 0, scale: 1 };
  #size = { width: 0, height: 0, ratio: 1 };
  /** @type {string | null} */
  #selected = null;
  /** @type {string | null} */
  #pointed = null;
  #paint = onNextFrame(() => this.#draw());
  /** @type {(part: Group | PlanNode | null) => void} */
  #onSelect;

  /** @param {HTMLElement} place @param {(part: Group | PlanNode | null) => void} [onSelect] */
  constructor(place, onSelect = () => {}) {
    this.#onSelect = onSelect;
    place.replaceChildren(this.#canvas, this.#status);
    new ResizeObserver(() => this.#resized()).observe(place);
    new MutationObserver(this.#paint).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.#canvas.addEventListener("keydown", (event) => this.#key(event));
    listenToGestures(this.#canvas, {
      moveBy: (x, y) => this.moveBy(x, y),
      zoomAt: (factor, at) => this.#show(zoomed(this.#view, factor, at)),
      press: (at) => this.#press(at),
      point: (at) => this.#point(at),
    });
  }

  /** @param {Variant} variant another one, or the same with other options */
  show(variant) {
    this.#variant = variant;
    this.#tree = treeOf(variant);
    const known = new Set(groupsOf(this.#tree).map(({ id }) => id));
    this.#opened = new Set([...this.#opened].filter((id) => known.has(id)));
    this.#selected = null;
    setAttribute(this.#canvas, "aria-label", TEXTS.graph({ name: variant.label }));
    this.#arrange();
    this.fit();
  }

  /** How many nodes and groups are drawn, and how many of the nodes there are. */
  get counts() {
    return { drawn: this.#scene?.placed.boxes.length ?? 0, nodes: this.#variant?.nodes.length ?? 0 };
  }

  fit() {
    if (this.#scene) this.#show(fitted(this.#scene.placed, this.#size));
  }

  /** @param {number} factor */
  zoom(factor) {
    this.#show(zoomed(this.#view, factor, { x: this.#size.width / 2, y: this.#size.height / 2 }));
  }

  /** @param {number} x @param {number} y pixels of the window */
  moveBy(x, y) {
    this.#show({ ...this.#view, x: this.#view.x + x, y: this.#view.y + y });
  }

  /** @param {boolean} all whether every group is unfolded, or every one folded */
  unfold(all) {
    if (!this.#tree) return;
    this.#opened = new Set(all ? groupsOf(this.#tree).map(({ id }) => id) : []);
    this.#arrange();
    this.fit();
  }

  /** Select a node, unfold what it is in, and bring it into view. @param {string} name */
  reveal(name) {
    if (!this.#tree) return;
    for (const { id } of groupsAround(this.#tree, name)) this.#opened.add(id);
    this.#arrange();
    const box = this.#boxOf(name);
    if (box) this.#select(box);
    if (box) this.#center(box);
  }

  /** @param {string} id */
  #boxOf(id) {
    return this.#scene?.placed.boxes.find((box) => box.id === id) ?? null;
  }

  #arrange() {
    if (!this.#tree || !this.#variant) return;
    this.#scene = sceneOf(placed(this.#tree, this.#opened, this.#variant.input), this.#variant.kinds);
    this.#paint();
  }

  /** @param {View} view */
  #show(view) {
    if (!this.#scene) return;
    this.#view = kept(view, this.#scene.placed, this.#size);
    this.#paint();
  }

  #resized() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const ratio = devicePixelRatio;
    const first = this.#size.width === 0;
    const by = (width - this.#size.width) / 2;
    this.#size = { width, height, ratio };
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    if (first) this.fit();
    else this.moveBy(by, 0);
    this.#draw();
  }

  #draw() {
    const context = this.#canvas.getContext("2d");
    if (!context || !this.#scene) return;
    const marked = { selected: this.#selected, pointed: this.#pointed };
    paintGraph(context, this.#scene, this.#view, this.#size, marked);
  }

  /** @param {{ x: number, y: number }} at of the window */
  #press(at) {
    const box = this.#under(at);
    if (!box) return;
    this.#select(box);
    if (box.part && "children" in box.part) this.#toggle(box);
  }

  /** @param {{ x: number, y: number }} at */
  #under(at) {
    return this.#scene && boxAt(this.#scene.placed.boxes, pointOf(this.#view, at));
  }

  /** @param {{ x: number, y: number } | null} at */
  #point(at) {
    const box = at && this.#under(at);
    this.#canvas.classList.toggle("on-box", Boolean(box));
    if ((box?.id ?? null) === this.#pointed) return;
    this.#pointed = box?.id ?? null;
    this.#paint();
  }

  /** Fold or unfold a group; its corner stays where it is. @param {Box} box */
  #toggle(box) {
    if (!this.#opened.delete(box.id)) this.#opened.add(box.id);
    this.#arrange();
    const after = this.#boxOf(box.id);
    if (!after) return;
    const { scale } = this.#view;
    const middle = (/** @type {Box} */ each) => each.x + each.width / 2;
    this.moveBy((middle(box) - middle(after)) * scale, (box.y - after.y) * scale);
    this.#select(after);
  }

  /** @param {Box} box */
  #select(box) {
    this.#selected = box.id;
    this.#onSelect(box.part);
    const words = {
      name: partName(box.part),
      detail: this.#variant ? partDetail(box.part, this.#variant.kinds) : "",
    };
    const group = box.part && "children" in box.part;
    this.#status.textContent = (!group ? TEXTS.node : box.open ? TEXTS.unfolded : TEXTS.folded)(words);
    this.#paint();
  }

  /** Move the graph so that a box is seen. @param {Box} box */
  #center(box) {
    const part = seen(this.#view, this.#size);
    const inside = box.x >= part.left && box.x + box.width <= part.right && box.y >= part.top;
    if (inside && box.y + Math.min(box.height, 60) <= part.bottom) return;
    const { scale } = this.#view;
    const x = this.#size.width / 2 - (box.x + box.width / 2) * scale;
    this.#show({ scale, x, y: this.#size.height / 2 - (box.y + Math.min(box.height, 60) / 2) * scale });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = this.#actionOf(event);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  /** @param {KeyboardEvent} event @returns {(() => void) | null} */
  #actionOf({ key, shiftKey }) {
    /** @type {Record<string, [number, number]>} */
    const moves = { ArrowUp: [0, STEP], ArrowDown: [0, -STEP], ArrowLeft: [STEP, 0], ArrowRight: [-STEP, 0] };
    const move = moves[key];
    if (move && shiftKey) return () => this.moveBy(...move);
    if (move) return () => this.#go(/** @type {Arrow} */ (key));
    /** @type {Record<string, () => void>} */
    const actions = {
      "+": () => this.zoom(1.25),
      "=": () => this.zoom(1.25),
      "-": () => this.zoom(0.8),
      0: () => this.fit(),
      Enter: () => this.#turn(),
      " ": () => this.#turn(),
      Backspace: () => this.#foldAround(),
    };
    return actions[key] ?? null;
  }

  /** @param {Arrow} direction */
  #go(direction) {
    const boxes = this.#scene?.placed.boxes ?? [];
    const from = this.#selected === null ? null : this.#boxOf(this.#selected);
    const to = from ? neighbour(boxes, from, direction) : boxes[0];
    if (!to) return;
    this.#select(to);
    this.#center(to);
  }

  /** Fold or unfold the selected group. */
  #turn() {
    const box = this.#selected === null ? null : this.#boxOf(this.#selected);
    if (box?.part && "children" in box.part) this.#toggle(box);
  }

  /** Fold the group around what is selected. */
  #foldAround() {
    if (!this.#tree || this.#selected === null) return;
    const selected = this.#selected;
    const around = groupsOf(this.#tree).filter(
      ({ id, children }) =>
        this.#opened.has(id) && (id === selected || children.some((part) => nameOf(part) === selected)),
    );
    const box = around.length ? this.#boxOf(around.at(-1)?.id ?? "") : null;
    if (!box) return;
    this.#toggle(box);
    const after = this.#boxOf(box.id);
    if (after) this.#center(after);
  }
}

/** @param {Group | PlanNode} part */
function nameOf(part) {
  return "children" in part ? part.id : part.name;
}
