/** The drawer: what the selected node is, does, and lets be changed. */

/** @import { DescribedNode, Json } from "../types.d.ts" */
/** @import { RunControl } from "../run.js" */
/** @import { Stage } from "./stage.js" */
/** @import { Placed } from "../draw/layout.js" */
/** @import { Context, Control } from "../form/field.js" */

import { element, iconButton, onNextFrame, setText } from "../dom.js";
import { fitCanvas } from "../draw/plot.js";
import { groupControl, showProblems } from "../form/form.js";
import { schemaAt, variants } from "../form/schema.js";
import { shapeText, shortNumber, wholeNumber } from "../format.js";
import { ownsBlock, removeColumn } from "../graph.js";
import { partsOf, valueAt, withValue } from "../json.js";
import { weightsPanel } from "../panels/weights.js";
import { findItem, nodeItem } from "./catalog.js";

export class Drawer {
  #run;
  #stage;
  #picture = element("canvas", { class: "unit-picture", role: "img" });
  #facts = element("div", { class: "facts" });
  #forms = element("div", { class: "node-forms" });
  #title = element("h2", {});
  /** @type {Context} */
  #context;
  /** @type {[string, Control][]} */
  #controls = [];
  #built = "";
  #paint = onNextFrame(() => this.#drawUnit());

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
    const tabs = tabsOf(body, [
      ["Node", element("div", { class: "node-tab" }, this.#picture, this.#facts, this.#forms)],
      ["Weights", weightsPanel(run, () => stage.layout)],
    ]);
    const head = element("div", { class: "drawer-head" }, this.#title, tabs, element("span", { class: "grow" }), this.#removeButton(), iconButton("down", "Close (Esc)", () => run.select(null)));
    root.append(head, body);
    run.store.watch((state) => state.selected, (selected) => {
      root.hidden = selected === null;
      this.#show();
    });
    run.store.watch((state) => state.unit, () => this.#show());
    run.store.watch((state) => state.experiment, () => this.#update());
    run.store.watch((state) => state.problems, (problems) => problems.length > 0 && showProblems(this.#context.fields, problems));
    stage.onArranged(() => this.#show());
    run.onFrame("surface", () => this.#paint());
    run.onFrame("weights", () => this.#paint());
  }

  get #column() {
    const { selected } = this.#run.state;
    return this.#stage.layout?.columns.find(({ name }) => name === selected) ?? null;
  }

  #removeButton() {
    return iconButton("trash", "Remove this layer", () => {
      const { experiment } = this.#run.state;
      if (experiment && this.#column && this.#column.members.length > 0) this.#run.edit(removeColumn(experiment, this.#column));
    }, { class: "icon-button needs-control" });
  }

  #show() {
    const column = this.#column;
    if (!column) return;
    const { unit, catalog } = this.#run.state;
    const label = column.kind === "input" ? "Input" : (nodeItem(catalog, column.kind)?.label ?? column.kind);
    setText(this.#title, column.tiled ? `${label}, unit ${unit + 1} of ${column.units}` : label);
    this.#build(column);
    this.#showFacts(column);
    this.#paint();
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
      const found = schemaAt(schema, /** @type {Json} */ (/** @type {unknown} */ (experiment)), partsOf(pointer));
      const variant = found && variants(schema, found.schema)?.get(kind);
      if (!variant) continue;
      const control = groupControl(this.#context, pointer, variant);
      this.#controls.push([pointer, control]);
      const empty = Object.keys(variant.properties ?? {}).length <= 4;
      const item = nodeItem(catalog, kind);
      const formula = item?.formula ? element("p", { class: "formula" }, item.formula) : null;
      forms.push(element("fieldset", { class: "node-form", disabled: !this.#run.control }, element("legend", {}, name), empty ? formula : control.element));
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
    const sum = (/** @type {(node: DescribedNode) => number} */ count) => column.members.reduce((total, node) => total + count(node), 0);
    const pairs = [
      ["Shape", shapeText(column.shape)],
      ["Parameters", wholeNumber(sum(({ parameters }) => parameters))],
      ["Multiply-adds", shortNumber(sum(({ macs }) => macs))],
    ];
    const field = column.members.at(-1)?.receptive_field;
    if (field?.length) pairs.push(["Receptive field", `${field.join(" × ")} px`]);
    const list = element("dl", {}, ...pairs.flatMap(([name = "", value = ""]) => [element("dt", {}, name), element("dd", {}, value)]));
    this.#facts.replaceChildren(
      list,
      element("p", {}, item?.summary.replace(/^[^:]*:\s*/, "").replace(/^./, (first) => first.toUpperCase()) ?? "What the data give the network."),
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
    const { experiment } = this.#run.state;
    if (experiment) this.#run.edit(withValue(experiment, pointer, value), pointer);
  }
}

/** Tabs and the panels they show. @param {HTMLElement} body @param {[string, HTMLElement][]} entries */
function tabsOf(body, entries) {
  const list = element("div", { class: "drawer-tabs", role: "tablist" });
  const buttons = entries.map(([name, panel], index) => {
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-label", name);
    body.append(panel);
    return element("button", { type: "button", role: "tab", onclick: () => choose(index) }, name);
  });
  list.append(...buttons);
  const choose = (/** @type {number} */ chosen) => {
    entries.forEach(([, panel], index) => (panel.hidden = index !== chosen));
    buttons.forEach((button, index) => {
      button.setAttribute("aria-selected", String(index === chosen));
      button.tabIndex = index === chosen ? 0 : -1;
    });
  };
  list.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    event.stopPropagation();
    const now = buttons.findIndex((button) => button === document.activeElement);
    const next = (now + (event.key === "ArrowRight" ? 1 : -1) + buttons.length) % buttons.length;
    choose(next);
    buttons[next]?.focus();
  });
  choose(0);
  return list;
}
