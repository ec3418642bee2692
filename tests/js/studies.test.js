import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, mock, test } from "node:test";

import { Studies } from "../../static/labs/studies.js";
import { document, present } from "./support.js";

/** @import { JsonObject } from "../../static/types.d.ts" */
/** @import { StudyState } from "../../static/labs/studies.js" */

/** A WebSocket whose other end is the test. */
class FakeSocket extends EventTarget {
  /** @type {FakeSocket[]} */
  static made = [];
  binaryType = "blob";
  /** @type {JsonObject[]} */
  sent = [];

  constructor() {
    super();
    FakeSocket.made.push(this);
  }

  /** @param {string} text */
  send(text) {
    this.sent.push(JSON.parse(text));
  }

  open() {
    this.dispatchEvent(new Event("open"));
    return this;
  }

  /** @param {JsonObject | ArrayBuffer} message */
  say(message) {
    this.dispatchEvent(new MessageEvent("message", { data: message instanceof ArrayBuffer ? message : JSON.stringify(message) }));
  }

  /** A frame of the study with this key. @param {string} key */
  show(key) {
    this.say(document({ __metadata__: { key, probe: "race" } }, []));
  }

  /** What was asked for, as the documents' own `n`. */
  get asked() {
    return this.sent.map((message) => (message["type"] === "study" ? Number(/** @type {JsonObject} */ (message["study"])["n"]) : `-${message["key"]}`));
  }

  /** Name the study that was asked for last. @param {string} key */
  acknowledge(key) {
    this.say({ type: "ack", id: present(this.sent.findLast(({ type }) => type === "study"))["id"] ?? null, key });
  }
}

const socket = () => present(FakeSocket.made.at(-1));
const own = Object.getOwnPropertyDescriptor(globalThis, "WebSocket");

/** @type {[string, StudyState["state"]][]} */
let told;
/** @type {string[]} */
let shown;

/** @param {string} name */
const listener = (name) => ({
  frame: () => shown.push(name),
  state: (/** @type {StudyState} */ { state }) => told.push([name, state]),
});

beforeEach(() => {
  FakeSocket.made = [];
  [told, shown] = [[], []];
  Object.defineProperty(globalThis, "WebSocket", { value: FakeSocket, configurable: true, writable: true });
  mock.timers.enable({ apis: ["setTimeout"] });
});

afterEach(() => {
  mock.timers.reset();
  if (own) Object.defineProperty(globalThis, "WebSocket", own);
});

describe("one study", () => {
  test("is asked for when the socket is open, shown by its key, and done", () => {
    new Studies("ws://here").study({ kind: "race", n: 1 }, listener("a"));
    assert.deepEqual(socket().sent, []);
    socket().open();
    assert.deepEqual(socket().sent, [{ type: "study", id: 1, study: { kind: "race", n: 1 } }]);
    socket().say({ type: "ack", id: 1, key: "k1" });
    socket().show("k1");
    socket().show("other");
    socket().say({ type: "study", key: "k1", study: "race", state: "running", done: 0.5 });
    socket().say({ type: "study", key: "k1", study: "race", state: "done", done: 1 });
    assert.deepEqual(shown, ["a"]);
    assert.deepEqual(told, [["a", "waiting"], ["a", "running"], ["a", "done"]]);
  });

  test("that is refused says where", () => {
    /** @type {StudyState[]} */
    const states = [];
    new Studies("ws://here").study({ kind: "race" }, { state: (state) => states.push(state) });
    socket().open().say({ type: "error", id: 1, detail: "steps: 0", errors: [{ pointer: "/study/steps", message: "steps: 0" }] });
    assert.deepEqual(states.at(-1), { state: "failed", done: 0, detail: "steps: 0", problems: [{ pointer: "/study/steps", message: "steps: 0" }] });
  });

  test("that is cancelled shows nothing more, even where the server had not yet named it", () => {
    const studies = new Studies("ws://here");
    const first = studies.study({ n: 1 }, listener("a"));
    socket().open().acknowledge("k1");
    first.cancel();
    socket().show("k1");
    const second = studies.study({ n: 2 }, listener("b"));
    second.cancel();
    socket().acknowledge("k2");
    assert.deepEqual(socket().asked, [1, "-k1", 2, "-k2"]);
    assert.deepEqual(shown, []);
  });

  test("that another asks for as well goes on until both are cancelled", () => {
    const studies = new Studies("ws://here");
    const first = studies.study({ n: 1 }, listener("a"));
    socket().open().acknowledge("k");
    const second = studies.study({ n: 1 }, listener("b"));
    socket().acknowledge("k");
    first.cancel();
    assert.deepEqual(socket().asked, [1, 1]);
    socket().show("k");
    assert.deepEqual(shown, ["b"]);
    second.cancel();
    assert.deepEqual(socket().asked, [1, 1, "-k"]);
  });

  test("begins anew when the connection is back", () => {
    /** @type {string[]} */
    const connection = [];
    new Studies("ws://here", (state) => connection.push(state)).study({ n: 1 }, listener("a"));
    socket().open().acknowledge("k1");
    socket().dispatchEvent(new Event("close"));
    mock.timers.tick(10_000);
    assert.equal(FakeSocket.made.length, 2);
    socket().open();
    assert.deepEqual(socket().asked, [1]);
    assert.deepEqual(connection, ["open", "lost", "open"]);
  });
});

describe("the newest of many", () => {
  test("begins when the one before has shown something, and those between are left out", () => {
    const slot = new Studies("ws://here").newest();
    slot.show({ n: 1 }, listener("1"));
    socket().open().acknowledge("k1");
    for (const n of [2, 3, 4]) slot.show({ n }, listener(String(n)));
    assert.deepEqual(socket().asked, [1]);
    socket().show("k1");
    assert.deepEqual(socket().asked, [1, "-k1", 4]);
    socket().acknowledge("k4");
    socket().show("k4");
    assert.deepEqual(shown, ["1", "4"]);
  });

  test("follows one that was refused, and is not asked for twice", () => {
    const slot = new Studies("ws://here").newest();
    slot.show({ n: 0 }, listener("0"));
    slot.show({ n: 0 }, listener("0"));
    slot.show({ n: 1 }, listener("1"));
    socket().open().say({ type: "error", id: 1, detail: "no" });
    slot.show({ n: 1 }, listener("1"));
    assert.deepEqual(socket().asked, [0, 1]);
  });

  test("is ended with its slot", () => {
    const slot = new Studies("ws://here").newest();
    slot.show({ n: 1 }, listener("1"));
    socket().open().acknowledge("k1");
    slot.cancel();
    assert.deepEqual(told.at(-1), ["1", "cancelled"]);
    slot.show({ n: 1 }, listener("1"));
    assert.deepEqual(socket().asked, [1, "-k1", 1]);
  });
});
