/** Transparent buttons on every tile, so that tab, touch and screen readers reach it; and those that fold. */

/** @import { Focus } from "../../draw/edges.js" */
/** @import { Layout, Placed } from "../../network/layout.js" */

import { element, place, rebuild } from "../../core/dom.js";
import { featureName } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { blocksOf } from "../../network/layout.js";
import { nodeName, unitName } from "../../network/names.js";

const TEXTS = texts(import.meta.url, {
  about: "{label}, {about}",
  showFewerUnits: "Show fewer units",
  showMoreUnits: "Show {hidden} more units",
  of: "{label} of {head}",
  drawAsOne: "Draw {name} as one",
  showWhatIsIn: "Show what is in {head}",
  input: "Input {own}",
  of2: "{own} of {units}",
});

/** Between columns closer than this a folded block has no room for its name. */
const NAMED_FROM = 60;

/** By how many columns and units an arrow key moves. @type {Record<string, [number, number]>} */
const STEPS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/**
 * What follows from the buttons.
 *
 * @typedef {object} UnitActions
 * @property {(column: Placed, unit: number) => void} choose
 * @property {(focus: Focus, byKeyboard: boolean) => void} focus a unit has the page's focus, or none has
 * @property {(head: string) => void} turnUnits show all units of a column, or those that fit
 * @property {(block: string) => void} turnBlock fold a block, or unfold it
 */

/**
 * The column of the answer, what its units are about, and how wide the words may be.
 *
 * @typedef {{ column: string, classes: string[], width: number }} Answer
 */

export class UnitButtons {
  element = element("div", { class: "units" });
  #actions;
  /** @type {Layout | null} */
  #layout = null;
  /** @type {Answer | null} */
  #answer = null;

  /** @param {UnitActions} actions */
  constructor(actions) {
    this.#actions = actions;
  }

  /** Whether the page's focus is on one of them. */
  get hasFocus() {
    return this.element.contains(document.activeElement);
  }

  /**
   * @param {Layout} layout @param {string[]} names of the numbers or channels that the network gets
   * @param {Answer | null} [answer] whose units are about classes that have no bars
   */
  arrange(layout, names, answer = null) {
    this.#layout = layout;
    this.#answer = answer;
    const folded = layout.columns.filter((each) => each.folded);
    rebuild(this.element, () =>
      this.element.replaceChildren(
        ...layout.columns.flatMap((column) => this.#ofColumn(column, names)),
        ...blocksOf(layout.columns).map((block) => this.#folder(block, roomAbove(block, layout.columns))),
        ...folded.map((each) => this.#unfolder(each, layout.spacing)),
      ),
    );
  }

  /** @param {string} column @param {number} unit */
  #find(column, unit) {
    const found = this.element.querySelector(`[data-column="${CSS.escape(column)}"][data-unit="${unit}"]`);
    return found instanceof HTMLElement ? found : null;
  }

  /** @param {Placed} column @param {string[]} names @returns {HTMLElement[]} */
  #ofColumn(column, names) {
    const places = column.tiled ? column.shown : [{ index: 0, x: column.x, y: column.y }];
    const named = column.data && column.tiled && !column.maps;
    const parts = places.flatMap(({ index, x, y }) => {
      const button = this.#button(column, index, names);
      place(button, x - column.size / 2, y - column.size / 2, column.size, column.size);
      const about = this.#className(column, index);
      if (about !== null)
        return [button, outputName(about, x + column.size / 2 + 8, y, this.#answer?.width ?? 0)];
      if (!named) return [button];
      const text = featureName(names[index] ?? String(index + 1));
      const name = element("span", { class: "input-name" }, text);
      const right = x - column.size / 2 - 8;
      place(name, right, y, 0, 0);
      name.style.setProperty("max-width", `${right - 2}px`);
      return [button, name];
    });
    return column.hidden > 0 || column.opened ? [...parts, this.#moreUnits(column)] : parts;
  }

  /** @param {Placed} column @param {number} unit @param {string[]} names */
  #button(column, unit, names) {
    const focus = { column: column.name, unit };
    const button = element("button", {
      type: "button",
      class: "unit",
      "aria-label": unitLabel(column, unit, names, this.#className(column, unit)),
      "data-column": column.name,
      "data-unit": unit,
      "data-key": `unit ${column.name} ${unit}`,
      tabindex: unit === (column.shown[0]?.index ?? 0) ? 0 : -1,
      onclick: () => this.#actions.choose(column, unit),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.#move(event, column, unit),
      onfocus: () => this.#actions.focus(focus, button.matches(":focus-visible")),
      onblur: () => this.#actions.focus(null, false),
    });
    return button;
  }

  /** The class that a unit of the answer is about. @param {Placed} column @param {number} unit */
  #className({ name }, unit) {
    return (this.#answer?.column === name && this.#answer.classes[unit]) || null;
  }

  /**
   * Below a wide layer: how many units are not drawn, and the way to them; or back.
   *
   * @param {Placed} column
   */
  #moreUnits({ head, hidden, opened, shown, size, x, y }) {
    const label = opened ? TEXTS.showFewerUnits : TEXTS.showMoreUnits({ hidden });
    const chip = element(
      "button",
      {
        type: "button",
        class: "more-units",
        "data-key": `units ${head}`,
        "aria-label": TEXTS.of({ label, head: nodeName(head) }),
        title: label,
        "aria-expanded": String(opened),
        onclick: () => this.#actions.turnUnits(head),
      },
      opened && hidden === 0 ? "fold" : `+${hidden}`,
    );
    place(chip, x - 22, (shown.at(-1)?.y ?? y) + size * 0.62, 44, 18);
    return chip;
  }

  /** @param {{ name: string, left: number, top: number }} block that is drawn unfolded @param {number} room */
  #folder({ name, left, top }, room) {
    const fold = element(
      "button",
      {
        type: "button",
        class: "block-name",
        "data-key": `block ${name}`,
        "aria-expanded": "true",
        title: TEXTS.drawAsOne({ name: nodeName(name) }),
        "aria-label": nodeName(name),
        onclick: () => this.#actions.turnBlock(name),
      },
      room < NAMED_FROM ? null : ownName(name),
    );
    place(fold, left - 12, top - 33, 0, 0);
    return fold;
  }

  /** @param {Placed} column that stands for a block @param {number} spacing from column to column */
  #unfolder({ head, x, top }, spacing) {
    const unfold = element(
      "button",
      {
        type: "button",
        class: "block-name closed",
        "data-key": `block ${head}`,
        "aria-expanded": "false",
        title: TEXTS.showWhatIsIn({ head: nodeName(head) }),
        "aria-label": nodeName(head),
        onclick: () => this.#actions.turnBlock(head),
      },
      spacing < NAMED_FROM ? null : ownName(head),
    );
    place(unfold, x, top - 36, 0, 0); // clear of the size above the column
    return unfold;
  }

  /** Arrow keys walk the drawing. @param {KeyboardEvent} event @param {Placed} column @param {number} unit */
  #move(event, column, unit) {
    const step = STEPS[event.key];
    if (!step || !this.#layout) return;
    event.preventDefault();
    event.stopPropagation();
    const { columns } = this.#layout;
    const next = columns[columns.indexOf(column) + step[0]] ?? column;
    const row =
      Math.max(
        0,
        column.shown.findIndex(({ index }) => index === unit),
      ) + step[1];
    this.#find(next.name, next.shown[Math.max(0, Math.min(next.shown.length - 1, row))]?.index ?? 0)?.focus();
  }

  /**
   * Mark what is selected, and the column of the node that a run failed at.
   *
   * @param {string | null} selected @param {number} unit @param {string | null} failed
   */
  mark(selected, unit, failed) {
    for (const button of this.element.querySelectorAll(".unit")) {
      if (!(button instanceof HTMLElement)) continue;
      const { column, unit: index } = button.dataset;
      const members = this.#layout?.columns.find(({ name }) => name === column)?.members ?? [];
      button.classList.toggle("selected", column === selected && Number(index) === unit);
      button.classList.toggle("failed", failed !== null && members.some(({ name }) => name === failed));
    }
  }
}

/**
 * The name of a class, beside the unit that is about it.
 *
 * @param {string} text @param {number} x @param {number} y @param {number} width
 */
function outputName(text, x, y, width) {
  const name = element("span", { class: "output-name", "aria-hidden": true, title: text }, text);
  place(name, x, y, 0, 0);
  name.style.setProperty("max-width", `${width}px`);
  return name;
}

/**
 * What a unit is called.
 *
 * @param {Placed} column @param {number} unit @param {string[]} names of the inputs
 * @param {string | null} [about] the class that it is about
 */
export function unitLabel(column, unit, names, about = null) {
  const own = unitName(column, unit, names);
  if (column.data) return column.maps ? own : TEXTS.input({ own });
  if (!column.tiled) return own;
  const label = TEXTS.of2({ own, units: column.units });
  return about === null ? label : TEXTS.about({ label, about });
}

/** `stage1.block2` → `block2` @param {string} block */
function ownName(block) {
  return nodeName(block.slice(block.lastIndexOf(".") + 1));
}

/**
 * How much room there is for the name of an unfolded block: up to the next sign in its line.
 *
 * @param {{ left: number, top: number }} block @param {Placed[]} columns
 */
function roomAbove({ left, top }, columns) {
  const signs = [
    ...blocksOf(columns).map((other) => ({ left: other.left, top: other.top })),
    ...columns.filter(({ folded }) => folded).map((column) => ({ left: column.x, top: column.top })),
  ];
  const beside = signs.filter((sign) => sign.top === top && sign.left > left);
  return Math.min(...beside.map((sign) => sign.left - left));
}
