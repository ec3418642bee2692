import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, mock, test } from "node:test";

import { RunControl } from "../../static/run/run.js";
import { document, list, present } from "./support.js";

/** @import { Frame, JsonObject } from "../../static/types.d.ts" */

/** The other end of the live connection. */
class FakeSocket extends EventTarget {
  /** @type {FakeSocket | null} */
  static last = null;
  binaryType = "";
  /** @param {string} address */
  constructor(address) {
    super();
    this.address = address;
    FakeSocket.last = this;
  }
  /** @type {JsonObject[]} */
  sent = [];
  /** @param {string} text */
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close() {}
  /** @param {JsonObject | ArrayBuffer} message */
  say(message) {
    this.dispatchEvent(
      new MessageEvent("message", {
        data: message instanceof ArrayBuffer ? message : JSON.stringify(message),
      }),
    );
  }
}

/** @param {Record<string, string>} metadata @param {number[]} steps */
function rowsOf(metadata, steps) {
  const header = {
    __metadata__: metadata,
    step: { dtype: "F64", shape: [steps.length], data_offsets: [0, 8 * steps.length] },
  };
  return document(header, [...new Uint8Array(Float64Array.from(steps).buffer)]);
}

/** Steps of the rows in the server's journal, by probe. @type {Record<string, number[]>} */
let journal;
/** What was asked over HTTP. @type {string[]} */
let asked;
/** @type {Map<string, PropertyDescriptor | undefined>} */
const replaced = new Map();

/** Let all that is promised happen: an answer over HTTP is a promise of promises, yet of no clock. */
async function quiet() {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}

beforeEach(() => {
  journal = { progress: [], evaluation: [] };
  asked = [];
  /** @type {Record<string, unknown>} */
  const page = {
    WebSocket: FakeSocket,
    location: { href: "https://glass.test/", pathname: "/", hash: "" },
    history: { state: null, replaceState() {}, pushState() {} },
    sessionStorage: { setItem() {}, getItem: () => null, removeItem() {} },
    fetch: async (/** @type {string} */ path) => {
      asked.push(path);
      const found = /metrics\?probe=(\w+)&from=(\d+)/.exec(path);
      if (!found) return Response.json({ nodes: [], changes: [] });
      const steps = present(journal[found[1] ?? ""]).slice(Number(found[2]));
      return new Response(rowsOf({ next: String(Number(found[2]) + steps.length) }, steps));
    },
  };
  for (const [name, value] of Object.entries(page)) {
    replaced.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
});

afterEach(() => {
  for (const [name, own] of replaced) {
    if (own) Object.defineProperty(globalThis, name, own);
    else Reflect.deleteProperty(globalThis, name);
  }
});

async function attached() {
  const run = new RunControl({ catalog: {}, schema: {}, presets: [], theme: "light" });
  run.attach("r1");
  const socket = present(FakeSocket.last);
  socket.say(HELLO);
  await quiet();
  return {
    run,
    socket,
    steps: (/** @type {"progress" | "evaluation"} */ probe) =>
      list(present(run.series)[probe].values("step")),
  };
}

const HELLO = {
  type: "hello",
  run: {
    id: "r1",
    state: "training",
    step: 0,
    epoch: 0,
    life: 0,
    revision: 1,
    device: "cpu",
    control: true,
    experiment: /** @type {any} */ ({
      version: 1,
      title: "T",
      network: [],
      data: { kind: "spiral" },
      task: { kind: "classification" },
    }),
  },
};

describe("a new run", () => {
  test("is told at its start how fast it trains, and is shown", async () => {
    const { run } = await attached();
    /** @type {JsonObject[]} */
    const posted = [];
    Object.defineProperty(globalThis, "fetch", {
      value: async (/** @type {string} */ _, /** @type {RequestInit} */ { body }) => {
        posted.push(JSON.parse(String(body)));
        return Response.json({ id: "r7" }, { status: 201 });
      },
      configurable: true,
      writable: true,
    });
    const { experiment } = HELLO.run;
    run.store.set({ catalog: { datasets: [/** @type {any} */ ({ kind: "spiral", plane: 6 })] } });
    assert.equal(await run.start(experiment, { example: true }), "r7");
    run.store.set({ catalog: {} });
    await run.start(experiment);
    assert.deepEqual(posted, [
      { experiment, speed: 200, example: true },
      { experiment, speed: null },
    ]);
    assert.equal(run.id, "r7");
  });
});

describe("another run", () => {
  test("has an entry of its own in the history; the first and a link's take that of their address", async () => {
    /** @type {string[]} */
    const went = [];
    const page = /** @type {any} */ (globalThis);
    const go =
      (/** @type {string} */ how) =>
      (/** @type {any} */ _, /** @type {any} */ __, /** @type {string} */ to) => {
        went.push(`${how} ${to}`);
        page.location = { href: "https://glass.test/", pathname: to, hash: "" };
      };
    page.history = { state: null, pushState: go("push"), replaceState: go("replace") };
    const { run } = await attached();
    run.attach("r2");
    run.attach("r2");
    page.location.hash = "#g1=x";
    run.attach("r3");
    page.location.pathname = "/runs/r2"; // as Back does
    run.attach("r2");
    assert.deepEqual(went, ["replace /runs/r1", "push /runs/r2", "replace /runs/r3"]);
  });

  test("shows a title that an edit or another viewer has given", async () => {
    const { run, socket } = await attached();
    socket.say({
      type: "status",
      state: "paused",
      step: 0,
      life: 0,
      title: "Circle",
      named: false,
      example: true,
    });
    assert.deepEqual([run.state.run?.title, run.state.run?.example], ["Circle", true]);
  });

  test("is not shown with what was refused of the one before", async () => {
    const { run } = await attached();
    run.store.set({
      problems: [{ pointer: "/network/1/units", message: "too many" }],
      refusal: { reason: "linear1: too many", near: ["linear1"] },
    });
    run.attach("r2");
    assert.deepEqual([run.state.problems, run.state.refusal], [[], null]);
  });
});

test("undo takes back what was said of a layer that grew, and nothing else", async () => {
  const { run } = await attached();
  const kept = /** @type {const} */ ({ text: "Saved.", tone: "info", about: "Saved." });
  run.store.set({ notices: [{ text: "Unit 9 starts anew.", tone: "info", about: "growth" }, kept] });
  run.undo();
  await quiet();
  assert.deepEqual(run.state.notices, [kept]);
});

describe("what was asked of a run over HTTP", () => {
  /** A run whose rows and changes are on their way. @returns what was asked, and what ends it */
  async function asking() {
    /** @type {Map<string, AbortSignal>} */
    const signals = new Map();
    const page = /** @type {any} */ (globalThis);
    page.fetch = (/** @type {string} */ path, /** @type {RequestInit} */ { signal }) => {
      if (signal) signals.set(path.replace(/\?probe=(\w+).*/, " $1"), signal);
      return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    };
    const { run, socket } = await attached();
    const under = () =>
      [...signals].flatMap(([path, { aborted }]) => (path.includes("/r1/") && !aborted ? [path] : []));
    assert.deepEqual(under(), [
      "/api/runs/r1/metrics evaluation",
      "/api/runs/r1/metrics progress",
      "/api/runs/r1/changes",
    ]);
    return { run, socket, under };
  }

  test("ends when the run is deleted, and nothing is said of it", async () => {
    const { run, socket, under } = await asking();
    socket.dispatchEvent(Object.assign(new Event("close"), { code: 4410 }));
    assert.deepEqual(under(), []);
    await quiet();
    assert.deepEqual([run.state.connection, run.state.notices], ["gone", []]);
  });

  test("ends when another run takes its place", async () => {
    const { run, under } = await asking();
    run.attach("r2");
    assert.deepEqual(under(), []);
    assert.equal(run.signal.aborted, false);
  });

  test("goes on while the connection is lost: it comes back", async () => {
    const { run, socket, under } = await asking();
    socket.dispatchEvent(Object.assign(new Event("close"), { code: 1006 }));
    assert.equal(under().length, 3);
    run.attach("r2"); // ends the attempts to connect
  });
});

describe("what is watched", () => {
  /** @param {FakeSocket} socket */
  const demands = (socket) => socket.sent.filter(({ type }) => type === "watch").map(({ probes }) => probes);

  test("is asked for again after a reconnection, as last wanted, nothing included", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    const { run, socket } = await attached();
    run.watch([{ kind: "surface" }]);
    run.watch([]);
    assert.deepEqual(demands(socket), [[{ kind: "surface" }], []]);
    socket.dispatchEvent(Object.assign(new Event("close"), { code: 1006 }));
    run.watch([{ kind: "weights" }]);
    mock.timers.tick(300);
    mock.timers.reset();
    const again = present(FakeSocket.last);
    assert.deepEqual(demands(again), []);
    again.say(HELLO);
    assert.deepEqual(demands(again), [[{ kind: "weights" }]]);
  });
});

test("a frame that comes before the answer to its demand is shown again when it is known what it is of", async () => {
  const { run, socket } = await attached();
  /** @type {JsonObject[]} */
  const of = [];
  run.onFrame("arithmetic", (frame) => of.push(run.demandOf(frame)));
  run.watch([{ kind: "arithmetic", node: "conv2d1" }]);
  const { id } = present(socket.sent.find(({ type }) => type === "watch"));
  socket.say(document({ __metadata__: { probe: "arithmetic", seq: "1", key: "k1" } }, []));
  socket.say({ type: "ack", id: present(id), step: 5, keys: ["k1"] });
  await quiet();
  assert.deepEqual(of, [{}, { kind: "arithmetic", node: "conv2d1" }]);
});

describe("a handshake that is refused", () => {
  for (const [status, connection] of /** @type {const} */ ([
    [404, "gone"],
    [401, "gone"],
    [503, "lost"],
    [200, "lost"],
  ])) {
    test(`while the run answers ${status} over HTTP leaves the page ${connection}`, async () => {
      mock.timers.enable({ apis: ["setTimeout"] });
      const { run, socket } = await attached();
      socket.dispatchEvent(Object.assign(new Event("close"), { code: 1006 }));
      mock.timers.tick(300);
      Object.defineProperty(globalThis, "fetch", {
        value: async () => Response.json({}, { status }),
        configurable: true,
        writable: true,
      });
      present(FakeSocket.last).dispatchEvent(Object.assign(new Event("close"), { code: 1006 }));
      await quiet();
      mock.timers.reset();
      assert.equal(run.state.connection, connection);
    });
  }
});

describe("a run's rows", () => {
  test("come from the journal as soon as the connection is there", async () => {
    journal["progress"] = [0, 10, 20];
    journal["evaluation"] = [0];
    const { socket, steps } = await attached();
    assert.equal(socket.address, "wss://glass.test/api/runs/r1/live");
    assert.deepEqual([steps("progress"), steps("evaluation")], [[0, 10, 20], [0]]);
  });

  test("that a gap left out are fetched from the first one missing", async () => {
    journal["progress"] = [0, 10];
    const { socket, steps } = await attached();
    journal["progress"] = [0, 10, 20, 30];
    asked.length = 0;
    socket.say({ type: "gap", probe: "progress", from: 2, to: 4 });
    await quiet();
    assert.equal(asked[0], "/api/runs/r1/metrics?probe=progress&from=2&points=6000");
    assert.deepEqual(steps("progress"), [0, 10, 20, 30]);
    assert.ok(asked.every((path) => !path.includes("evaluation")));
  });

  test("missing before a frame are fetched without being told", async () => {
    const { socket, steps } = await attached();
    journal["evaluation"] = [0, 50, 100];
    socket.say(rowsOf({ probe: "evaluation", seq: "2" }, [100]));
    await quiet();
    assert.deepEqual(steps("evaluation"), [0, 50, 100]);
  });

  test("are told to those who show them, pictures to those who asked for their probe", async () => {
    const { run, socket } = await attached();
    let rows = 0;
    /** @type {Frame[]} */
    const pictures = [];
    run.onRows(() => rows++);
    run.onFrame("surface", (frame) => pictures.push(frame));
    const before = rows;
    socket.say(rowsOf({ probe: "progress", seq: "0" }, [0]));
    socket.say(document({ __metadata__: { probe: "surface", seq: "1" } }, []));
    socket.say(document({ __metadata__: { probe: "weights", seq: "1" } }, []));
    assert.equal(rows, before + 1);
    assert.deepEqual(
      pictures.map(({ metadata }) => metadata["probe"]),
      ["surface"],
    );
    run.onFrame("weights", (frame) => pictures.push(frame));
    assert.equal(pictures.length, 2, "the newest is there for who comes later");
  });
});
