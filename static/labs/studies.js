/** Studies without a run, over one socket: asked for, heard of, cancelled; begun anew when it comes back. */

/** @import { Frame, JsonObject, Located } from "../types.d.ts" */

import { decodeFrame } from "../frame.js";
import { isEqual } from "../json.js";
import { reconnectDelay } from "../live.js";

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

const ENDED = new Set(["done", "cancelled", "failed"]);

/** One that was asked for. */
class Study {
  /** @type {number | null} */
  id = null;
  /** The server's name for it. @type {string | null} */
  key = null;
  ended = false;
  /** Whether there was something to see of it, or never will be. */
  seen = false;

  /** @param {JsonObject} document @param {StudyListener} listener */
  constructor(document, listener) {
    this.document = document;
    this.listener = listener;
  }

  /** @param {StudyState} state */
  tell(state) {
    this.listener.state?.(state);
  }
}

export class Studies {
  #address;
  #connected;
  /** @type {WebSocket | null} */
  #socket = null;
  #open = false;
  #nextId = 1;
  #attempt = 0;
  /** @type {Set<Study>} */
  #studies = new Set();
  /** Called where studies ended or showed something. @type {Set<() => void>} */
  #watchers = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {string} address of the WebSocket @param {(connection: "open" | "lost") => void} [connected] */
  constructor(address, connected = () => {}) {
    this.#address = address;
    this.#connected = connected;
  }

  /**
   * Begin a study; what it shows goes to the listener until it is cancelled.
   *
   * @param {JsonObject} document `{ kind, … }` @param {StudyListener} listener
   * @returns {{ cancel: () => void }}
   */
  study(document, listener) {
    const study = this.#begin(document, listener);
    return { cancel: () => this.#cancel(study) };
  }

  /**
   * A place where always the newest document is studied. However fast documents come, as from a slider
   * under a hand, one study is under way: the next begins when it has shown something, and ends it.
   *
   * @returns {{ show: (document: JsonObject, listener: StudyListener) => void, cancel: () => void }}
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

  /** @param {JsonObject} document @param {StudyListener} listener */
  #begin(document, listener) {
    const study = new Study(document, listener);
    this.#studies.add(study);
    study.tell({ state: "waiting", done: 0 });
    if (this.#open) this.#ask(study);
    else this.#connect();
    return study;
  }

  /** @param {Study} study */
  #ask(study) {
    study.id = this.#nextId++;
    this.#send({ type: "study", id: study.id, study: study.document });
  }

  /** @param {Study} study */
  #cancel(study) {
    if (study.ended) return;
    this.#end(study);
    const { key } = study;
    // Two that ask for the same share a key: it ends with the last of them.
    if (key !== null && ![...this.#studies].some((other) => other.key === key)) this.#send({ type: "cancel", id: this.#nextId++, key });
    study.tell({ state: "cancelled", done: 0 });
  }

  /** @param {Study} study */
  #end(study) {
    study.ended = study.seen = true;
    this.#studies.delete(study);
  }

  /** @param {JsonObject} message */
  #send(message) {
    if (this.#open) this.#socket?.send(JSON.stringify(message));
  }

  #connect() {
    if (this.#socket) return;
    clearTimeout(this.#timer);
    const socket = new WebSocket(this.#address);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#open = true;
      this.#attempt = 0;
      this.#connected("open");
      for (const study of this.#studies) this.#ask(study);
    });
    socket.addEventListener("message", (event) => this.#receive(event.data));
    socket.addEventListener("close", () => this.#lost());
  }

  #lost() {
    this.#socket = null;
    this.#open = false;
    for (const study of this.#studies) {
      study.id = study.key = null;
      study.tell({ state: "waiting", done: 0 });
    }
    if (this.#studies.size === 0) return; // the next study connects
    this.#connected("lost");
    this.#timer = setTimeout(() => this.#connect(), reconnectDelay(this.#attempt++));
  }

  /** @param {unknown} data */
  #receive(data) {
    if (data instanceof ArrayBuffer) {
      const frame = decodeFrame(data);
      for (const study of this.#of(frame.metadata["key"])) {
        study.seen = true;
        study.listener.frame?.(frame);
      }
    } else {
      this.#hear(JSON.parse(String(data)));
    }
    for (const watcher of this.#watchers) watcher();
  }

  /** @param {JsonObject} message */
  #hear(message) {
    const asked = [...this.#studies].find(({ id }) => id !== null && id === message["id"]);
    switch (message["type"]) {
      case "ack":
        if (asked) asked.key = String(message["key"]);
        else if (typeof message["key"] === "string") this.#disown(message["key"]);
        return;
      case "error":
        if (!asked) return;
        this.#end(asked);
        asked.tell({
          state: "failed",
          done: 0,
          detail: String(message["detail"] ?? message["title"] ?? "refused"),
          problems: /** @type {Located[]} */ (/** @type {unknown} */ (message["errors"] ?? [])),
        });
        return;
      case "study": {
        const state = /** @type {StudyState["state"]} */ (message["state"]);
        const detail = typeof message["detail"] === "string" ? { detail: message["detail"] } : {};
        for (const study of this.#of(message["key"])) {
          if (ENDED.has(state)) this.#end(study);
          study.tell({ state, done: Number(message["done"] ?? 0), ...detail });
        }
      }
    }
  }

  /** Cancelled here before the server had named it. @param {string} key */
  #disown(key) {
    if (this.#of(key).length === 0) this.#send({ type: "cancel", id: this.#nextId++, key });
  }

  /** @param {unknown} key */
  #of(key) {
    return [...this.#studies].filter((study) => study.key !== null && study.key === key);
  }
}
