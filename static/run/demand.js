/** What the page wants to see of the run: told to the server, and told again after every reconnection. */

/** @import { Frame, JsonObject } from "../types.d.ts" */

import { isEqual } from "../core/json.js";
import { Disconnected, Refused } from "../core/live.js";

/** How often a refused demand is sent again. */
const ATTEMPTS = 4;

export class Demand {
  #request;
  #failed;
  /** Null where the page has not said yet. @type {JsonObject[] | null} */
  #probes = null;
  /** What was asked for, by the server's key for it. @type {Map<string, JsonObject>} */
  #asked = new Map();

  /**
   * @param {(command: JsonObject) => Promise<JsonObject>} request @param {(error: unknown) => void} failed it
   * is refused for good
   */
  constructor(request, failed) {
    this.#request = request;
    this.#failed = failed;
  }

  /** @param {JsonObject[]} probes */
  watch(probes) {
    if (isEqual(probes, this.#probes)) return;
    this.#probes = probes;
    void this.#send(probes, 0);
  }

  /** The connection is there (again). */
  connected() {
    if (this.#probes) void this.#send(this.#probes, 0);
  }

  /** Another run. */
  forget() {
    this.#probes = null;
    this.#asked.clear();
  }

  /**
   * The demand that a frame answers: of one probe there may be several, and late frames of an earlier one.
   * @param {Frame} frame @returns {JsonObject}
   */
  of(frame) {
    return this.#asked.get(frame.metadata["key"] ?? "") ?? {};
  }

  /**
   * The drawing may be ahead of the run: a node just added is not there until its edit is applied. @param
   * {JsonObject[]} probes @param {number} attempt
   */
  async #send(probes, attempt) {
    try {
      const { keys } = await this.#request({ type: "watch", probes });
      if (Array.isArray(keys))
        keys.forEach((key, index) => probes[index] && this.#asked.set(String(key), probes[index]));
    } catch (error) {
      if (error instanceof Disconnected || probes !== this.#probes) return;
      if (!(error instanceof Refused) || unreadable(error) || attempt >= ATTEMPTS) this.#failed(error);
      else setTimeout(() => void this.#send(probes, attempt + 1), 250 * (attempt + 1));
    }
  }
}

/**
 * What is said of an input that shows nothing, however often it is sent; null where something else is
 * refused. @param {unknown} error @returns {string | null}
 */
export function unreadable(error) {
  const problem =
    error instanceof Refused && error.problems.find(({ pointer }) => /^\/probes\/\d+\/input$/.test(pointer));
  return problem ? problem.message : null;
}
