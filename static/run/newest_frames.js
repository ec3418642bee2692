/** The newest frame of each picture, and those who show it. */

/** @import { Frame } from "../types.d.ts" */

/** @typedef {(frame: Frame) => void} FrameListener */

/** The answer alone is asked for at a finer grid than the units: the same probe, another picture. */
export const FINE = 100;

/** @param {Frame} frame @returns {string} its probe, or "answer" for the fine surface */
export function channelOf(frame) {
  const probe = frame.metadata["probe"] ?? "";
  return probe === "surface" && frame.arrays.get("output")?.shape[0] === FINE ? "answer" : probe;
}

/**
 * The step that frames drawn together are of; of several steps the least, which all of them have reached.
 *
 * @param {(Frame | undefined)[]} frames @returns {number | null} null where there is none
 */
export function stepOf(frames) {
  const steps = frames
    .flatMap((frame) => (frame ? Number(frame.metadata["step"]) : []))
    .filter(Number.isFinite);
  return steps.length > 0 ? Math.min(...steps) : null;
}

export class NewestFrames {
  /** By channel. @type {Map<string, Frame>} */
  latest = new Map();
  /** @type {Map<string, Set<FrameListener>>} */
  #listeners = new Map();

  /**
   * @param {string} channel @param {FrameListener} listener called for each new frame, and for the newest now
   * @param {AbortSignal} [signal] ends it
   */
  listen(channel, listener, signal) {
    if (signal?.aborted) return;
    const set = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, set.add(listener));
    signal?.addEventListener("abort", () => set.delete(listener), { once: true });
    const newest = this.latest.get(channel);
    if (newest) listener(newest);
  }

  /** @param {string} channel @param {Frame} frame */
  show(channel, frame) {
    this.latest.set(channel, frame);
    for (const listener of this.#listeners.get(channel) ?? []) {
      try {
        listener(frame);
      } catch (error) {
        // It may be of a plug-in's panel; the others paint all the same.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  /** What came before it was known what it is of. @param {ReadonlySet<string>} keys */
  showAgain(keys) {
    for (const [channel, frame] of this.latest)
      if (keys.has(frame.metadata["key"] ?? "")) this.show(channel, frame);
  }

  /** Another run; who listens stays. */
  forget() {
    this.latest.clear();
  }
}
