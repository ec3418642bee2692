/** The inspector's first tab: a unit's picture, the facts of its layer, and a form for each node of its column. */

/** @import { Catalog, DescribedNode, Json } from "../../types.d.ts" */
/** @import { RunControl } from "../../run/run.js" */
/** @import { Stage } from "../stage/stage.js" */
/** @import { Column } from "../../network/columns.js" */
/** @import { Placed } from "../../network/layout.js" */
/** @import { Context, Control } from "../../form/field.js" */

import { nodeName } from "../../network/names.js";
import { getCatalog } from "../../core/api.js";
import { explainedBy } from "../../core/explained.js";
import { onNextPaint } from "../../core/paint_scheduler.js";
import { element, picture } from "../../core/dom.js";
import { fitCanvas } from "../../draw/plot.js";
import { groupControl } from "../../form/form.js";
import { schemaAt, variants } from "../../form/schema.js";
import { shapeText, shortNumber, wholeNumber } from "../../core/format.js";
import { ownsBlock } from "../../network/graph.js";
import { partsOf, valueAt } from "../../core/json.js";
import { texts } from "../../core/texts.js";
import { findItem, nodeItem } from "../../catalog/catalog.js";
import { showFieldProblems } from "../field_problems.js";
import { resize } from "../stage/column_footers.js";
import { openMenuOf } from "../stage/node_menus.js";
import { WORDS } from "./words.js";

const TEXTS = texts(import.meta.url, {
  shape: "Shape",
  parameters: "Parameters",
  multiplyAdds: "Multiply-adds",
  receptiveField: "Receptive field",
  px: "{field} px",
  change: "Wrap, repeat, rename …",
});

export class NodePanel {
  #run;
  #stage;
  #picture = picture("unit-picture");
  #facts = element("div", { class: "facts" });
  #forms = element("div", { class: "node-forms" });
  element = element("div", { class: "node-tab" }, this.#picture, this.#facts, this.#forms);
  /** @type {Context} */
  #context;
  /** @type {[string, Control][]} */
  #controls = [];
  #built = "";
  #paint = onNextPaint(() => this.#drawUnit());

  /** @param {RunControl} run @param {Stage} stage */
  constructor(run, stage) {
    this.#run = run;
    this.#stage = stage;
    const { catalog, schema } = run.state;
    this.#context = {
      root: schema,
      change: (pointer, value) => resize(run, pointer, value),
      item: (kind) => findItem(catalog, kind),
      fields: new Map(),
    };
    showFieldProblems(run, this.#context.fields);
    run.store.watch(
      (state) => state.experiment,
      () => this.#update(),
    );
    for (const probe of ["surface", "weights", "activation_maps"]) run.onFrame(probe, () => this.#paint());
    new ResizeObserver(() => this.#paint()).observe(this.#picture);
  }

  /** @param {Placed} column that is selected */
  show(column) {
    this.#build(column);
    this.#facts.replaceChildren(...this.#factsOf(column));
    this.#paint();
  }

  /** One form for each node that is drawn in this column. @param {Placed} column */
  #build(column) {
    const wanted = column.members.map(({ name, pointer }) => `${name} ${pointer}`).join("\n");
    if (this.#run.state.experiment && wanted !== this.#built) {
      this.#built = wanted;
      this.#context.fields.clear();
      this.#controls = [];
      const members = ownsBlock(column) ? [] : column.members;
      this.#forms.replaceChildren(...members.flatMap((node) => this.#form(node) ?? []));
    }
    this.#update();
  }

  /** @param {Column["members"][number]} node */
  #form({ name, kind, pointer }) {
    const { experiment, schema, catalog } = this.#run.state;
    const document = /** @type {Json} */ (/** @type {unknown} */ (experiment));
    const found = schemaAt(schema, document, partsOf(pointer));
    const variant = found && variants(schema, found.schema)?.get(kind);
    if (!variant) return null;
    const control = groupControl(this.#context, pointer, variant);
    this.#controls.push([pointer, control]);
    const empty = Object.keys(variant.properties ?? {}).length <= 4;
    const formula = nodeItem(catalog, kind)?.formula;
    return element(
      "fieldset",
      { class: "node-form", disabled: !this.#run.control },
      explainedBy(element("legend", {}, nodeName(name)), () => ({ kind })),
      empty ? formula && element("p", { class: "formula" }, formula) : control.element,
    );
  }

  #update() {
    const { experiment } = this.#run.state;
    if (!experiment) return;
    for (const [pointer, control] of this.#controls) {
      const value = valueAt(/** @type {Json} */ (/** @type {unknown} */ (experiment)), pointer);
      if (value !== undefined) control.update(value);
    }
  }

  /** @param {Placed} column @returns {HTMLElement[]} */
  #factsOf(column) {
    const item = nodeItem(this.#run.state.catalog, column.kind);
    const rows = numbersOf(column).flatMap(([name, value]) => [
      element("dt", {}, name),
      element("dd", {}, value),
    ]);
    const summary = item?.summary.replace(/^[^:]*:\s*/, "").replace(/^./, (first) => first.toUpperCase());
    const note = element("p", { class: "note", hidden: true });
    if (item) void showReference(note, item.kind);
    const summed = element("p", {}, summary ?? WORDS.data);
    return [element("dl", {}, ...rows), summed, note, ...this.#menuOf(column)];
  }

  /** The way to what can be done to the layer and the blocks around it. @param {Column} column */
  #menuOf({ name, data }) {
    if (data || !this.#run.control) return [];
    const open = (/** @type {MouseEvent} */ { currentTarget }) =>
      openMenuOf(/** @type {HTMLElement} */ (currentTarget), this.#run, this.#stage, name);
    return [element("button", { type: "button", class: "button", onclick: open }, TEXTS.change)];
  }

  #drawUnit() {
    const { selected, unit } = this.#run.state;
    const context = this.#picture.getContext("2d");
    if (!selected || !context || this.#picture.clientWidth === 0) return;
    const { width, height } = fitCanvas(this.#picture, context);
    context.clearRect(0, 0, width, height);
    this.#stage.tiles.drawOne(context, selected, unit, width);
    this.#picture.setAttribute(
      "aria-label",
      WORDS.unitPicture({ unit: unit + 1, column: nodeName(selected) }),
    );
  }
}

/** What there is of numbers about a column. @param {Placed} column @returns {[string, string][]} */
function numbersOf({ members, shape }) {
  const sum = (/** @type {(node: DescribedNode) => number} */ count) =>
    members.reduce((total, node) => total + count(node), 0);
  const field = members.at(-1)?.receptive_field;
  return [
    [TEXTS.shape, shapeText(shape)],
    [TEXTS.parameters, wholeNumber(sum(({ parameters }) => parameters))],
    [TEXTS.multiplyAdds, shortNumber(sum(({ macs }) => macs))],
    ...(field?.length
      ? [/** @type {[string, string]} */ ([TEXTS.receptiveField, TEXTS.px({ field: field.join(" × ") })])]
      : []),
  ];
}

/** The catalogue with its reference texts, asked for with the first node. @type {Promise<Catalog> | null} */
let whole = null;

/** Show what the reference says of a kind of node. @param {HTMLElement} note @param {string} kind */
async function showReference(note, kind) {
  whole ??= getCatalog();
  try {
    note.textContent = nodeItem(await whole, kind)?.reference ?? "";
  } catch (error) {
    whole = null;
    note.textContent = WORDS.noReference({ reason: error instanceof Error ? error.message : String(error) });
  }
  note.hidden = note.textContent === "";
}
