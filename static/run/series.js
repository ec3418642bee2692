/**
 * The rows of a scalar probe, each once, in order, whatever the connection does: the newest whole, of older
 * ones those at which, in stretches of equal length, some series is least or greatest.
 */

/** @import { Frame } from "../types.d.ts" */
/** @import { Piece } from "./lives.js" */

/** Rows here, from one to another, exclusive. @typedef {[number, number]} Range */

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

  /** Of the first so many numbers keep some. @param {number[]} rows ascending @param {number} of */
  keep(rows, of) {
    rows.forEach((row, place) => (this.#values[place] = this.#values[row] ?? NaN));
    this.#values.copyWithin(rows.length, of, this.length);
    this.length -= of - rows.length;
  }

  /** The last number, or NaN. */
  get last() {
    return this.#values[this.length - 1] ?? NaN;
  }
}

/**
 * Rows from the journal, with `next` in the metadata and, where rows are missing between, their numbers as
 * `seq`. With points: all of them, or the extremes of so many.
 *
 * @typedef {(from: number, points?: number) => Promise<Frame>} Fetch
 */

/** Rows that a page shows of a run it comes to late. */
export const POINTS = 6000;

/** Rows that a page keeps; beyond, the older half is thinned. */
const MOST_ROWS = 40_000;

/** Rows from one kept stretch to the next are so many times fewer. */
const THINNING = 4;

export class Series {
  #fetch;
  #changed;
  /** The journal's number of the row after the last one here. */
  next = 0;
  /** @type {Map<string, Column>} */
  columns = new Map();
  /** The journal's number of each row. */
  numbers = new Column();
  /** Row here with which the present life begins; the rows before it are the last life's. */
  start = 0;
  /** @type {Piece[] | null} */
  #pieces = null;
  /** @type {{ length: number, next: number, ranges: Range[], joined: Map<string, Float64Array> } | null} */
  #ranges = null;
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

  /**
   * Which rows led to where the run stands, where that is known.
   *
   * @param {Piece[] | null} pieces the oldest first
   */
  follow(pieces) {
    this.#pieces = pieces;
    this.#ranges = null;
  }

  /**
   * The values that led to where the run stands: of the present life, and of those that it goes on from.
   * @param {string} name @returns {Float64Array}
   */
  values(name) {
    const column = this.columns.get(name)?.values;
    if (!column) return new Float64Array();
    const { ranges, joined } = this.#present();
    const [only, more] = ranges;
    if (!only) return column.subarray(this.length);
    if (!more) return column.subarray(...only);
    let found = joined.get(name);
    if (!found) {
      found = Float64Array.from(ranges.flatMap(([from, to]) => [...column.subarray(from, to)]));
      joined.set(name, found);
    }
    return found;
  }

  /**
   * The values of the lives before, which did not lead to where the run stands.
   *
   * @param {string} name @returns {Float64Array}
   */
  earlier(name) {
    const column = this.columns.get(name)?.values;
    if (!column) return new Float64Array();
    const { ranges } = this.#present();
    const [start] = ranges.at(-1) ?? [this.start];
    // Of rows that count again, those that came after them are left.
    const from = Math.max(0, ...ranges.slice(0, -1).map(([, to]) => to));
    return column.subarray(Math.min(from, start), start);
  }

  /** Where the rows stand that led to where the run stands, and columns put together of several places. */
  #present() {
    if (!this.#ranges || this.#ranges.length !== this.length || this.#ranges.next !== this.next) {
      const ranges = this.#pieces
        ? this.#pieces.map((piece) => this.#rangeOf(piece))
        : [/** @type {Range} */ ([this.start, this.length])];
      const filled = ranges.filter(([from, to], index) => to > from || index === ranges.length - 1);
      this.#ranges = { length: this.length, next: this.next, ranges: filled, joined: new Map() };
    }
    return this.#ranges;
  }

  /** @param {Piece} piece @returns {Range} */
  #rangeOf({ from, to, until }) {
    const numbers = this.numbers.values;
    const [start, end] = [firstAtLeast(numbers, from, 0), firstAtLeast(numbers, to, 0)];
    if (until === Infinity) return [start, end];
    const steps = this.columns.get("step")?.values.subarray(0, end) ?? new Float64Array();
    return [start, Math.max(start, firstAtLeast(steps, until + 1, start))];
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
        const frame = await this.#fetch(before, POINTS);
        this.#append(frame, before, true);
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

  /**
   * @param {Frame} frame @param {number} first @param {boolean} [holes] whether all rows after the last one
   * here
   * are in it, as far as they are kept: then it may begin later
   * @returns {boolean} whether a row was new
   */
  #append(frame, first, holes = false) {
    const steps = frame.arrays.get("step")?.data;
    if (!steps || (first > this.next && !holes)) return false;
    const start = Number(frame.metadata["seq"] ?? first);
    const numbers = frame.arrays.get("seq")?.data ?? Float64Array.from(steps, (_, row) => start + row);
    let skip = 0;
    while (skip < numbers.length && (numbers[skip] ?? 0) < this.next) skip++;
    if (skip >= steps.length) return false;
    const length = this.length;
    for (let row = skip; row < steps.length; row++) {
      this.#begin(length + row - skip, steps[row] ?? NaN);
      this.numbers.push(numbers[row] ?? NaN);
    }
    for (const [name, { data }] of frame.arrays) {
      if (name === "seq") continue;
      const column = this.#column(name, length);
      for (let row = skip; row < data.length; row++) column.push(data[row] ?? NaN);
    }
    for (const column of this.columns.values())
      while (column.length < length + steps.length - skip) column.push(NaN);
    this.next = this.numbers.last + 1;
    if (this.length > MOST_ROWS) this.#thin();
    return true;
  }

  /** Of the older half of the rows, keep the extremes of stretches: a page may be open for days. */
  #thin() {
    const half = this.length >> 1;
    const names = [...this.columns.keys()].filter((name) => name !== "epoch");
    const size = THINNING * (3 * names.length + 6);
    const kept = new Set([half - 1]);
    for (let from = 0; from < half; from += size) {
      const to = Math.min(from + size, half);
      for (const row of [from, to - 1, ...falls(this.columns.get("step")?.values, from, to)]) kept.add(row);
      for (const name of names)
        for (const row of extremes(this.columns.get(name)?.values, from, to)) kept.add(row);
    }
    const rows = [...kept].sort((a, b) => a - b);
    for (const column of [...this.columns.values(), this.numbers]) column.keep(rows, half);
    this.start =
      this.start < half ? rows.findIndex((row) => row >= this.start) : this.start - half + rows.length;
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

/**
 * The first place from another on with a number that is no less.
 *
 * @param {Float64Array} values ascending from there @param {number} least @param {number} from
 */
function firstAtLeast(values, least, from) {
  let [low, high] = [from, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Where in a stretch the values are least, greatest and no number.
 *
 * @param {Float64Array | undefined} values @param {number} from @param {number} to
 */
function extremes(values, from, to) {
  let [least, greatest, missing] = [-1, -1, -1];
  for (let row = from; row < to; row++) {
    const value = values?.[row] ?? NaN;
    if (Number.isNaN(value)) missing = missing < 0 ? row : missing;
    else {
      if (least < 0 || value < (values?.[least] ?? NaN)) least = row;
      if (greatest < 0 || value > (values?.[greatest] ?? NaN)) greatest = row;
    }
  }
  return [least, greatest, missing].filter((row) => row >= 0);
}

/**
 * The rows on either side of the first and of the last place in a stretch where a life ends.
 *
 * @param {Float64Array | undefined} steps @param {number} from @param {number} to
 */
function falls(steps, from, to) {
  /** @type {number[]} */
  const found = [];
  for (let row = from + 1; row < to; row++)
    if ((steps?.[row] ?? 0) < (steps?.[row - 1] ?? 0)) found.push(row);
  return [found[0], found.at(-1)].flatMap((row) => (row === undefined ? [] : [row - 1, row]));
}
