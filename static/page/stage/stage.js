/** The stage: the network alive, with everything one can do to it where it stands. */

/** @import { RunControl } from "../../run/run.js" */
/** @import { State } from "../../run/state.js" */
/** @import { Focus } from "../../draw/edges.js" */
/** @import { Layout, Placed } from "../../network/layout.js" */
/** @import { Edge } from "./hints.js" */
/** @import { StageLayout } from "./stage_layout.js" */

/** @typedef {Edge & { x: number, y: number }} EdgeClick */

import { element, setAttribute, setText } from "../../core/dom.js";
import { forFingers } from "../../core/target.js";
import { texts } from "../../core/texts.js";
import { hasPlane, inputNames } from "../../catalog/catalog.js";
import { edgeAt } from "../../draw/edges.js";
import { bestClass, classNames, mapsDemand } from "../../run/maps.js";
import { unitName } from "../../network/names.js";
import { ColumnFooters } from "./column_footers.js";
import { Folding } from "./folding.js";
import { edgeHint, isPictured, networkLabel, unitHint } from "./hints.js";
import { NetworkPicture } from "./network_picture.js";
import { Pointing } from "./pointing.js";
import { shownStep } from "./shown_step.js";
import { columnsWithUnits, edgeCount, heatmapResolution, stageLayout } from "./stage_layout.js";
import { UnitAnnouncement } from "./unit_announcement.js";
import { UnitButtons } from "./unit_buttons.js";
import { wholeNetworkTools } from "./whole_network.js";

const TEXTS = texts(import.meta.url, {
  theNetworkAppearsHere: "The network appears here.",
});

export class Stage {
  #run;
  #root;
  /** @type {StageLayout | null} */
  #shown = null;
  #picture;
  #footers;
  #buttons = new UnitButtons({
    choose: (column, unit) => this.#choose(column, unit),
    focus: (focus, byKeyboard) => this.#moveFocus(focus, byKeyboard),
    turnUnits: (head) => this.#refold(() => this.#folding.turnUnits(head)),
    turnBlock: (block) =>
      this.#refold(() => this.#folding.turnBlock(block, this.#shown?.fitting ?? new Set())),
  });
  #folding = new Folding();
  /** The class that the network says, when it was last arranged. @type {number | null} */
  #best = null;
  #pointing = new Pointing();
  #announcement = new UnitAnnouncement(() => this.#keyedHint());
  /** What looks at the whole network; hidden until there is one. */
  #whole = wholeNetworkTools((tab) => this.#inspectWhole(tab));
  #hint = element("p", { class: "stage-hint", "aria-hidden": true });
  #empty = element("p", { class: "stage-empty" }, TEXTS.theNetworkAppearsHere);
  #inner = element("div", { class: "stage-inner" });
  /** @type {string | null} */
  #selectedHead = null;
  /** @type {Set<() => void>} */
  #watchers = new Set();
  /** @type {Set<(edge: EdgeClick) => void>} */
  #edgeListeners = new Set();
  /** @type {Set<(tab: string, instead: boolean) => void>} */
  #inspectors = new Set();

  /** @param {HTMLElement} root @param {RunControl} run */
  constructor(root, run) {
    this.#run = run;
    this.#root = root;
    this.#footers = new ColumnFooters(run);
    this.#picture = new NetworkPicture(run);
    const inner = this.#inner;
    inner.append(this.#picture.element, this.#buttons.element, this.#footers.element);
    const scroll = element("div", { class: "stage-scroll" }, inner);
    root.append(scroll, this.#hint, this.#empty, shownStep(run), this.#whole);
    new ResizeObserver(() => this.#arrange()).observe(root);
    inner.addEventListener("pointermove", ({ clientX, clientY }) => this.#point({ x: clientX, y: clientY }));
    // A finger points for as long as it stays.
    inner.addEventListener("pointerdown", ({ clientX, clientY }) => this.#point({ x: clientX, y: clientY }));
    inner.addEventListener("pointerleave", () => this.#point(null));
    inner.addEventListener("click", (event) => this.#pick(event));
    this.#watchState();
    this.#watchFrames();
  }

  #watchState() {
    const { store } = this.#run;
    const mark = () => this.#mark();
    store.watch(
      (state) => state.description,
      () => this.#arrange(),
    );
    store.watch(
      (state) => `${state.theme} ${state.depth}`,
      () => this.#recolor(),
    );
    store.watch(
      (state) => `${state.selected} ${state.unit}`,
      () => (this.#isSelectionShown ? mark() : this.#arrange()),
    );
    store.watch(
      (state) => state.point,
      () => this.#picture.paintUnits(),
    );
    store.watch((state) => `${state.status?.state} ${state.status?.reason?.node}`, mark);
  }

  #watchFrames() {
    this.#run.onFrame("weights", (frame) => {
      this.#picture.takeWeights(frame);
      this.#say();
    });
    this.#run.onFrame("surface", (frame) => {
      this.#picture.takeSurface(frame);
      this.#say();
      this.#announcement.complete();
    });
    this.#run.onFrame("activation_maps", (frame) => {
      this.#picture.takeMaps(frame);
      this.#keepAnswer();
      this.#say();
      this.#announcement.complete();
    });
  }

  // What others see and hear of it ---------------------------------------------------------------------

  /** @returns {Layout | null} */
  get layout() {
    return this.#shown?.layout ?? null;
  }

  get tiles() {
    return this.#picture.tiles;
  }

  /** Be told when the drawing is arranged anew. @param {() => void} listener */
  onArranged(listener) {
    this.#watchers.add(listener);
  }

  /** Be told of clicks on edges. @param {(edge: EdgeClick) => void} listener */
  onEdge(listener) {
    this.#edgeListeners.add(listener);
  }

  /** Something that lies over the drawing and scrolls with it. @param {Element} layer */
  addLayer(layer) {
    this.#inner.append(layer);
  }

  /**
   * Be told when a viewer wants to look into a unit: the tab of the inspector that shows it, and whether it takes
   * another's place.
   *
   * @param {(tab: string, instead: boolean) => void} listener
   */
  onInspect(listener) {
    this.#inspectors.add(listener);
  }

  /**
   * Select a unit and look into it.
   *
   * @param {string} column @param {number} unit @param {string} tab
   * @param {boolean} [instead] of whatever tab is open
   */
  inspect(column, unit, tab, instead = false) {
    this.#run.select(column, unit);
    this.#inspectors.forEach((listener) => listener(tab, instead));
  }

  /** What the drawing asks the run for besides weights. */
  get demand() {
    return mapsDemand(this.#run.state);
  }

  /** Names of the drawn columns that have units, besides the input. */
  get drawn() {
    return columnsWithUnits(this.layout);
  }

  /** Points along one side of a heatmap. */
  get resolution() {
    return heatmapResolution(this.layout);
  }

  /** How many edges are drawn one by one. */
  get edgeCount() {
    return edgeCount(this.layout);
  }

  // Arranging ------------------------------------------------------------------------------------------

  #arrange() {
    const { state } = this.#run;
    this.#empty.hidden = state.description !== null;
    this.#inner.hidden = state.description === null; // of another run there is nothing to draw yet
    const { clientWidth: width, clientHeight: height } = this.#root;
    const size = { width, height, fingers: forFingers() };
    this.#best = bestClass(this.#run);
    const shown = stageLayout(state, size, classNames(this.#run), this.#folding, this.#best);
    if (!shown) return;
    this.#shown = shown;
    this.#footers.element.hidden = !shown.footers;
    this.#root.classList.toggle("strip", shown.strip);
    this.#whole.hidden = false;
    this.#inner.style.setProperty("width", `${shown.width}px`);
    this.#inner.style.setProperty("height", `${shown.height}px`);
    this.#picture.show(shown);
    setAttribute(this.#picture.element, "aria-label", networkLabel(shown.layout));
    this.#buttons.arrange(shown.layout, this.#inputs, this.#answer(shown));
    if (!this.#buttons.hasFocus) this.#pointing.keyed = null;
    this.#footers.arrange(shown.layout);
    this.#keepSelection(shown.layout);
    this.#recolor();
    this.#mark();
    if (this.#pointing.pointer) this.#point(this.#pointing.pointer); // something else may lie under it now
    this.#watchers.forEach((listener) => listener());
  }

  /** The answer whose units are named by classes. @param {StageLayout} shown */
  #answer({ named, bars }) {
    return named && { column: named.name, classes: classNames(this.#run), width: bars };
  }

  get #isSelectionShown() {
    const { selected, unit } = this.#run.state;
    return this.#isShown(selected, unit);
  }

  /** Whether a unit is among those that are drawn. @param {string | null} column @param {number} unit */
  #isShown(column, unit) {
    const found = this.#column(column);
    return !found || found.hidden === 0 || found.shown.some(({ index }) => index === unit);
  }

  /** The class that the network says stays in sight. */
  #keepAnswer() {
    const best = bestClass(this.#run);
    const answer = this.#shown?.answer;
    if (best !== null && best !== this.#best && answer && !this.#isShown(answer.name, best)) this.#arrange();
  }

  /** @param {() => void} change */
  #refold(change) {
    change();
    this.#arrange();
  }

  /**
   * A column is called by its last node, which another activation changes; its first node stays.
   *
   * @param {Layout} layout
   */
  #keepSelection(layout) {
    const { selected, unit } = this.#run.state;
    if (selected === null) return;
    const kept =
      layout.columns.find(({ name }) => name === selected) ??
      layout.columns.find(({ head }) => head === this.#selectedHead);
    this.#selectedHead = kept?.head ?? null;
    if (kept?.name !== selected) this.#run.select(kept?.name ?? null, Math.min(unit, (kept?.units ?? 1) - 1));
  }

  #mark() {
    const { selected, unit, status } = this.#run.state;
    this.#selectedHead = this.#column(selected)?.head ?? this.#selectedHead;
    this.#buttons.mark(selected, unit, (status?.state === "failed" && status.reason?.node) || null);
  }

  #recolor() {
    this.#picture.recolor();
    this.#say();
  }

  /** @param {string | null} name */
  #column(name) {
    return this.layout?.columns.find((each) => each.name === name);
  }

  // Pointing and choosing ------------------------------------------------------------------------------

  /** @param {Placed} column @param {number} unit */
  #choose(column, unit) {
    if (column.maps && !column.data) this.inspect(column.name, unit, "arithmetic");
    else this.#run.select(column.name, unit);
  }

  /** @param {string} tab */
  #inspectWhole(tab) {
    const column = this.#run.state.selected ?? this.layout?.columns.at(-1)?.name;
    if (column) this.inspect(column, this.#run.state.unit, tab, true);
  }

  /** @param {Focus} focus @param {boolean} byKeyboard */
  #moveFocus(focus, byKeyboard) {
    this.#pointing.moveFocus(focus, byKeyboard);
    this.#picture.focus = focus;
    this.#say();
    if (focus && byKeyboard) this.#announcement.tell();
  }

  /** @param {{ x: number, y: number } | null} pointer on the screen */
  #point(pointer) {
    if (!this.layout) return;
    this.#pointing.moveTo(pointer, this.layout, this.#picture.element.getBoundingClientRect());
    const { unit, edge, focus } = this.#pointing;
    this.#inner.classList.toggle("on-edge", edge !== null);
    this.#picture.focus = focus;
    this.#picture.edge = edge;
    if (!unit) this.#run.point(null);
    else if (isPlane(this.#run.state)) this.#run.point(unit.place);
    this.#say();
  }

  /** A click beside all units may be on an edge. @param {MouseEvent} event */
  #pick(event) {
    if (!this.layout || (event.target instanceof Element && event.target.closest("button, select, input")))
      return;
    const box = this.#picture.element.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const edge = edgeAt(this.layout, x, y);
    if (edge) this.#edgeListeners.forEach((listener) => listener({ ...edge, x, y }));
  }

  /** What is pointed at, or the keyboard is on, by the newest frames: it changes as the network learns. */
  #say() {
    setText(this.#hint, this.#hintText());
    this.#putHint();
    this.#enlarge();
  }

  /** An edge's number stands beside the pointer; what a unit does, above the network. */
  #putHint() {
    const { edge, pointer } = this.#pointing;
    const place = edge !== null && pointer !== null ? pointer : null;
    this.#hint.classList.toggle("beside", place !== null);
    const { left, top } = place ? this.#beside(place) : { left: "", top: "" };
    this.#hint.style.setProperty("left", left);
    this.#hint.style.setProperty("top", top);
  }

  /** Where the hint stands beside the pointer: only then is measured. @param {{ x: number, y: number }} pointer */
  #beside({ x, y }) {
    const box = this.#root.getBoundingClientRect();
    const left = Math.min(x - box.left + 14, box.width - this.#hint.offsetWidth - 4);
    return { left: `${Math.max(4, left)}px`, top: `${Math.max(4, y - box.top - 30)}px` };
  }

  /** The unit that is pointed at, or that the keyboard is on, is shown large in the output. */
  #enlarge() {
    const on = this.#pointing.unit ?? this.#pointing.keyed;
    const column = on && this.#column(on.column);
    const before = this.#run.state.pointed;
    if (!column) return before && this.#run.store.set({ pointed: null });
    if (before?.column === on.column && before.unit === on.unit) return;
    const name = unitName(column, on.unit, this.#inputs);
    this.#run.store.set({ pointed: { column: on.column, unit: on.unit, name } });
  }

  /** Names of the numbers or channels that the network gets. */
  get #inputs() {
    const { catalog, experiment } = this.#run.state;
    return experiment ? inputNames(catalog, experiment) : [];
  }

  /** The newest frames of what the drawing shows. */
  get #frames() {
    const { latest, state } = this.#run;
    return {
      weights: latest.get("weights"),
      surface: isPlane(state) ? latest.get("surface") : undefined,
      maps: latest.get("activation_maps"),
    };
  }

  #hintText() {
    const { edge, unit, keyed } = this.#pointing;
    if (edge) return edgeHint(edge, this.#frames, this.#inputs);
    const on = unit ?? keyed;
    const column = on && this.#column(on.column);
    return column ? unitHint(column, on.unit, unit?.place ?? null, this.#frames, this.#inputs) : "";
  }

  /** What there is to say of the unit that the keyboard is on. */
  #keyedHint() {
    const { keyed } = this.#pointing;
    const column = keyed && this.#column(keyed.column);
    if (!column) return { text: "", pictured: false };
    const text = unitHint(column, keyed.unit, null, this.#frames, this.#inputs);
    return { text, pictured: isPictured(column, keyed.unit, this.#frames) };
  }
}

/** @param {State} state */
function isPlane({ catalog, experiment }) {
  return hasPlane(catalog, experiment);
}
