import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";

import { ACTIONS } from "../../../static/page/actions.js";
import { RunControl } from "../../../static/run/run.js";
import { Steps } from "../../../static/run/steps.js";
import { WORK } from "../../../static/core/storage.js";
import { present } from "../support.js";

/** @import { JsonObject } from "../../../static/types.d.ts" */

/** The server's end of the live connection, which answers every command. */
class FakeSocket extends EventTarget {
  /** @type {FakeSocket} */
  static last;
  binaryType = "";
  /** @type {JsonObject[]} */
  sent = [];
  /** @param {string} address */
  constructor(address) {
    super();
    this.address = address;
    FakeSocket.last = this;
  }
  /** @param {string} text */
  send(text) {
    const { id, ...command } = JSON.parse(text);
    this.sent.push(command);
    this.say({ type: "ack", id });
  }
  close() {}
  /** @param {unknown} message */
  say(message) {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(message) }));
  }
  get types() {
    return this.sent.map(({ type }) => type);
  }
}

const EXPERIMENT = {
  version: 1,
  title: "T",
  network: [],
  data: { kind: "spiral" },
  task: { kind: "classification", losses: [] },
  training: { updates: [], regularizers: [], stops: [], batch_size: 10, epochs: 300 },
};

/** @param {string} id @param {JsonObject} [experiment] */
function greet(id, experiment = EXPERIMENT) {
  const run = { id, state: "paused", step: 0, epoch: 0, life: 0, revision: 1, control: true, experiment };
  FakeSocket.last.say({ type: "hello", run });
}

/** Let all that is promised happen. */
async function quiet() {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** What the journal says of every run. @type {JsonObject} */
let journal;
/** @type {Map<string, string>} */
let kept;
/** @type {Map<string, PropertyDescriptor | undefined>} */
const replaced = new Map();

beforeEach(() => {
  journal = { nodes: [], changes: [] };
  kept = new Map();
  const page = {
    WebSocket: FakeSocket,
    location: { href: "https://glass.test/", pathname: "/", hash: "" },
    history: { state: null, replaceState() {}, pushState() {} },
    sessionStorage: {
      setItem: (/** @type {string} */ name, /** @type {string} */ value) => void kept.set(name, value),
      getItem: (/** @type {string} */ name) => kept.get(name) ?? null,
      removeItem: (/** @type {string} */ name) => void kept.delete(name),
    },
    fetch: async (/** @type {string} */ path) => {
      if (path.endsWith("/checkpoints")) return Response.json([{ name: "before_reset", life: 0 }]);
      return Response.json(journal);
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

function control() {
  return new RunControl({ catalog: {}, schema: {}, presets: [], theme: "light" });
}

/** A run that was made of another, and is looked at. */
async function takenOver() {
  const run = control();
  run.attach("first");
  greet("first");
  await quiet();
  run.takeOver("second", "go on");
  greet("second");
  await quiet();
  return run;
}

/** @param {RunControl} run @param {string} id of an action */
const press = (run, id) => present(ACTIONS.find((action) => action.id === id)).act(run);

describe("what is pressed while the page is on its way to a run", () => {
  test("is done when that is here: undo and redo of the way to another run", async () => {
    const run = await takenOver();
    press(run, "undo");
    assert.equal(run.id, "first");
    press(run, "redo");
    assert.equal(run.id, "first", "nothing is known yet that could be done again");
    greet("first");
    await quiet();
    assert.equal(run.id, "second");
    greet("second");
    await quiet();
    assert.equal(run.state.undoes, "go on");
  });

  test("is done in its order, each on the run that the one before led to", async () => {
    const run = await takenOver();
    for (const id of ["undo", "redo", "undo", "step"]) press(run, id);
    for (const id of ["first", "second", "first"]) {
      assert.equal(run.id, id);
      greet(id);
      await quiet();
    }
    assert.deepEqual(FakeSocket.last.types, ["step"]);
    assert.equal(run.state.redoes, "go on");
  });

  for (const [id, type] of /** @type {const} */ ([
    ["play", "play"],
    ["step", "step"],
    ["epoch", "step"],
    ["reset", "reset"],
  ]))
    test(`is done when that is here: ${id}`, async () => {
      const run = control();
      run.attach("first");
      press(run, id);
      greet("first");
      await quiet();
      assert.deepEqual(FakeSocket.last.types, [type]);
    });

  test("is the first few: a key that is held down takes none of them away", async () => {
    const run = control();
    run.attach("first");
    press(run, "reset");
    for (let count = 0; count < 100; count++) press(run, "step");
    greet("first");
    await quiet();
    assert.deepEqual(FakeSocket.last.types, ["reset", ...Array(7).fill("step")]);
  });

  test("is forgotten where the run turns out to be gone", async () => {
    const run = control();
    run.attach("first");
    press(run, "step");
    run.store.set({ connection: "gone" });
    press(run, "step");
    greet("first");
    await quiet();
    assert.deepEqual(FakeSocket.last.types, []);
  });

  test("is forgotten where another run is opened meanwhile", async () => {
    const run = control();
    run.attach("first");
    press(run, "reset");
    run.attach("second");
    greet("second");
    await quiet();
    assert.deepEqual(FakeSocket.last.sent, []);
  });

  test("finds the steps of an earlier page", async () => {
    const before = { ...EXPERIMENT, title: "before" };
    kept.set(
      WORK,
      JSON.stringify([
        {
          ...{ id: "first", selected: null, unit: 0, experiments: [before, EXPERIMENT] },
          ...{ past: [["title", 0, 1]], future: [] },
        },
      ]),
    );
    const run = control();
    run.attach("first");
    press(run, "undo");
    greet("first");
    await quiet();
    assert.equal(run.state.experiment?.title, "before");
    assert.equal(run.state.redoes, "title");
  });
});

describe("the steps of undo and redo of a run that is come to", () => {
  const [before, after] = [
    { ...EXPERIMENT, title: "before" },
    { ...EXPERIMENT, title: "after" },
  ];
  const work = {
    ...{ id: "first", selected: null, unit: 0, experiments: [before, EXPERIMENT, after] },
    ...{ past: [["one", 0, 1]], future: [["two", 1, 2]] },
  };

  test("are those of an earlier page above the ways back of the journal, and both ways are offered", async () => {
    journal = { nodes: [], changes: [{ type: "reset", step: 0, life: 1, left: "before_reset" }] };
    kept.set(WORK, JSON.stringify([work]));
    const run = control();
    run.attach("first");
    greet("first");
    await quiet();
    assert.deepEqual([run.state.undoes, run.state.redoes], ["one", "two"]);
    run.undo();
    assert.notEqual(run.state.undoes, null, "the reset");
  });

  test("stay where something is done before those of an earlier page are read", async () => {
    kept.set(WORK, JSON.stringify([work]));
    const run = control();
    run.attach("first");
    greet("first");
    run.edit(/** @type {any} */ ({ ...EXPERIMENT, title: "mine" }));
    await quiet();
    run.undo();
    assert.deepEqual([run.state.experiment?.title, run.state.undoes], ["T", "one"]);
  });

  test("lie above what an earlier page has kept, the way to another run included", () => {
    const steps = new Steps();
    const [way, kept] = ["way", "kept"].map((name) => ({ name, undo: () => null, redo: () => null }));
    steps.future.push(present(way));
    steps.precede({ past: [], future: [present(kept)] });
    assert.equal(steps.redoName, "way");
  });
});
