/** What stands below each column: its size, its activation, and the places for new layers between. */

/** @import { Choice, Description, Json } from "../../types.d.ts" */
/** @import { RunControl } from "../../run/run.js" */
/** @import { Layout, Placed } from "../../network/layout.js" */

import { element, icon, iconButton } from "../../core/dom.js";
import { SECOND_ROW } from "../../network/layout.js";
import { shapeText } from "../../core/format.js";
import {
  insertNodes,
  ownsBlock,
  placeBefore,
  removeColumn,
  setActivation,
  sizeOf,
} from "../../network/graph.js";
import { resized } from "../../network/wiring.js";
import { dataset, isActivation, nodeItem } from "../../catalog/catalog.js";
import { openMenu } from "../../widgets/menu.js";
import { layerEntries } from "./layer_menu.js";

export class Feet {
  element = element("div", { class: "feet" });
  #run;

  /** @param {RunControl} run */
  constructor(run) {
    this.#run = run;
  }

  /** @param {Layout} layout */
  arrange(layout) {
    const focused =
      document.activeElement instanceof HTMLElement ? document.activeElement.dataset["key"] : undefined;
    this.element.replaceChildren(...layout.columns.flatMap((column) => this.#parts(layout, column)));
    if (focused) {
      const again = this.element.querySelector(`[data-key="${CSS.escape(focused)}"]`);
      if (again instanceof HTMLElement) again.focus();
    }
  }

  /** @param {Layout} layout @param {Placed} column @returns {HTMLElement[]} */
  #parts(layout, column) {
    const width = Math.min(
      layout.staggered ? 104 : 124,
      Math.max(58, layout.staggered ? 2 * layout.spacing - 6 : layout.spacing - 4 || 124),
    );
    const compact = layout.spacing > 0 && layout.spacing < 88;
    const raised = layout.spacing < 124;
    const down = (raised ? 25 : 14) + (column.lower ? SECOND_ROW : 0);
    const foot = element(
      "div",
      {
        class: `foot${compact ? " compact" : ""}${column.above ? " above" : ""}${layout.staggered ? " staggered" : ""}`,
        role: "group",
        "aria-label": column.head,
      },
      ...this.#controls(column),
    );
    foot.style.setProperty("left", `${column.x - width / 2}px`);
    foot.style.setProperty("top", `${column.foot + down}px`);
    foot.style.setProperty("width", `${width}px`);
    // A node that joins several has a place for a layer on each of its wires.
    const joins = column.inputs.length > 1 && !ownsBlock(column);
    if (column.data || joins || !this.#run.control) return [foot];
    const add = element(
      "button",
      {
        type: "button",
        class: "insert",
        "aria-label": `Add a layer before ${column.head}`,
        title: "Add a layer here",
        "data-key": `insert ${column.head}`,
        onclick: (/** @type {MouseEvent} */ event) => this.#offer(event, column),
      },
      icon("add"),
    );
    add.style.setProperty("left", `${column.x - layout.spacing / 2 - 11}px`);
    add.style.setProperty("top", `${column.foot + (raised ? 0 : 17)}px`);
    return [add, foot];
  }

  /** @param {Placed} column @returns {HTMLElement[]} */
  #controls(column) {
    const { state } = this.#run;
    const { experiment, catalog } = state;
    if (!experiment) return [];
    if (column.data) {
      const label = dataset(catalog, experiment)?.label ?? column.name;
      return [
        element(
          "span",
          { class: "foot-name" },
          column.shape.length > 1
            ? shapeText(column.shape).replaceAll(" ", "")
            : `${column.units} ${column.units === 1 ? "input" : "inputs"}`,
        ),
        element("span", { class: "foot-kind" }, label),
      ];
    }
    const head = nodeItem(catalog, column.kind)?.label ?? column.kind;
    const size = sizeOf(experiment, column);
    const judged = state.description?.outputs.some((name) =>
      column.members.some((member) => member.name === name),
    );
    const first =
      size && this.#run.control
        ? this.#stepper(column, size)
        : this.#name(
            column,
            judged && column.tiled ? `${column.units} ${column.units === 1 ? "output" : "outputs"}` : head,
          );
    const second = this.#second(column, judged ?? false, head);
    return [first, second];
  }

  /** @param {Placed} column @param {string} text */
  #name(column, text) {
    return element(
      "button",
      {
        type: "button",
        class: "foot-name",
        title: column.name,
        "data-key": `name ${column.name}`,
        onclick: () => this.#run.select(column.name),
      },
      breakable(text),
    );
  }

  /** @param {Placed} column @param {{ pointer: string, units: number }} size */
  #stepper(column, { pointer, units }) {
    const set = (/** @type {number} */ count) => count >= 1 && resize(this.#run, pointer, count);
    const what = (column.members[0]?.size_option ?? "units").replace(/s$/, "");
    const less = iconButton("less", `One ${what} fewer in ${column.head}`, () => set(units - 1), {
      "data-key": `less ${column.head}`,
      disabled: units <= 1,
    });
    const more = iconButton("add", `One ${what} more in ${column.head}`, () => set(units + 1), {
      "data-key": `more ${column.head}`,
    });
    return element("div", { class: "stepper" }, less, this.#name(column, String(units)), more);
  }

  /** @param {Placed} column @param {boolean} judged @param {string} head */
  #second(column, judged, head) {
    const { catalog } = this.#run.state;
    const others = column.members.slice(1).filter(({ kind }) => !isActivation(catalog, kind));
    const extra = others.map(({ kind }) => nodeItem(catalog, kind)?.label ?? kind).join(", ");
    const removable = this.#run.control && !judged;
    const remove =
      removable &&
      iconButton("remove", `Remove ${column.head}`, () => this.#remove(column), {
        class: "icon-button remove",
        "data-key": `remove ${column.name}`,
      });
    if (
      judged ||
      !sizeOf(this.#run.state.experiment ?? /** @type {never} */ (null), column) ||
      !this.#run.control
    ) {
      const activation = column.members.find(({ kind }) => isActivation(catalog, kind));
      const text = [activation && nodeItem(catalog, activation.kind)?.label, extra]
        .filter(Boolean)
        .join(", ");
      return element(
        "div",
        { class: "foot-kind" },
        text || (judged ? "" : shapeText(column.shape).replaceAll(" ", "")),
        remove,
      );
    }
    const present = column.members.find(({ kind }) => isActivation(catalog, kind))?.kind ?? "";
    const select = element(
      "select",
      {
        "aria-label": `Activation of ${column.head}`,
        "data-key": `activation ${column.head}`,
        title: extra ? `${head}, ${extra}` : head,
      },
      element("option", { value: "" }, "linear"),
      ...(catalog["activations"] ?? []).map(({ kind, label }) =>
        element("option", { value: kind, selected: kind === present }, label),
      ),
    );
    select.addEventListener("change", () => {
      const { experiment } = this.#run.state;
      if (experiment) this.#run.edit(setActivation(catalog, experiment, column, select.value || null));
    });
    return element(
      "div",
      { class: "foot-kind" },
      element("span", { class: "select" }, select),
      extra && element("small", { class: "extra" }, extra),
      remove,
    );
  }

  /** @param {Placed} column */
  #remove(column) {
    const { experiment } = this.#run.state;
    if (experiment) this.#run.edit(removeColumn(this.#run.state.catalog, experiment, column));
  }

  /** @param {MouseEvent} event @param {Placed} column */
  #offer(event, column) {
    const anchor = /** @type {HTMLElement} */ (event.currentTarget);
    const before = shapeBefore(this.#run.state.description, column);
    openMenu(
      anchor,
      "Add a layer",
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
    run.notify(
      `${followed.join(" and ")} changed too: their outputs are added, and must be equally many`,
      "info",
    );
}

/** Words with a place to break where a narrow column is too narrow for them. @param {string} text */
function breakable(text) {
  return text.replaceAll("volution", "vo\u00ADlution").replaceAll("alisation", "ali\u00ADsation");
}

/**
 * What a new layer before a column would be given. @param {Description | null} description @param {Placed}
 * column
 */
function shapeBefore(description, column) {
  const source = column.members[0]?.inputs[0];
  return description?.nodes.find(({ name }) => name === source)?.shape ?? description?.input.shape ?? [];
}
