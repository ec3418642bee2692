/** The drawer: what the selected node is, does, and lets be changed. */

/** @import { DescribedNode, Json, JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { Stage } from "./stage/stage.js" */
/** @import { Placed } from "../network/layout.js" */
/** @import { Context, Control } from "../form/field.js" */

import { onNextPaint } from "../core/paint_scheduler.js";
import { element, iconButton, setText } from "../core/dom.js";
import { fitCanvas } from "../draw/plot.js";
import { groupControl } from "../form/form.js";
import { schemaAt, variants } from "../form/schema.js";
import { shapeText, shortNumber, wholeNumber } from "../core/format.js";
import { ownsBlock, removeColumn } from "../network/graph.js";
import { isEqual, partsOf, valueAt } from "../core/json.js";
import { rememberedTab, rememberTab, splitter } from "./panes.js";
import { findItem, nodeItem } from "../catalog/catalog.js";
import { showFieldProblems } from "./field_problems.js";
import { resize } from "./stage/column_footers.js";
import { INSPECTORS } from "./inspectors.js";
import { declaredInspectors } from "./declared_panels.js";

/** @import { Inspector } from "../widgets/lazy_panel.js" */

export class Drawer {
  #run;
  #stage;
  #picture = element("canvas", { class: "unit-picture", role: "img" });
  #facts = element("div", { class: "facts" });
  #forms = element("div", { class: "node-forms" });
  #title = element("h2", {});
  #remover = this.#removeButton();
  /** @type {Context} */
  #context;
  /** @type {[string, Control][]} */
  #controls = [];
  #built = "";
  #paint = onNextPaint(() => this.#drawUnit());
  /** @type {Inspector[]} */
  #inspectors;
  /** @type {Tabs} */
  #tabs;
  /** @type {Set<() => void>} */
  #listeners = new Set();

  /** @param {HTMLElement} root @param {RunControl} run @param {Stage} stage */
  constructor(root, run, stage) {
    this.#run = run;
    this.#stage = stage;
    const { catalog, schema } = run.state;
    this.#context = {
      root: schema,
      change: (pointer, value) => this.#change(pointer, value),
      item: (kind) => findItem(catalog, kind),
      fields: new Map(),
    };
    const body = element("div", { class: "drawer-body" });
    this.#inspectors = [...INSPECTORS, ...declaredInspectors(catalog)];
    this.#tabs = new Tabs(
      this.#inspectors,
      body,
      element("div", { class: "node-tab" }, this.#picture, this.#facts, this.#forms),
      (inspector) => inspector.build(run, stage),
    );
    this.#tabs.onChosen(() => {
      this.#name();
      this.#tell();
    });
    const head = element(
      "div",
      { class: "drawer-head" },
      this.#title,
      this.#tabs.list,
      element("span", { class: "grow" }),
      this.#remover,
      iconButton("down", "Close (Esc)", () => run.select(null)),
    );
    const most = () => Math.max(240, innerHeight - 320);
    root.append(
      splitter({
        name: "drawer-height",
        label: "Height of the drawer",
        vertical: false,
        least: 120,
        most,
        size: () => body.offsetHeight,
        sign: -1,
      }),
      head,
      body,
    );
    run.store.watch(
      (state) => state.selected,
      (selected) => {
        root.hidden = selected === null;
        this.#tabs.leaveWhole();
        this.#show();
        this.#tell();
      },
    );
    run.store.watch(
      (state) => state.unit,
      () => this.#show(),
    );
    run.store.watch(
      (state) => state.experiment,
      () => this.#update(),
    );
    showFieldProblems(run, this.#context.fields);
    stage.onArranged(() => this.#show());
    stage.onInspect((tab, instead) => this.#tabs.turnTo(tab, instead));
    run.onFrame("surface", () => this.#paint());
    run.onFrame("weights", () => this.#paint());
  }

  /** What the open tab asks the run for. @returns {JsonObject[]} */
  demand() {
    const asking = this.#inspectors.filter(
      (inspector) => inspector.keeps || (this.#column && inspector === this.#tabs.open),
    );
    const probes = asking.flatMap((inspector) => inspector.demand?.(this.#run, this.#stage) ?? []);
    return probes.filter((probe, index) => probes.findIndex((other) => isEqual(other, probe)) === index);
  }

  /** @param {() => void} listener called when another tab is open, or none */
  onChange(listener) {
    this.#listeners.add(listener);
  }

  #tell() {
    this.#listeners.forEach((listener) => listener());
  }

  get #column() {
    const { selected } = this.#run.state;
    return this.#stage.layout?.columns.find(({ name }) => name === selected) ?? null;
  }

  #removeButton() {
    return iconButton(
      "trash",
      "Remove this layer",
      () => {
        const { experiment } = this.#run.state;
        if (experiment && this.#column && this.#column.members.length > 0)
          this.#run.edit(removeColumn(this.#run.state.catalog, experiment, this.#column));
      },
      { class: "icon-button needs-control" },
    );
  }

  #show() {
    const column = this.#column;
    if (!column) return;
    this.#tabs.offer(this.#inspectors.filter((inspector) => inspector.applies(this.#run, column)));
    this.#name();
    this.#build(column);
    this.#showFacts(column);
    this.#paint();
  }

  /** What the open tab is about. */
  #name() {
    const column = this.#column;
    if (!column) return;
    const { unit, catalog } = this.#run.state;
    const label = column.data ? "Input" : (nodeItem(catalog, column.kind)?.label ?? column.kind);
    const own = column.tiled
      ? `${label}, ${column.maps ? "map" : "unit"} ${unit + 1} of ${column.units}`
      : label;
    this.#remover.hidden = this.#tabs.open?.whole ?? false; // the panel shows no single layer
    const title = this.#tabs.open?.whole ? "Network" : own;
    setText(this.#title, title);
    this.#title.title = title; // where it is cut
  }

  /** One form for each node that is drawn in this column. @param {Placed} column */
  #build(column) {
    const { experiment, schema, catalog } = this.#run.state;
    const wanted = column.members.map(({ name, pointer }) => `${name} ${pointer}`).join("\n");
    if (!experiment || wanted === this.#built) return this.#update();
    this.#built = wanted;
    this.#context.fields.clear();
    this.#controls = [];
    /** @type {HTMLElement[]} */
    const forms = [];
    for (const { name, kind, pointer } of column.members) {
      if (ownsBlock(column)) break;
      const found = schemaAt(
        schema,
        /** @type {Json} */ (/** @type {unknown} */ (experiment)),
        partsOf(pointer),
      );
      const variant = found && variants(schema, found.schema)?.get(kind);
      if (!variant) continue;
      const control = groupControl(this.#context, pointer, variant);
      this.#controls.push([pointer, control]);
      const empty = Object.keys(variant.properties ?? {}).length <= 4;
      const item = nodeItem(catalog, kind);
      const formula = item?.formula ? element("p", { class: "formula" }, item.formula) : null;
      forms.push(
        element(
          "fieldset",
          { class: "node-form", disabled: !this.#run.control },
          element("legend", {}, name),
          empty ? formula : control.element,
        ),
      );
    }
    this.#forms.replaceChildren(...forms);
    this.#update();
  }

  #update() {
    const { experiment } = this.#run.state;
    if (!experiment) return;
    for (const [pointer, control] of this.#controls) {
      const value = valueAt(/** @type {Json} */ (/** @type {unknown} */ (experiment)), pointer);
      if (value !== undefined) control.update(value);
    }
  }

  /** @param {Placed} column */
  #showFacts(column) {
    const { catalog } = this.#run.state;
    const item = nodeItem(catalog, column.kind);
    const sum = (/** @type {(node: DescribedNode) => number} */ count) =>
      column.members.reduce((total, node) => total + count(node), 0);
    const pairs = [
      ["Shape", shapeText(column.shape)],
      ["Parameters", wholeNumber(sum(({ parameters }) => parameters))],
      ["Multiply-adds", shortNumber(sum(({ macs }) => macs))],
    ];
    const field = column.members.at(-1)?.receptive_field;
    if (field?.length) pairs.push(["Receptive field", `${field.join(" × ")} px`]);
    const list = element(
      "dl",
      {},
      ...pairs.flatMap(([name = "", value = ""]) => [element("dt", {}, name), element("dd", {}, value)]),
    );
    this.#facts.replaceChildren(
      list,
      element(
        "p",
        {},
        item?.summary.replace(/^[^:]*:\s*/, "").replace(/^./, (first) => first.toUpperCase()) ??
          "What the data give the network.",
      ),
      item?.reference ? element("p", { class: "note" }, item.reference) : "",
    );
  }

  #drawUnit() {
    const { selected, unit } = this.#run.state;
    const context = this.#picture.getContext("2d");
    if (!selected || !context || this.#picture.clientWidth === 0) return;
    const { width, height } = fitCanvas(this.#picture, context);
    context.clearRect(0, 0, width, height);
    this.#stage.tiles.drawOne(context, selected, unit, width);
    this.#picture.setAttribute("aria-label", `What unit ${unit + 1} of ${selected} does`);
  }

  /** @param {string} pointer @param {Json} value */
  #change(pointer, value) {
    resize(this.#run, pointer, value);
  }
}

/**
 * The tabs: the node itself, and the inspectors that apply to it. A panel is built when it is first opened.
 */
class Tabs {
  list = element("div", { class: "drawer-tabs", role: "tablist" });
  /** The inspector on screen; null for the node itself. @type {Inspector | null} */
  open = null;
  #body;
  #build;
  /** @type {Map<Inspector | null, { button: HTMLButtonElement, panel: HTMLElement | null }>} */
  #tabs = new Map();
  /** @type {() => void} */
  #chosen = () => {};
  #asked = false;
  /** @type {Inspector[]} */
  #offered = [];

  /**
   * @param {Inspector[]} inspectors @param {HTMLElement} body @param {HTMLElement} node @param {(inspector:
   * Inspector) => HTMLElement} build
   */
  constructor(inspectors, body, node, build) {
    this.#body = body;
    this.#build = build;
    this.#add(null, "Node", this.#placed(node, "Node"));
    for (const inspector of inspectors) this.#add(inspector, inspector.title, null);
    this.list.addEventListener("keydown", (event) => this.#turn(event));
    this.#choose(null);
  }

  /** @param {() => void} listener */
  onChosen(listener) {
    this.#chosen = listener;
  }

  /** Show the tabs of these inspectors and no others. @param {Inspector[]} inspectors */
  offer(inspectors) {
    this.#offered = inspectors;
    if (this.open && !inspectors.includes(this.open)) this.#choose(null);
    this.#sort();
    if (this.#asked) return;
    this.#asked = true; // the tab that was open on the last visit, where it is offered
    const last = rememberedTab();
    if (last !== null) this.turnTo(last, false);
  }

  /**
   * Show the tab of this id, where it is offered and no other was chosen, or in its place. @param {string} id
   * @param {boolean} instead
   */
  turnTo(id, instead) {
    const [inspector, tab] = [...this.#tabs].find(([each]) => each?.id === id) ?? [];
    if (inspector && tab && this.#offered.includes(inspector) && (instead || this.open === null))
      this.#choose(inspector);
  }

  /** The tabs of a node beside each other, and those of the whole network: together they are too many. */
  #sort() {
    for (const [inspector, { button }] of this.#tabs) {
      const fits =
        inspector !== null &&
        this.#offered.includes(inspector) &&
        Boolean(inspector.whole) === Boolean(this.open?.whole);
      button.hidden = inspector !== null && !fits;
    }
  }

  /** Leave the whole network for the node. */
  leaveWhole() {
    if (this.open?.whole) this.#choose(null);
  }

  /** The user chose a tab. @param {Inspector | null} inspector */
  #turnBy(inspector) {
    if (!inspector?.whole) rememberTab(inspector?.id ?? "");
    this.#choose(inspector);
  }

  /** @param {Inspector | null} inspector @param {string} title @param {HTMLElement | null} panel */
  #add(inspector, title, panel) {
    const button = /** @type {HTMLButtonElement} */ (
      element("button", { type: "button", role: "tab", onclick: () => this.#turnBy(inspector) }, title)
    );
    this.#tabs.set(inspector, { button, panel });
    this.list.append(button);
  }

  /** @param {HTMLElement} panel @param {string} title */
  #placed(panel, title) {
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-label", title);
    this.#body.append(panel);
    return panel;
  }

  /** @param {Inspector | null} chosen */
  #choose(chosen) {
    this.open = chosen;
    for (const [inspector, tab] of this.#tabs) {
      const open = inspector === chosen;
      if (open && inspector && !tab.panel) tab.panel = this.#placed(this.#build(inspector), inspector.title);
      if (tab.panel) tab.panel.hidden = !open;
      tab.button.setAttribute("aria-selected", String(open));
      tab.button.tabIndex = open ? 0 : -1;
      if (open) tab.button.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    this.#sort();
    this.#body.classList.toggle("tall", chosen?.tall ?? false);
    this.#chosen();
  }

  /** @param {KeyboardEvent} event */
  #turn(event) {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    event.stopPropagation();
    const offered = [...this.#tabs].filter(([, { button }]) => !button.hidden);
    const now = offered.findIndex(([, { button }]) => button === document.activeElement);
    const [inspector, tab] = offered[
      (now + (event.key === "ArrowRight" ? 1 : -1) + offered.length) % offered.length
    ] ?? [null];
    this.#turnBy(inspector);
    tab?.button.focus();
  }
}
