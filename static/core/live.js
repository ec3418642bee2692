/** A live connection: commands out, answers, messages and frames in; it comes back by itself. */

/** @import { Frame, JsonObject, Located, Run } from "../types.d.ts" */

import { texts } from "./texts.js";
import { decodeFrame } from "./frame.js";

const TEXTS = texts(import.meta.url, {
  notConnected: "not connected",
  theConnectionWasLost: "the connection was lost",
});

/** What the server refused, with the places it complains about. */
export class Refused extends Error {
  /** @override */
  name = "Refused";

  /** @param {string} message @param {Located[]} problems @param {JsonObject} [answer] */
  constructor(message, problems, answer = {}) {
    super(message);
    this.problems = problems;
    this.answer = answer;
  }
}

/** The server is away, or the connection ended before the answer came. */
export class Disconnected extends Error {
  /** @override */
  name = "Disconnected";
  /** Whether the command had been sent, so that it may have been carried out. */
  sent = false;
}

/** @typedef {"connecting" | "open" | "lost" | "gone"} Connection */

/**
 * @typedef {object} Listener
 * @property {(run: Run) => void} [hello] first message of every connection; to a lab it has no run
 * @property {(frame: Frame) => void} frame
 * @property {(message: JsonObject) => void} message status, gap, study and whatever else is said
 * @property {(state: Connection, refused: boolean) => void} connection `refused`: lost before it was open,
 * which may have a reason that only HTTP tells
 */

/** @typedef {{ resolve: (answer: JsonObject) => void, reject: (error: Error) => void }} Waiting */

/** The run was deleted: trying again is of no use. */
const GONE = 4410;

/** Milliseconds to the first attempt, and at most. */
const FIRST_DELAY = 300;
const LONGEST_DELAY = 8_000;

/**
 * Full jitter: anywhere between half of the doubled delay and all of it, so that a hundred viewers of
 * a restarted server do not come back in one moment.
 *
 * @param {number} attempt from 0
 * @param {number} [random] in [0, 1)
 */
export function reconnectDelay(attempt, random = Math.random()) {
  const most = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** attempt);
  return most / 2 + (most / 2) * random;
}

export class Live {
  #address;
  #listener;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {Map<number, Waiting>} */
  #waiting = new Map();
  #nextId = 1;
  #attempt = 0;
  #greeted = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #ended = new AbortController();

  /** @param {string} address of the WebSocket @param {Listener} listener */
  constructor(address, listener) {
    this.#address = address;
    this.#listener = listener;
    const { signal } = this.#ended;
    globalThis.addEventListener?.("online", () => this.#connectNow(), { signal });
    this.#connect();
  }

  /** Whether commands can be sent now. */
  get open() {
    return this.#greeted;
  }

  /**
   * Send a command; the promise is the server's answer.
   *
   * @param {JsonObject} command
   * @returns {Promise<JsonObject>} rejected with Refused or Disconnected
   */
  request(command) {
    if (!this.#greeted || !this.#socket) return Promise.reject(new Disconnected(TEXTS.notConnected));
    const id = this.#nextId++;
    this.#socket.send(JSON.stringify({ ...command, id }));
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  /** End the connection for good. */
  close() {
    this.#ended.abort();
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#abandon();
  }

  #connectNow() {
    if (this.#socket) return;
    clearTimeout(this.#timer);
    this.#attempt = 0;
    this.#connect();
  }

  #connect() {
    this.#listener.connection("connecting", false);
    const socket = new WebSocket(this.#address);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    let opened = false;
    // The listeners live as long as their socket: nothing of the page holds on to those of old ones.
    socket.addEventListener("open", () => (opened = true));
    socket.addEventListener("message", (event) => socket === this.#socket && this.#receive(event.data));
    socket.addEventListener("close", (event) => socket === this.#socket && this.#lost(event.code, !opened));
  }

  /** @param {number} code @param {boolean} refused */
  #lost(code, refused) {
    this.#socket = null;
    this.#abandon();
    if (code === GONE) {
      this.#ended.abort(); // the network's return is no reason to try again
      this.#listener.connection("gone", false);
      return;
    }
    this.#listener.connection("lost", refused);
    if (this.#ended.signal.aborted) return; // who was told has given up
    this.#timer = setTimeout(() => this.#connect(), reconnectDelay(this.#attempt++));
  }

  #abandon() {
    this.#greeted = false;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) {
      const lost = new Disconnected(TEXTS.theConnectionWasLost);
      lost.sent = true;
      reject(lost);
    }
  }

  /** @param {unknown} data */
  #receive(data) {
    if (data instanceof ArrayBuffer) {
      this.#listener.frame(decodeFrame(data));
      return;
    }
    const message = /** @type {JsonObject} */ (JSON.parse(String(data)));
    switch (message["type"]) {
      case "hello":
        this.#greeted = true;
        this.#attempt = 0;
        this.#listener.connection("open", false);
        this.#listener.hello?.(/** @type {Run} */ (/** @type {unknown} */ (message["run"])));
        return;
      case "ack":
        this.#take(message)?.resolve(message);
        return;
      case "error":
        this.#refuse(message);
        return;
      default:
        this.#listener.message(message);
    }
  }

  /** @param {JsonObject} message */
  #refuse(message) {
    const problems = /** @type {Located[]} */ (/** @type {unknown} */ (message["errors"] ?? []));
    const text = String(message["detail"] ?? message["title"] ?? "refused");
    this.#take(message)?.reject(new Refused(text, problems, message));
  }

  /** @param {JsonObject} message @returns {Waiting | undefined} */
  #take(message) {
    const id = Number(message["id"]);
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }
}
