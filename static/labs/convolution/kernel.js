/** The filter as a table of numbers that can be changed, coloured by their weight. */

import { element } from "../../core/dom.js";
import { shortNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  weightInRowColumn: "Weight in row {index}, column {index2}",
});

/** Digits that fit into a cell. */
const DIGITS = 2;

export class KernelTable {
  element = element("table", { class: "kernel-table" });
  #change;
  /** @type {HTMLInputElement[]} */
  #cells = [];
  #side = 0;
  /** @type {number[]} */
  #values = [];

  /** @param {(values: number[], side: number) => void} change */
  constructor(change) {
    this.#change = change;
  }

  /** @param {number[]} values as they are written, row by row @param {number} side */
  show(values, side) {
    this.#values = values;
    if (side !== this.#side) this.#build(side);
    const size = Math.max(...values.map(Math.abs), 1e-12);
    this.#cells.forEach((cell, index) => {
      const value = values[index] ?? 0;
      if (document.activeElement !== cell) cell.value = shortNumber(value, DIGITS).replace("−", "-");
      cell.title = String(value);
      cell.classList.toggle("negative", value < 0);
      cell.style.setProperty("--share", `${Math.round((100 * Math.abs(value)) / size)}%`);
    });
  }

  /** @param {number} side */
  #build(side) {
    this.#side = side;
    this.element.classList.toggle("dense", side > 5);
    this.element.classList.toggle("densest", side > 9);
    this.#cells = Array.from({ length: side * side }, (_, index) => {
      const label = TEXTS.weightInRowColumn({
        index: Math.floor(index / side) + 1,
        index2: (index % side) + 1,
      });
      const cell = element("input", {
        type: "text",
        inputmode: "decimal",
        autocomplete: "off",
        spellcheck: "false",
        "aria-label": label,
      });
      cell.addEventListener("focus", () => {
        cell.value = String(this.#values[index] ?? 0);
        cell.select();
      });
      cell.addEventListener("blur", () => this.show(this.#values, this.#side));
      cell.addEventListener("change", () => this.#set(index, cell.value));
      cell.addEventListener("keydown", (event) => this.#key(event, index));
      return cell;
    });
    const rows = Array.from({ length: side }, (_, row) =>
      element(
        "tr",
        {},
        ...this.#cells.slice(row * side, (row + 1) * side).map((cell) => element("td", {}, cell)),
      ),
    );
    this.element.replaceChildren(element("tbody", {}, ...rows));
  }

  /** @param {number} index @param {string} typed */
  #set(index, typed) {
    const value = Number(typed.trim().replace("−", "-").replace(",", "."));
    if (typed.trim() === "" || !Number.isFinite(value) || Math.abs(value) > 1e6) return;
    const values = this.#values.with
      ? this.#values.with(index, value)
      : this.#values.map((each, place) => (place === index ? value : each));
    this.#change(values, this.#side);
  }

  /**
   * Up and down turn a number, with Alt they go to the cell above or below.
   *
   * @param {KeyboardEvent} event @param {number} index
   */
  #key(event, index) {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    const sign = event.key === "ArrowUp" ? 1 : -1;
    if (event.altKey) {
      this.#cells[index - sign * this.#side]?.focus();
      return;
    }
    const cell = this.#cells[index];
    if (!cell) return;
    cell.value = String(Number((Number(cell.value) + sign * (event.shiftKey ? 1 : 0.1)).toFixed(6)));
    this.#set(index, cell.value);
  }
}
