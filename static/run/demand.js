/** What the page wants to see of the run: told to the server, and told again after every reconnection. */

/** @import { Frame, JsonObject } from "../types.d.ts" */

import { isEqual } from "../core/json.js";
import { Disconnected, Refused } from "../core/live.js";

/** How often a refused demand is sent again. */
const ATTEMPTS = 4;

export class Demand {
  #request;
  #failed;
  /** Is told of keys that were not known before. @type {(keys: ReadonlySet<string>) => void} */
  learnt = () => {};
  /** Null where the page has not said yet. @type {JsonObject[] | null} */
  #probes = null;
  /** What was asked for, by the server's key for it. @type {Map<string, JsonObject>} */
  #asked = new Map();
  /** Who is told why a run refuses a probe, by its kind. @type {Map<string, Listener>} */
  #optional = new Map();
  /** The kinds of those that this run has refused. @type {Set<string>} */
  #refused = new Set();

  /**
   * @param {(command: JsonObject) => Promise<JsonObject>} request @param {(error: unknown) => void} failed it
   * is refused for good
   */
  constructor(request, failed) {
    this.#request = request;
    this.#failed = failed;
  }

  /**
   * Probes of a kind that some runs refuse: everything else is watched all the same.
   *
   * @param {string} kind @param {Listener} listener
   */
  optional(kind, listener) {
    this.#optional.set(kind, listener);
  }

  /** The run has changed: what it refused may apply now. */
  askAgain() {
    if (this.#refused.size === 0) return;
    this.#refused.clear();
    this.connected();
  }

  /** The run has stopped showing a probe. @param {string} kind @param {string} reason */
  lapsed(kind, reason) {
    const listener = this.#optional.get(kind);
    if (!listener) return;
    this.#refused.add(kind);
    listener(reason);
  }

  /** @param {JsonObject[]} wanted of all panels */
  watch(wanted) {
    const probes = distinct(wanted);
    if (isEqual(probes, this.#probes)) return;
    this.#probes = probes;
    void this.#send(probes, 0);
  }

  /**
   * A frame may come before the answer that says what it is of: it is shown again then, as of a run at rest no
   * other follows.
   *
   * @param {string[]} keys @param {JsonObject[]} asked
   */
  #learn(keys, asked) {
    const fresh = new Set(keys.filter((key) => !this.#asked.has(key)));
    keys.forEach((key, index) => asked[index] && this.#asked.set(key, asked[index]));
    if (fresh.size > 0) this.learnt(fresh);
  }

  /** The connection is there (again). */
  connected() {
    if (this.#probes) void this.#send(this.#probes, 0);
  }

  /** Another run. */
  forget() {
    this.#probes = null;
    this.#asked.clear();
    this.#refused.clear();
  }

  /**
   * The demand that a frame answers: of one probe there may be several, and late frames of an earlier one.
   * @param {Frame} frame @returns {JsonObject}
   */
  of(frame) {
    return this.#asked.get(frame.metadata["key"] ?? "") ?? {};
  }

  /**
   * Leave out the probes that may be refused and were.
   *
   * @param {unknown} error @param {JsonObject[]} asked @returns {boolean} whether there were any
   */
  #takeRefusal(error, asked) {
    const before = this.#refused.size;
    for (const { pointer, message } of error instanceof Refused ? error.problems : []) {
      const [, index] = /^\/probes\/(\d+)/.exec(pointer) ?? [];
      this.lapsed(String(asked[Number(index)]?.["kind"]), message);
    }
    return this.#refused.size > before;
  }

  /**
   * The drawing may be ahead of the run: a node just added is not there until its edit is applied.
   *
   * @param {JsonObject[]} probes @param {number} attempt @returns {Promise<void>}
   */
  async #send(probes, attempt) {
    const asked = probes.filter(({ kind }) => !this.#refused.has(String(kind)));
    try {
      const { keys } = await this.#request({ type: "watch", probes: asked });
      if (Array.isArray(keys)) this.#learn(keys.map(String), asked);
      for (const { kind } of asked) this.#optional.get(String(kind))?.(null);
    } catch (error) {
      if (error instanceof Disconnected || probes !== this.#probes) return;
      if (this.#takeRefusal(error, asked)) return this.#send(probes, attempt);
      if (!(error instanceof Refused) || unreadable(error) || attempt >= ATTEMPTS) this.#failed(error);
      else setTimeout(() => void this.#send(probes, attempt + 1), 250 * (attempt + 1));
    }
  }
}

/**
 * Each probe once, at the highest rate: two panels may want the same picture, and the server takes no probe twice.
 *
 * @param {JsonObject[]} wanted @returns {JsonObject[]}
 */
export function distinct(wanted) {
  /** @type {JsonObject[]} */
  const probes = [];
  for (const probe of wanted) {
    const place = probes.findIndex((other) => isEqual({ ...other, hz: null }, { ...probe, hz: null }));
    if (place < 0) probes.push(probe);
    else if (Number(probe["hz"]) > Number(probes[place]?.["hz"])) probes[place] = probe;
  }
  return probes;
}

/** @typedef {(reason: string | null) => void} Listener called with null where the probe is watched */

/**
 * What is said of an input that shows nothing, however often it is sent; null where something else is refused.
 *
 * @param {unknown} error @returns {string | null}
 */
export function unreadable(error) {
  const problem =
    error instanceof Refused && error.problems.find(({ pointer }) => /^\/probes\/\d+\/input$/.test(pointer));
  return problem ? problem.message : null;
}
