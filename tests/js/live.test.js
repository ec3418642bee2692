import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, mock, test } from "node:test";

import { Disconnected, Live, reconnectDelay, Refused } from "../../static/core/live.js";
import { document, list, present, settled } from "./support.js";

/** @import { Frame, JsonObject, Run } from "../../static/types.d.ts" */

/** A WebSocket whose other end is the test. */
class FakeSocket extends EventTarget {
  /** @type {FakeSocket[]} */
  static made = [];
  binaryType = "blob";
  /** @type {JsonObject[]} */
  sent = [];
  closed = false;

  /** @param {string} address */
  constructor(address) {
    super();
    this.address = address;
    FakeSocket.made.push(this);
  }

  /** @param {string} text */
  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.closed = true;
  }

  /** The server says something. @param {JsonObject | ArrayBuffer} message */
  say(message) {
    const data = message instanceof ArrayBuffer ? message : JSON.stringify(message);
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  /** The connection ends. @param {number} code */
  end(code) {
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }

  open() {
    this.dispatchEvent(new Event("open"));
  }

  greet() {
    this.say({ type: "hello", run: { id: "r1" } });
  }
}

/** @returns {FakeSocket} the newest */
const socket = () => present(FakeSocket.made.at(-1));

/** @type {string[]} */
let states;
/** @type {Run[]} */
let runs;
/** @type {Frame[]} */
let frames;
/** @type {JsonObject[]} */
let messages;
/** @type {Live[]} */
let connections;
/** @type {EventTarget} the window, for its `online` event */
let page;
/** @type {Map<string, PropertyDescriptor | undefined>} */
const replaced = new Map();

/** @param {string} name @param {unknown} value */
function stub(name, value) {
  replaced.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

function connect() {
  const live = new Live("ws://here/api/runs/r1/live", {
    hello: (run) => runs.push(run),
    frame: (frame) => frames.push(frame),
    message: (message) => messages.push(message),
    connection: (state) => states.push(state),
  });
  connections.push(live);
  return live;
}

/** A connection that the server has greeted. */
function connected() {
  const live = connect();
  socket().greet();
  return live;
}

beforeEach(() => {
  FakeSocket.made = [];
  [states, runs, frames, messages, connections] = [[], [], [], [], []];
  page = new EventTarget();
  stub("WebSocket", FakeSocket);
  stub("addEventListener", page.addEventListener.bind(page));
  mock.timers.enable({ apis: ["setTimeout"] });
});

afterEach(() => {
  for (const live of connections) live.close();
  mock.timers.reset();
  mock.restoreAll();
  for (const [name, own] of replaced) {
    if (own) Object.defineProperty(globalThis, name, own);
    else Reflect.deleteProperty(globalThis, name);
  }
});

describe("the first connection", () => {
  test("asks for bytes as buffers, and is open once the server has greeted", () => {
    const live = connect();
    assert.equal(socket().address, "ws://here/api/runs/r1/live");
    assert.equal(socket().binaryType, "arraybuffer");
    assert.deepEqual([live.open, states], [false, ["connecting"]]);
    socket().greet();
    assert.deepEqual([live.open, states, runs], [true, ["connecting", "open"], [{ id: "r1" }]]);
  });

  test("hands on frames, decoded, and words that answer nothing", () => {
    connected();
    socket().say(
      document(
        { __metadata__: { probe: "surface" }, a: { dtype: "U8", shape: [2], data_offsets: [0, 2] } },
        [3, 4],
      ),
    );
    socket().say({ type: "gap", probe: "progress", from: 1, to: 5 });
    socket().say({ type: "status", state: "training" });
    assert.equal(frames[0]?.metadata["probe"], "surface");
    assert.deepEqual(list(frames[0]?.arrays.get("a")?.data), [3, 4]);
    assert.deepEqual(messages, [
      { type: "gap", probe: "progress", from: 1, to: 5 },
      { type: "status", state: "training" },
    ]);
  });
});

describe("a command", () => {
  test("is answered by the acknowledgement of its number, in any order", async () => {
    const live = connected();
    const pause = live.request({ type: "pause" });
    const step = live.request({ type: "step", steps: 3 });
    const [first, second] = socket().sent;
    assert.deepEqual({ ...first, id: 0 }, { type: "pause", id: 0 });
    assert.deepEqual({ ...second, id: 0 }, { type: "step", steps: 3, id: 0 });
    assert.notEqual(first?.["id"], second?.["id"]);
    socket().say({ type: "ack", id: present(second)["id"] ?? null, step: 8 });
    socket().say({ type: "ack", id: present(first)["id"] ?? null, step: 5 });
    assert.equal((await pause)["step"], 5);
    assert.equal((await step)["step"], 8);
    assert.deepEqual(messages, []);
  });

  test("is refused with the server's words, places and whole answer", async () => {
    const live = connected();
    const edit = live.request({ type: "edit", revision: 1, patch: [] });
    const id = present(socket().sent[0])["id"] ?? null;
    const errors = [{ pointer: "/revision", message: "out of date" }];
    socket().say({ type: "error", id, title: "Conflict", detail: "1 is out of date", errors, revision: 4 });
    const error = await edit.then(
      () => assert.fail("was answered"),
      (/** @type {unknown} */ reason) => reason,
    );
    assert.ok(error instanceof Refused);
    assert.deepEqual(
      [error.message, error.problems, error.answer["revision"]],
      ["1 is out of date", errors, 4],
    );
  });

  test("is refused by the title where there is no detail", async () => {
    const live = connected();
    const play = live.request({ type: "play" });
    socket().say({ type: "error", id: present(socket().sent[0])["id"] ?? null, title: "Conflict" });
    await assert.rejects(play, { name: "Refused", message: "Conflict", problems: [] });
  });

  test("before the greeting is not sent at all", async () => {
    const live = connect();
    await assert.rejects(live.request({ type: "play" }), Disconnected);
    assert.deepEqual(socket().sent, []);
  });

  test("whose connection is lost is rejected, and a late answer finds nobody", async () => {
    const live = connected();
    const play = live.request({ type: "play" });
    const lost = socket();
    lost.end(1006);
    await assert.rejects(play, Disconnected);
    assert.equal(live.open, false);
    lost.say({ type: "ack", id: 1, step: 0 });
  });

  test("is rejected when the connection is closed from here", async () => {
    const live = connected();
    const play = live.request({ type: "play" });
    live.close();
    await assert.rejects(play, Disconnected);
    await assert.rejects(live.request({ type: "pause" }), Disconnected);
    assert.equal(socket().closed, true);
  });

  test("that nobody sent may be answered without harm", () => {
    connected();
    socket().say({ type: "ack", id: 99 });
    socket().say({ type: "error", id: null, detail: "no JSON" });
  });
});

describe("coming back", () => {
  test("waits between half of the doubled delay and all of it, eight seconds at most", () => {
    const most = [300, 600, 1200, 2400, 4800, 8000, 8000];
    most.forEach((longest, attempt) => {
      assert.equal(reconnectDelay(attempt, 0), longest / 2);
      assert.ok(Math.abs(reconnectDelay(attempt, 1 - 1e-12) - longest) < 1e-6);
      for (let count = 0; count < 50; count++) {
        const delay = reconnectDelay(attempt);
        assert.ok(delay >= longest / 2 && delay <= longest, `${delay} after attempt ${attempt}`);
      }
    });
    assert.ok(reconnectDelay(5000, 1) <= 8000);
    assert.notEqual(
      new Set(Array.from({ length: 20 }, () => reconnectDelay(3))).size,
      1,
      "viewers come one by one",
    );
  });

  test("takes longer with every failure, and starts over after a greeting", () => {
    mock.method(Math, "random", () => 0);
    connected();
    /** @param {number} delay */
    const comesBackAfter = (delay) => {
      const before = FakeSocket.made.length;
      socket().end(1006);
      mock.timers.tick(delay - 1);
      assert.equal(FakeSocket.made.length, before, `came back before ${delay} ms`);
      mock.timers.tick(1);
      assert.equal(FakeSocket.made.length, before + 1, `did not come back after ${delay} ms`);
    };
    for (const delay of [150, 300, 600, 1200, 2400, 4000, 4000]) comesBackAfter(delay);
    socket().greet();
    comesBackAfter(150);
  });

  test("is told as it goes", () => {
    connected();
    socket().end(1012);
    mock.timers.tick(300);
    socket().greet();
    assert.deepEqual(states, ["connecting", "open", "lost", "connecting", "open"]);
  });

  test("happens at once when the network is back", () => {
    connected();
    socket().end(1006);
    page.dispatchEvent(new Event("online"));
    assert.equal(FakeSocket.made.length, 2);
    mock.timers.tick(60_000);
    assert.equal(FakeSocket.made.length, 2, "the timer that was set is off");
  });

  test("is not begun while there is a connection", () => {
    connected();
    page.dispatchEvent(new Event("online"));
    assert.equal(FakeSocket.made.length, 1);
  });

  // 4410: the run was deleted (app/hub/hub.py).
  test("is given up after close code 4410", () => {
    connected();
    socket().end(4410);
    mock.timers.tick(600_000);
    page.dispatchEvent(new Event("online"));
    assert.equal(FakeSocket.made.length, 1);
    assert.equal(states.at(-1), "gone");
  });

  test("is told apart from a handshake that was refused", () => {
    /** @type {boolean[]} */
    const refusals = [];
    const live = new Live("ws://here", {
      frame() {},
      message() {},
      connection: (state, refused) => state === "lost" && refusals.push(refused),
    });
    connections.push(live);
    socket().end(1006);
    mock.timers.tick(300);
    socket().open();
    socket().end(1006);
    assert.deepEqual(refusals, [true, false]);
  });

  test("is not tried where who was told of the loss has closed", () => {
    const live = new Live("ws://here", {
      frame() {},
      message() {},
      connection: (state) => state === "lost" && live.close(),
    });
    socket().end(1006);
    mock.timers.tick(600_000);
    assert.equal(FakeSocket.made.length, 1);
  });

  test("hears nothing more of a socket that was closed", () => {
    const live = connected();
    const old = socket();
    live.close();
    old.say({ type: "status", state: "training" });
    old.end(1006);
    mock.timers.tick(600_000);
    assert.deepEqual([messages, FakeSocket.made.length], [[], 1]);
  });

  // 1008: the client was too slow to read its answers, or too fast to ask.
  for (const code of [1000, 1001, 1003, 1005, 1006, 1008, 1011, 1012, 1013]) {
    test(`is tried after close code ${code}`, () => {
      connected();
      socket().end(code);
      mock.timers.tick(600_000);
      assert.ok(FakeSocket.made.length > 1);
    });
  }

  test("is over once closed from here", async () => {
    const live = connected();
    socket().end(1006);
    live.close();
    mock.timers.tick(600_000);
    page.dispatchEvent(new Event("online"));
    await settled();
    assert.equal(FakeSocket.made.length, 1);
  });
});
