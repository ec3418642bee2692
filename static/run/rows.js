/** The rows of the run's two scalar probes, from its journal and as they come, and those who show them. */

/** @import { Frame } from "../types.d.ts" */
/** @import { Life } from "./lives.js" */

import { getRows } from "../core/api.js";
import { piecesOf } from "./lives.js";
import { Series } from "./series.js";

/** @typedef {"progress" | "evaluation"} Scalar */

/** @param {unknown} probe @returns {probe is Scalar} */
export const isScalar = (probe) => probe === "progress" || probe === "evaluation";

export class Rows {
  /** @type {Record<Scalar, Series> | null} */
  series = null;
  /** @type {Set<() => void>} */
  #listeners = new Set();

  /** @param {() => void} listener called when rows came, and now @param {AbortSignal} [signal] ends it */
  listen(listener, signal) {
    if (signal?.aborted) return;
    this.#listeners.add(listener);
    signal?.addEventListener("abort", () => this.#listeners.delete(listener), { once: true });
    listener();
  }

  /** @param {string} id of another run @param {AbortSignal} signal ends what is asked of it */
  attached(id, signal) {
    const seriesOf = (/** @type {Scalar} */ probe) => this.#seriesOf(id, probe, signal);
    this.series = { progress: seriesOf("progress"), evaluation: seriesOf("evaluation") };
  }

  /** @param {string} id @param {Scalar} probe @param {AbortSignal} signal */
  #seriesOf(id, probe, signal) {
    return new Series(
      (from, points) => getRows(id, probe, from, points, signal),
      () => this.changed(),
    );
  }

  /** Which rows led to where the run stands. @param {ReadonlyMap<number, Life>} lives @param {number} life */
  follow(lives, life) {
    for (const probe of /** @type {const} */ (["progress", "evaluation"]))
      this.series?.[probe].follow(piecesOf(lives, life, probe));
    this.changed();
  }

  changed() {
    this.#listeners.forEach((listener) => listener());
  }

  /** The connection is there (again), and what came meanwhile is not. */
  connected() {
    this.fill("evaluation");
    this.fill("progress");
  }

  /** The connection has left some out. @param {Scalar} probe */
  fill(probe) {
    void this.series?.[probe].fill();
  }

  /** @param {Scalar} probe @param {Frame} frame */
  take(probe, frame) {
    this.series?.[probe].take(frame);
  }
}
