/** What a frame of the `optimizer_race` study says. */

/** @import { Frame } from "../../types.d.ts" */

import { sharesAbout, sharesOf } from "../../draw/terrain.js";

/**
 * @typedef {object} Scene
 * @property {Float32Array} heights row by row from the top
 * @property {number} size columns, and rows
 * @property {[number, number]} x least and greatest
 * @property {[number, number]} y
 * @property {number} least the least height that is known
 * @property {[number, number][]} minima
 */

/**
 * The heights as shares: above the minimum where there is one, about the middle where there is none.
 *
 * @param {Scene} scene
 */
export function reliefOf({ heights, least, minima }) {
  return minima.length > 0 ? sharesOf(heights, least) : sharesAbout(heights);
}

/** Where one runner stands at a step, or between two. @typedef {{ x: number, y: number }} Place */

export class Race {
  #arrays;
  /** @type {Scene} */
  scene;
  /** How many runners. */
  count;
  /** How many steps are here. */
  steps;

  /** @param {Frame} frame */
  constructor({ arrays }) {
    this.#arrays = arrays;
    const [count = 0, rows = 1] = arrays.get("paths")?.shape ?? [];
    this.count = count;
    this.steps = rows - 1;
    const heights = this.#floats("heights");
    const domain = this.#floats("domain");
    const minima = this.#floats("minima");
    this.scene = {
      heights,
      size: Math.round(Math.sqrt(heights.length)),
      x: [domain[0] ?? 0, domain[1] ?? 1],
      y: [domain[2] ?? 0, domain[3] ?? 1],
      least: this.#floats("least")[0] ?? 0,
      minima: Array.from({ length: minima.length / 2 }, (_, index) => [
        minima[2 * index] ?? 0,
        minima[2 * index + 1] ?? 0,
      ]),
    };
  }

  /** @param {string} name */
  #floats(name) {
    const data = this.#arrays.get(name)?.data;
    return data instanceof Float32Array ? data : new Float32Array();
  }

  /** The path of a runner: x and y by turns. @param {number} runner */
  path(runner) {
    const length = 2 * (this.steps + 1);
    return this.#floats("paths").subarray(runner * length, (runner + 1) * length);
  }

  /** @param {number} runner */
  losses(runner) {
    return this.#floats("losses").subarray(runner * (this.steps + 1), (runner + 1) * (this.steps + 1));
  }

  /** The rate of the step after `step` steps. @param {number} runner @param {number} step */
  rate(runner, step) {
    return this.#floats("rates")[runner * this.steps + Math.min(Math.floor(step), this.steps - 1)] ?? NaN;
  }

  /**
   * Where a runner is after so many steps; in between where the step is not whole.
   *
   * @param {number} runner @param {number} step @returns {Place}
   */
  place(runner, step) {
    const path = this.path(runner);
    const before = Math.min(Math.floor(step), this.steps);
    const after = Math.min(before + 1, this.steps);
    const share = step - before;
    const along = (/** @type {number} */ axis) => {
      const from = path[2 * before + axis] ?? NaN;
      return share > 0 ? from + ((path[2 * after + axis] ?? NaN) - from) * share : from;
    };
    return { x: along(0), y: along(1) };
  }

  /**
   * Where a runner is, or where it was last seen before its numbers ran out.
   *
   * @param {number} runner @param {number} step
   */
  lastSeen(runner, step) {
    const diverged = this.event(runner, "diverged");
    return this.place(runner, diverged === null ? step : Math.min(step, Math.max(0, diverged - 1)));
  }

  /**
   * What the optimizer keeps after so many steps, of the first of these names that it has.
   *
   * @param {number} runner @param {number} step @param {string[]} slots @returns {Place | null}
   */
  kept(runner, step, slots) {
    for (const slot of slots) {
      const values = this.#floats(`state/${runner}/${slot}`);
      const at = 2 * Math.min(Math.floor(step), this.steps);
      if (values.length > 0) return { x: values[at] ?? NaN, y: values[at + 1] ?? NaN };
    }
    return null;
  }

  /**
   * @param {number} runner @param {"reached" | "left" | "diverged"} what @returns {number | null} the step
   */
  event(runner, what) {
    const step = this.#arrays.get(what)?.data[runner] ?? -1;
    return step < 0 ? null : step;
  }
}
