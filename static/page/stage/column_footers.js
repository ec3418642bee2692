/** The controls below each column: its size and its activation, and between columns the buttons for new layers. */

/** @import { Choice, Description, Json, NodeSpec } from "../../types.d.ts" */
/** @import { RunControl } from "../../run/run.js" */
/** @import { Layout, Placed } from "../../network/layout.js" */
/** @import { Footer } from "./footer_model.js" */

import { element, focusKey, icon, iconButton, rebuild } from "../../core/dom.js";
import { isEqual, valueAt } from "../../core/json.js";
import { oneStop } from "../../core/roving.js";
import { texts } from "../../core/texts.js";
import { COARSE } from "../../network/layout.js";
import { insertNodes, ownsBlock, placeBefore, removeColumn, setActivation } from "../../network/graph.js";
import { nodeName } from "../../network/names.js";
import { resized } from "../../network/wiring.js";
import { openMenu } from "../../widgets/menu.js";
import { footerOf } from "./footer_model.js";
import { layerEntries } from "./layer_menu.js";

const TEXTS = texts(import.meta.url, {
  addALayerBefore: "Add a layer before {head}",
  addALayerHere: "Add a layer here",
  oneFewerIn: "One {what} fewer in {head}",
  oneMoreIn: "One {what} more in {head}",
  remove: "Remove {head}",
  activationOf: "Activation of {head}",
  noActivation: "linear",
  addALayer: "Add a layer",
  changedTooTheir: "{followed} changed too: their outputs are added, and must be equally many",
});

/** Pixels between columns from which fingers find a button beside the activation. */
const ROOMY = 150;
/** How high a name is: between columns that stand above each other, two rows of names have room. */
const NAME = 28;
/** What a size and its two buttons take where fingers press them. */
const STEPPER = 96;

export class ColumnFooters {
  element = element("div", { class: "column-footers" });
  #run;
  /** That is drawn. @type {NodeSpec[] | undefined} */
  #network;

  /** @type {Placed[]} */
  #columns = [];
  /** The column that gets the focus once it is drawn. @type {((columns: Placed[]) => Placed | undefined) | null} */
  #next = null;

  /** @param {RunControl} run */
  constructor(run) {
    this.#run = run;
    run.store.watch(
      (state) => state.refusal,
      () => (this.#next = null),
    );
    run.store.watch(
      (state) => state.experiment,
      (experiment) => isEqual(experiment?.network, this.#network) && this.#restore(),
    );
  }

  /** The network is again the one that is drawn: what was chosen, and refused, is chosen no more. */
  #restore() {
    for (const select of this.element.querySelectorAll("select"))
      select.value = select.dataset["present"] ?? "";
  }

  /** @param {Layout} layout */
  arrange(layout) {
    this.#columns = layout.columns;
    this.#network = this.#run.state.experiment?.network;
    rebuild(this.element, () =>
      this.element.replaceChildren(...layout.columns.flatMap((column) => this.#parts(layout, column))),
    );
    const next = this.#next?.(layout.columns);
    if (!next) return;
    this.#next = null;
    focusKey(this.element, `name ${next.name}`);
  }

  /** @param {Layout} layout @param {Placed} column @returns {HTMLElement[]} */
  #parts(layout, column) {
    const width = Math.min(
      layout.staggered ? 104 : 124,
      Math.max(58, layout.staggered ? 2 * layout.spacing - 6 : layout.spacing - 4 || 124),
    );
    const compact = layout.spacing > 0 && layout.spacing < 88;
    const raised = layout.spacing < 124;
    const { below, row } = layout.footers;
    const down = column.above
      ? 2 + (column.lower ? NAME : 0)
      : (raised ? below : 14) + (column.lower ? row : 0);
    const looks = {
      compact,
      above: column.above,
      staggered: layout.staggered,
      bare: layout.footers === COARSE && layout.spacing < ROOMY, // the inspector has the way to remove it
      narrow: layout.footers === COARSE && width < STEPPER, // and its size
    };
    const foot = element(
      "div",
      {
        class: ["foot", ...Object.entries(looks).flatMap(([look, has]) => (has ? [look] : []))].join(" "),
        "aria-label": nodeName(column.head),
        "data-column": column.name,
      },
      ...this.#controls(column),
    );
    oneStop(foot, ".foot-name");
    foot.style.setProperty("left", `${column.x - width / 2}px`);
    foot.style.setProperty("top", `${column.foot + down}px`);
    foot.style.setProperty("width", `${width}px`);
    // A node that joins several has a place for a layer on each of its wires.
    const joins = column.inputs.length > 1 && !ownsBlock(column);
    if (column.data || joins || !this.#run.control || !this.#hasPlaceBefore(column)) return [foot];
    const add = element(
      "button",
      {
        type: "button",
        class: "insert",
        "aria-label": TEXTS.addALayerBefore({ head: nodeName(column.head) }),
        title: TEXTS.addALayerHere,
        "data-key": `insert ${column.head}`,
        onclick: (/** @type {MouseEvent} */ event) => this.#offer(event, column),
      },
      icon("add"),
    );
    add.style.setProperty("left", `${column.x - layout.spacing / 2 - 11}px`);
    add.style.setProperty("top", `${column.above ? column.top - 11 : column.foot + (raised ? 0 : 17)}px`);
    return [add, foot];
  }

  /** @param {Placed} column @returns {HTMLElement[]} */
  #controls(column) {
    const { catalog, description, experiment } = this.#run.state;
    if (!experiment) return [];
    const foot = footerOf(catalog, experiment, description, column, this.#run.control);
    if (column.data)
      return [
        element("span", { class: "foot-name", title: foot.name }, words(foot.name)),
        element("span", { class: "foot-kind", title: foot.kind }, words(foot.kind)),
      ];
    return [this.#first(column, foot), this.#second(column, foot)];
  }

  /**
   * Whether the document has a list for a layer there: of the inside of an architecture, once it is written out.
   *
   * @param {Placed} column
   */
  #hasPlaceBefore(column) {
    const { experiment } = this.#run.state;
    const { list } = placeBefore(column);
    return Array.isArray(valueAt(/** @type {Json} */ (/** @type {unknown} */ (experiment)), list));
  }

  /** Its size, or its name. @param {Placed} column @param {Footer} foot */
  #first(column, { name, size }) {
    if (!size) return this.#name(column, name);
    const { pointer, units, what } = size;
    const set = (/** @type {number} */ count) => count >= 1 && resize(this.#run, pointer, count);
    const less = iconButton(
      "less",
      TEXTS.oneFewerIn({ what, head: nodeName(column.head) }),
      () => set(units - 1),
      {
        "data-key": `less ${column.head}`,
        disabled: units <= 1,
      },
    );
    const more = iconButton(
      "add",
      TEXTS.oneMoreIn({ what, head: nodeName(column.head) }),
      () => set(units + 1),
      {
        "data-key": `more ${column.head}`,
      },
    );
    return element("div", { class: "stepper" }, less, this.#name(column, String(units)), more);
  }

  /** @param {Placed} column @param {string} text */
  #name(column, text) {
    return element(
      "button",
      {
        type: "button",
        class: "foot-name",
        title: nodeName(column.name),
        "data-key": `name ${column.name}`,
        onclick: () => this.#run.select(column.name),
      },
      words(text),
    );
  }

  /** Its activation, what else it does, and the way to remove it. @param {Placed} column @param {Footer} foot */
  #second(column, { activation, extra, kind, removable }) {
    const remove =
      removable &&
      iconButton("remove", TEXTS.remove({ head: nodeName(column.head) }), () => this.#remove(column), {
        class: "icon-button remove",
        "data-key": `remove ${column.name}`,
      });
    if (!activation) return element("div", { class: "foot-kind", title: kind }, words(kind), remove);
    return element(
      "div",
      { class: "foot-kind" },
      element("span", { class: "select" }, this.#activations(column, activation)),
      extra && element("small", { class: "extra" }, extra),
      remove,
    );
  }

  /** @param {Placed} column @param {NonNullable<Footer["activation"]>} activation */
  #activations(column, { present, choices, title }) {
    const select = element(
      "select",
      {
        "aria-label": TEXTS.activationOf({ head: nodeName(column.head) }),
        "data-key": `activation ${column.head}`,
        "data-present": present,
        title,
      },
      element("option", { value: "" }, TEXTS.noActivation),
      ...choices.map(({ kind, label }) =>
        element("option", { value: kind, selected: kind === present }, label),
      ),
    );
    select.addEventListener("change", () => {
      const { catalog, experiment } = this.#run.state;
      if (experiment) this.#run.edit(setActivation(catalog, experiment, column, select.value || null));
    });
    return select;
  }

  /** @param {Placed} column */
  #remove(column) {
    const { experiment } = this.#run.state;
    if (!experiment) return;
    this.#run.edit(removeColumn(this.#run.state.catalog, experiment, column));
    const index = this.#columns.indexOf(column);
    this.#next = (columns) =>
      columns.some(({ head }) => head === column.head) ? undefined : (columns[index] ?? columns.at(-1));
  }

  /** @param {MouseEvent} event @param {Placed} column */
  #offer(event, column) {
    const anchor = /** @type {HTMLElement} */ (event.currentTarget);
    const before = shapeBefore(this.#run.state.description, column);
    openMenu(
      anchor,
      TEXTS.addALayer,
      layerEntries(this.#run, before, (chain) => this.#insert(column, chain)),
    );
  }

  /** @param {Placed} column @param {Choice[]} chain */
  #insert(column, chain) {
    const { experiment } = this.#run.state;
    if (!experiment) return;
    const place = placeBefore(column);
    this.#run.edit(
      insertNodes(
        experiment,
        place.list,
        place.index === Infinity && ownsBlock(column) ? 1e9 : place.index,
        chain,
      ),
    );
    const had = new Set(this.#columns.map(({ head }) => head));
    this.#next = (columns) => columns.find(({ head }) => !had.has(head));
  }
}

/**
 * Set a field of a node; where it is the size of a layer, layers whose outputs are added to its own follow.
 * @param {RunControl} run @param {string} pointer @param {Json} value
 */
export function resize(run, pointer, value) {
  if (!run.state.experiment) return;
  const { experiment, followed } = resized(run.state.catalog, run.state.experiment, pointer, value);
  run.edit(experiment, pointer);
  if (followed.length > 0)
    run.notify(TEXTS.changedTooTheir({ followed: followed.map(nodeName).join(" and ") }), "info");
}

/** Where words may be broken, and shapes without a hyphen. @type {[string, string][]} */
const BREAKS = [
  ["volution", "vo\u00ADlution"],
  ["alisation", "ali\u00ADsation"],
  ["catenate", "cate\u00ADnate"],
  ["×", "×\u200B"],
];

/** Words with a place to break where a narrow column is too narrow for them. @param {string} text */
function words(text) {
  const breakable = BREAKS.reduce((told, [part, broken]) => told.replaceAll(part, broken), text);
  return element("span", { class: "foot-words" }, breakable);
}

/**
 * What a new layer before a column would be given.
 *
 * @param {Description | null} description @param {Placed} column
 */
function shapeBefore(description, column) {
  const source = column.members[0]?.inputs[0];
  return description?.nodes.find(({ name }) => name === source)?.shape ?? description?.input.shape ?? [];
}
