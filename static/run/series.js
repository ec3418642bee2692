/** The rows of a scalar probe: every one of them once, in order, whatever the connection does. */

/** @import { Frame } from "../types.d.ts" */

/** A column of numbers that grows. */
export class Column {
  #values = new Float64Array(256);
  length = 0;

  /** The numbers so far; a view that the next push may outgrow. */
  get values() {
    return this.#values.subarray(0, this.length);
  }

  /** @param {number} value */
  push(value) {
    if (this.length === this.#values.length) {
      const larger = new Float64Array(2 * this.length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.length++] = value;
  }

  /** The last number, or NaN. */
  get last() {
    return this.#values[this.length - 1] ?? NaN;
  }
}

/** @typedef {(from: number) => Promise<Frame>} Fetch rows from the journal, with `next` in the metadata */

export class Series {
  #fetch;
  #changed;
  /** The journal's number of the row after the last one here. */
  next = 0;
  /** @type {Map<string, Column>} */
  columns = new Map();
  /** Row here with which the present life begins; the rows before it are the last life's. */
  start = 0;
  #filling = false;
  /** Whether more was asked for while rows were on their way. */
  #again = false;
  /** @type {Frame[]} */
  #held = [];

  /** @param {Fetch} fetch @param {() => void} changed */
  constructor(fetch, changed) {
    this.#fetch = fetch;
    this.#changed = changed;
  }

  /** How many rows are here. */
  get length() {
    return this.columns.get("step")?.length ?? 0;
  }

  /** @param {string} name @returns {Float64Array} the present life's values */
  values(name) {
    return this.columns.get(name)?.values.subarray(this.start) ?? new Float64Array();
  }

  /** @param {string} name @returns {Float64Array} the values of the lives before */
  earlier(name) {
    return this.columns.get(name)?.values.subarray(0, this.start) ?? new Float64Array();
  }

  /**
   * Take a frame of new rows. Rows that are here already are passed over; where some are missing
   * between, they are fetched first.
   *
   * @param {Frame} frame
   */
  take(frame) {
    const first = Number(frame.metadata["seq"]);
    if (this.#filling || first > this.next) this.#held.push(frame);
    if (this.#filling) return;
    if (first > this.next) {
      void this.fill();
      return;
    }
    if (this.#append(frame, first)) this.#changed();
  }

  /** Fetch what the journal has beyond the last row here. */
  async fill() {
    if (this.#filling) {
      this.#again = true;
      return;
    }
    this.#filling = true;
    try {
      for (;;) {
        this.#again = false;
        const before = this.next;
        const frame = await this.#fetch(before);
        this.#append(frame, before);
        this.next = Math.max(this.next, Number(frame.metadata["next"] ?? before));
        if (this.next === before && !this.#again) break;
        this.#changed();
      }
    } catch {
      // The connection is the one that tells, and asks again when it is back.
    } finally {
      this.#filling = false;
    }
    const held = this.#held.splice(0).sort((a, b) => Number(a.metadata["seq"]) - Number(b.metadata["seq"]));
    for (const frame of held) this.#append(frame, Number(frame.metadata["seq"]));
    if (held.length > 0) this.#changed();
  }

  /** @param {Frame} frame @param {number} first @returns {boolean} whether a row was new */
  #append(frame, first) {
    const steps = frame.arrays.get("step")?.data;
    if (!steps || first > this.next) return false;
    const skip = this.next - first;
    if (skip >= steps.length) return false;
    const length = this.length;
    for (let row = skip; row < steps.length; row++) this.#begin(length + row - skip, steps[row] ?? NaN);
    for (const [name, { data }] of frame.arrays) {
      const column = this.#column(name, length);
      for (let row = skip; row < data.length; row++) column.push(data[row] ?? NaN);
    }
    for (const column of this.columns.values()) while (column.length < length + steps.length - skip) column.push(NaN);
    this.next = first + steps.length;
    return true;
  }

  #lastStep = -1;

  /** A step below the last one is a new life: the run was reset. @param {number} row @param {number} step */
  #begin(row, step) {
    if (step < this.#lastStep) this.start = row;
    this.#lastStep = step;
  }

  /** @param {string} name @param {number} length @returns {Column} */
  #column(name, length) {
    let column = this.columns.get(name);
    if (!column) {
      column = new Column();
      while (column.length < length) column.push(NaN);
      this.columns.set(name, column);
    }
    return column;
  }
}
