/**
 * Scrubbing: pictures as they were at a step, from what the run has recorded, in the place of the live ones.
 *
 * Whoever listens to a probe is given its recorded frames while a step is chosen, and live ones otherwise;
 * it needs to know nothing of it. `run.scrub.at(step)` chooses, `run.scrub.at(null)` goes back to live.
 */

/** @import { Frame } from "../types.d.ts" */

/**
 * @typedef {object} Host
 * @property {(key: string, step: number) => Promise<Frame | null>} fetch the first recorded frame at or after
 * a step
 * @property {(channel: string, frame: Frame) => void} show
 * @property {() => void} changed another step is chosen, or shown
 */

/** Frames that are kept, so that a hand that goes back and forth asks once. */
const MOST_KEPT = 240;

export class Scrub {
  #host;
  /** The step that is chosen; null for live. @type {number | null} */
  step = null;
  /** The step of what is shown, which may lie a little after the one chosen. @type {number | null} */
  shown = null;
  /** The newest live frame of each channel. @type {Map<string, Frame>} */
  #live = new Map();
  /** Channels whose recording is on its way. @type {Set<string>} */
  #under = new Set();
  /**
   * What was fetched, by key: asked for from a step, found at another.
   *
   * @type {{ key: string, from: number, to: number, frame: Frame | null }[]}
   */
  #kept = [];

  /** @param {Host} host */
  constructor(host) {
    this.#host = host;
  }

  /** Show everything as it was at a step; null: as it is. @param {number | null} step */
  at(step) {
    if (step === this.step) return;
    this.step = step === null ? null : Math.max(0, Math.round(step));
    this.shown = this.step;
    this.#host.changed();
    for (const channel of this.#live.keys()) this.#show(channel);
  }

  /**
   * A live frame came. While a step is chosen it waits; the first of a new picture asks for its recording.
   *
   * @param {string} channel @param {Frame} frame
   */
  take(channel, frame) {
    const before = this.#live.get(channel);
    this.#live.set(channel, frame);
    if (this.step === null) this.#host.show(channel, frame);
    else if (before?.metadata["key"] !== frame.metadata["key"]) this.#show(channel);
  }

  /** Another run, or another life of it. */
  forget() {
    this.#live.clear();
    this.#kept = [];
    if (this.step === null) return;
    this.step = this.shown = null;
    this.#host.changed();
  }

  /** @param {string} channel */
  #show(channel) {
    const live = this.#live.get(channel);
    if (!live) return;
    if (this.step === null) this.#host.show(channel, live);
    else void this.#fetch(channel);
  }

  /**
   * One request at a time for each channel; what is chosen meanwhile is asked for next.
   *
   * @param {string} channel
   */
  async #fetch(channel) {
    if (this.#under.has(channel)) return;
    this.#under.add(channel);
    try {
      for (let shown = -1; this.step !== null && this.step !== shown;) {
        shown = this.step;
        const live = this.#live.get(channel);
        if (!live) return;
        const recorded = await this.#recorded(live, shown);
        if (this.step === null) return;
        const frame = recorded ?? live;
        this.#host.show(channel, frame);
        if (recorded && shown === this.step) this.#note(Number(frame.metadata["step"]));
      }
    } finally {
      this.#under.delete(channel);
    }
  }

  /** @param {number} step */
  #note(step) {
    if (this.shown === step) return;
    this.shown = step;
    this.#host.changed();
  }

  /**
   * @param {Frame} live the channel's newest @param {number} step @returns {Promise<Frame | null>} null where
   * nothing was recorded so late in this life
   */
  async #recorded(live, step) {
    const { key = "", life } = live.metadata;
    const kept = this.#kept.find((each) => each.key === key && each.from <= step && step <= each.to);
    if (kept) return kept.frame;
    const frame = await this.#host.fetch(key, step);
    const found = frame && frame.metadata["life"] === life ? frame : null;
    if (found) {
      this.#kept.push({ key, from: step, to: Number(found.metadata["step"]), frame: found });
      if (this.#kept.length > MOST_KEPT) this.#kept.shift();
    }
    return found;
  }
}
