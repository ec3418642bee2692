/**
 * Studies: computations asked for over a connection, heard of by their key, cancelled; and begun anew when
 * the connection is back. A run's page and the labs use the same.
 */

/** @import { Frame, JsonObject, Located } from "../types.d.ts" */

import { isEqual } from "./json.js";
import { Disconnected, Refused } from "./live.js";

/**
 * How a study stands. `waiting` until the server has taken it (again).
 *
 * @typedef {object} StudyState
 * @property {"waiting" | "running" | "done" | "cancelled" | "failed"} state
 * @property {number} done 0 to 1
 * @property {string} [detail] why it failed
 * @property {Located[]} [problems] where in the document, if it was refused
 */

/** @typedef {{ frame?: (frame: Frame) => void, state?: (state: StudyState) => void }} StudyListener */

/** @typedef {{ show: (document: JsonObject, listener: StudyListener) => void, cancel: () => void }} Newest */

const ENDED = new Set(["done", "cancelled", "failed"]);

/** One that was asked for. */
class Study {
  /** The server's name for it. @type {string | null} */
  key = null;
  ended = false;
  /** Whether there was something to see of it, or never will be. */
  seen = false;

  /**
   * @param {JsonObject} document @param {StudyListener} listener @param {string | null} checkpoint what it
   * looks at; null: the present
   */
  constructor(document, listener, checkpoint) {
    this.document = document;
    this.listener = listener;
    this.checkpoint = checkpoint;
  }

  /** @param {StudyState} state */
  tell(state) {
    this.listener.state?.(state);
  }
}

export class Studies {
  #request;
  /** @type {Set<Study>} */
  #studies = new Set();
  /** Called where a study ended or showed something. @type {Set<() => void>} */
  #watchers = new Set();

  /** @param {(command: JsonObject) => Promise<JsonObject>} request rejected with Refused or Disconnected */
  constructor(request) {
    this.#request = request;
  }

  /**
   * Begin a study; what it shows goes to the listener until it is cancelled.
   *
   * @param {JsonObject} document `{ kind, … }` @param {StudyListener} listener
   * @param {string | null} [checkpoint] what it looks at; left out: the run as it is now
   * @returns {{ cancel: () => void }}
   */
  study(document, listener, checkpoint = null) {
    const study = this.#begin(document, listener, checkpoint);
    return { cancel: () => this.#cancel(study) };
  }

  /**
   * A place where always the newest document is studied. However fast documents come, as from a slider
   * under a hand, one study is under way: the next begins when it has shown something, and ends it.
   *
   * @returns {Newest}
   */
  newest() {
    /** @type {Study | null} */
    let present = null;
    /** @type {{ document: JsonObject, listener: StudyListener } | null} */
    let next = null;
    const proceed = () => {
      if (!next || (present && !present.seen)) return;
      const { document, listener } = next;
      next = null;
      if (present) this.#cancel(present);
      present = this.#begin(document, listener);
    };
    this.#watchers.add(proceed);
    return {
      show: (document, listener) => {
        const last = next ?? present;
        if (last && isEqual(last.document, document)) return;
        next = { document, listener };
        proceed();
      },
      cancel: () => {
        next = null;
        if (present) this.#cancel(present);
        present = null;
      },
    };
  }

  /** The connection is there (again): ask for everything that is not done. */
  connected() {
    for (const study of this.#studies) void this.#ask(study);
  }

  /** The connection is lost, and with it what the server knew of us. */
  lost() {
    for (const study of this.#studies) {
      study.key = null;
      study.tell({ state: "waiting", done: 0 });
    }
  }

  /** Cancel everything. */
  clear() {
    for (const study of [...this.#studies]) this.#cancel(study);
  }

  /** @param {Frame} frame one that may be of a study @returns {boolean} whether it was */
  take(frame) {
    const studies = this.#of(frame.metadata["key"]);
    for (const study of studies) {
      study.seen = true;
      study.listener.frame?.(frame);
    }
    this.#proceed();
    return studies.length > 0;
  }

  /** @param {JsonObject} message of type `study` */
  hear(message) {
    const state = /** @type {StudyState["state"]} */ (message["state"]);
    const detail = typeof message["detail"] === "string" ? { detail: message["detail"] } : {};
    for (const study of this.#of(message["key"])) {
      if (ENDED.has(state)) this.#end(study);
      study.tell({ state, done: Number(message["done"] ?? 0), ...detail });
    }
    this.#proceed();
  }

  #proceed() {
    for (const watcher of this.#watchers) watcher();
  }

  /** @param {JsonObject} document @param {StudyListener} listener @param {string | null} [checkpoint] */
  #begin(document, listener, checkpoint = null) {
    const study = new Study(document, listener, checkpoint);
    this.#studies.add(study);
    study.tell({ state: "waiting", done: 0 });
    void this.#ask(study);
    return study;
  }

  /** @param {Study} study */
  async #ask(study) {
    try {
      const { key } = await this.#request({
        type: "study",
        study: study.document,
        ...(study.checkpoint === null ? {} : { checkpoint: study.checkpoint }),
      });
      if (study.ended) this.#release(String(key));
      else study.key = String(key);
    } catch (error) {
      if (error instanceof Disconnected) return; // asked again when connected
      if (!(error instanceof Refused)) throw error;
      if (study.ended) return;
      this.#end(study);
      study.tell({ state: "failed", done: 0, detail: error.message, problems: error.problems });
      this.#proceed();
    }
  }

  /** @param {Study} study */
  #cancel(study) {
    if (study.ended) return;
    this.#end(study);
    if (study.key !== null) this.#release(study.key);
    study.tell({ state: "cancelled", done: 0 });
  }

  /** Two that ask for the same share a key: it ends with the last of them. @param {string} key */
  #release(key) {
    if (this.#of(key).length > 0) return;
    this.#request({ type: "cancel", key }).catch((error) => {
      // It may have ended by itself, or with the connection.
      if (!(error instanceof Disconnected || error instanceof Refused)) throw error;
    });
  }

  /** @param {Study} study */
  #end(study) {
    study.ended = study.seen = true;
    this.#studies.delete(study);
  }

  /** @param {unknown} key */
  #of(key) {
    return [...this.#studies].filter((study) => study.key !== null && study.key === key);
  }
}
