import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Edits, placed } from "../../../static/run/edits.js";
import { patched, withValue } from "../../../static/core/json.js";
import { Disconnected, Refused } from "../../../static/core/live.js";
import { present, settled } from "../support.js";

/** @import { Experiment, JsonObject, Located, PatchOperation } from "../../../static/types.d.ts" */

const node = (/** @type {string} */ name) => ({ kind: "linear", name, inputs: null, units: 8 });

/** @type {Experiment} */
const EXPERIMENT = {
  version: 1,
  title: "Spiral",
  seed: 0,
  data: { kind: "spiral", noise: 0 },
  task: { kind: "classification", losses: [] },
  network: [node("a"), node("b")],
  training: { updates: [], regularizers: [], stops: [], batch_size: 10, epochs: 300 },
  watch: [],
};

/**
 * Edits and the server they are sent to, which answers when the test says so.
 *
 * @param {(before: Experiment, after: Experiment) => string} [nameOf]
 */
function editing(nameOf = () => "") {
  /**
   * @type {{ patch: PatchOperation[], revision: number, resolve: (answer: JsonObject) => void, reject:
   * (error: Error) => void }[]}
   */
  const sent = [];
  /** @type {{ problems: Located[], message: string }[]} */
  const refused = [];
  /** @type {string[]} */
  const applied = [];
  let [changes, kept] = [0, 0];
  const edits = new Edits(EXPERIMENT, 1, {
    send: (patch, revision) =>
      new Promise((resolve, reject) => sent.push({ patch, revision, resolve, reject })),
    changed: () => changes++,
    refused: (problems, message) => refused.push({ problems, message }),
    applied: (how) => applied.push(how),
    kept: () => kept++,
    nameOf,
  });
  const last = () => present(sent.at(-1));
  return {
    edits,
    sent,
    refused,
    applied,
    changes: () => changes,
    kept: () => kept,
    /** @param {string} pointer @param {any} value @param {string} [place] @param {number} [now] */
    set: (pointer, value, place, now) => edits.change(withValue(edits.desired, pointer, value), place, now),
    /** The server takes the newest patch. @param {JsonObject} [more] */
    accept: async (more = {}) => {
      last().resolve({ type: "ack", step: 0, applied: "live", revision: last().revision + 1, ...more });
      await settled();
    },
    /** @param {Located[]} problems @param {JsonObject} [answer] */
    refuse: async (problems, answer = {}) => {
      last().reject(new Refused("refused", problems, answer));
      await settled();
    },
    lose: async () => {
      last().reject(new Disconnected("lost"));
      await settled();
    },
  };
}

describe("a change", () => {
  test("is shown at once and sent as a patch on the revision it was made from", () => {
    const { edits, sent, set, changes } = editing();
    set("/seed", 5);
    assert.equal(edits.desired.seed, 5);
    assert.equal(edits.confirmed.seed, 0);
    assert.equal(changes(), 1);
    assert.deepEqual(
      sent.map(({ patch, revision }) => [patch, revision]),
      [[[{ op: "replace", path: "/seed", value: 5 }], 1]],
    );
  });

  test("that changes nothing is neither sent nor undone", () => {
    const { edits, sent, set } = editing();
    set("/seed", 0);
    assert.deepEqual([sent.length, edits.canUndo], [0, false]);
  });

  test("is confirmed by the acknowledgement", async () => {
    const { edits, set, accept, applied } = editing();
    set("/seed", 5);
    await accept({ applied: "rebuilt" });
    assert.deepEqual([edits.confirmed.seed, edits.revision, applied], [5, 2, ["rebuilt"]]);
  });

  test("becomes what the server stored, its defaults written out", async () => {
    const { edits, sent, set, accept } = editing();
    set("/data", { kind: "iris" });
    await accept({
      experiment: /** @type {any} */ ({ ...EXPERIMENT, data: { kind: "iris", test_share: 0.2 } }),
    });
    assert.deepEqual(edits.desired.data, { kind: "iris", test_share: 0.2 });
    assert.equal(edits.confirmed, edits.desired);
    assert.equal(sent.length, 1);
  });

  test("waits while another is under way, and goes out with all that came meanwhile", async () => {
    const { edits, sent, set, accept } = editing();
    set("/seed", 1);
    set("/seed", 2);
    set("/title", "Mine");
    assert.equal(sent.length, 1);
    await accept();
    assert.equal(sent.length, 2);
    assert.deepEqual(sent[1]?.patch, [
      { op: "replace", path: "/title", value: "Mine" },
      { op: "replace", path: "/seed", value: 2 },
    ]);
    assert.equal(sent[1]?.revision, 2);
    assert.deepEqual([edits.desired.seed, edits.desired.title], [2, "Mine"]);
    await accept();
    assert.equal(sent.length, 2);
  });

  test("made while another is under way stays on top of the defaults that come back", async () => {
    const { edits, set, accept } = editing();
    set("/data", { kind: "iris" });
    set("/seed", 3);
    await accept({
      experiment: /** @type {any} */ ({ ...EXPERIMENT, data: { kind: "iris", test_share: 0.2 } }),
    });
    assert.deepEqual([edits.desired.data, edits.desired.seed], [{ kind: "iris", test_share: 0.2 }, 3]);
  });
});

describe("a refused change", () => {
  test("is taken back, and its problems are placed in the experiment", async () => {
    const { edits, set, refuse, refused } = editing();
    set("/network/1/units", -1);
    await refuse([{ pointer: "/patch/0/value", message: "−1; expected at least 1" }]);
    assert.equal(edits.desired, edits.confirmed);
    assert.deepEqual(edits.desired, EXPERIMENT);
    assert.deepEqual(refused, [
      { problems: [{ pointer: "/network/1/units", message: "−1; expected at least 1" }], message: "refused" },
    ]);
    assert.equal(edits.canUndo, false);
  });

  test("leaves later ones standing, which are sent alone", async () => {
    const { edits, sent, set, refuse } = editing();
    set("/network/1/units", -1);
    set("/seed", 4);
    await refuse([]);
    assert.deepEqual(edits.desired, { ...EXPERIMENT, seed: 4 });
    assert.deepEqual(sent[1]?.patch, [{ op: "replace", path: "/seed", value: 4 }]);
  });

  test("is sent again over what someone else did first, later changes included", async () => {
    const { edits, sent, set, refuse, accept, refused } = editing();
    set("/seed", 5);
    set("/title", "Mine");
    const theirs = { ...EXPERIMENT, data: { kind: "xor" } };
    await refuse([{ pointer: "/revision", message: "out of date" }], {
      revision: 3,
      experiment: /** @type {any} */ (theirs),
    });
    assert.deepEqual(edits.desired, { ...theirs, seed: 5, title: "Mine" });
    assert.equal(sent[1]?.revision, 3);
    await accept();
    assert.deepEqual(edits.confirmed, { ...theirs, seed: 5, title: "Mine" });
    assert.deepEqual(refused, []);
  });

  test("is dropped where its place is gone since someone else was first", async () => {
    const { edits, sent, set, refuse } = editing();
    set("/network/1/units", 3);
    const theirs = { ...EXPERIMENT, network: [node("a")] };
    await refuse([], { revision: 2, experiment: /** @type {any} */ (theirs) });
    assert.deepEqual(edits.desired, theirs);
    assert.equal(sent.length, 1);
  });
});

describe("of two quick changes of which one is refused", () => {
  const UNITS = "/network/0/units";

  /**
   * A third change is under way, so that both wait and go out together; then each is answered alone.
   * @param {[string, any][]} both
   */
  async function quickly(both) {
    const made = editing();
    made.set("/seed", 1);
    for (const [pointer, value] of both) made.set(pointer, value);
    await made.accept();
    assert.equal(made.sent.length, 2);
    await made.refuse([{ pointer: "/patch/0/value", message: "too many" }]);
    return made;
  }

  test("the later one is kept", async () => {
    const { edits, sent, refuse, accept, refused } = await quickly([
      [UNITS, -1],
      ["/title", "Mine"],
    ]);
    assert.deepEqual(present(sent.at(-1)).patch, [{ op: "replace", path: UNITS, value: -1 }]);
    await refuse([{ pointer: "/patch/0/value", message: "−1; expected at least 1" }]);
    assert.deepEqual(present(sent.at(-1)).patch, [{ op: "replace", path: "/title", value: "Mine" }]);
    await accept();
    assert.deepEqual(edits.desired, { ...EXPERIMENT, seed: 1, title: "Mine" });
    assert.deepEqual(edits.confirmed, edits.desired);
    assert.deepEqual(
      refused.map(({ problems }) => problems.map(({ pointer }) => pointer)),
      [[UNITS]],
    );
    edits.undo();
    assert.deepEqual(edits.desired, { ...EXPERIMENT, seed: 1 });
  });

  test("the earlier one is kept", async () => {
    const { edits, accept, refuse } = await quickly([
      ["/title", "Mine"],
      [UNITS, -1],
    ]);
    await accept();
    await refuse([]);
    assert.deepEqual(edits.desired, { ...EXPERIMENT, seed: 1, title: "Mine" });
    edits.undo();
    assert.deepEqual(edits.desired, { ...EXPERIMENT, seed: 1 });
  });

  test("both are kept where they are refused together and not alone", async () => {
    const { edits, accept } = await quickly([
      ["/title", "Mine"],
      [UNITS, 9],
    ]);
    await accept();
    await accept();
    assert.deepEqual([edits.confirmed.title, edits.confirmed.network[0]?.["units"]], ["Mine", 9]);
    assert.deepEqual(edits.unconfirmed, []);
  });

  test("of one dragged slider the places that are allowed are kept, in both orders", async () => {
    for (const [allowed, first] of /** @type {const} */ ([
      [0.3, 7],
      [0.3, 0.3],
    ])) {
      const { edits, set, accept, refuse } = editing();
      set("/data/noise", first, "/data/noise", 0);
      set("/data/noise", first === 7 ? allowed : 7, "/data/noise", 10);
      if (first === 7) await refuse([]);
      await accept();
      if (first !== 7) await refuse([]);
      assert.deepEqual([edits.desired.data["noise"], edits.canUndo], [allowed, true]);
      edits.undo();
      assert.deepEqual([edits.desired.data["noise"], edits.canUndo], [0, false]);
    }
  });

  test("an undo that is refused leaves what it would have undone", async () => {
    const { edits, set, accept, refuse } = editing();
    set("/network/0/units", 9);
    await accept();
    edits.undo();
    await refuse([]);
    assert.deepEqual([edits.desired.network[0]?.["units"], edits.canUndo, edits.canRedo], [9, true, false]);
  });
});

describe("what waits for the server", () => {
  test("is called by name until it is answered", async () => {
    const { edits, set, accept, lose } = editing((before, after) => `seed ${before.seed} to ${after.seed}`);
    set("/seed", 1);
    set("/seed", 2);
    assert.deepEqual(edits.unconfirmed, ["seed 0 to 1", "seed 1 to 2"]);
    await accept();
    assert.deepEqual(edits.unconfirmed, ["seed 1 to 2"]);
    await lose();
    assert.deepEqual(edits.unconfirmed, ["seed 1 to 2"]);
    edits.rebase(edits.confirmed, 2);
    await accept();
    assert.deepEqual([edits.unconfirmed, edits.steps.undoName], [[], "seed 1 to 2"]);
  });
});

describe("an act that cannot be undone", () => {
  test("stays where it was among the steps", async () => {
    const { edits, set } = editing();
    edits.acted({ name: "reset", undo: async () => false, redo: () => true });
    set("/seed", 1);
    edits.undo();
    edits.undo();
    await settled();
    assert.deepEqual([edits.steps.undoName, edits.steps.future.length], ["reset", 1]);
  });
});

describe("news of the experiment", () => {
  test("from someone else is shown, with what is not sent laid over it", async () => {
    const { edits, sent, set, lose } = editing();
    set("/seed", 5);
    await lose();
    const theirs = { ...EXPERIMENT, title: "Theirs" };
    edits.rebase(theirs, 4);
    assert.deepEqual(edits.desired, { ...theirs, seed: 5 });
    assert.deepEqual(sent[1]?.patch, [{ op: "replace", path: "/seed", value: 5 }]);
    assert.equal(sent[1]?.revision, 4);
  });

  test("where nothing is under way is simply shown", () => {
    const { edits, sent, changes } = editing();
    const theirs = { ...EXPERIMENT, title: "Theirs" };
    edits.rebase(theirs, 2);
    assert.deepEqual([edits.desired, edits.confirmed, edits.revision], [theirs, theirs, 2]);
    assert.deepEqual([sent.length, changes()], [0, 1]);
  });

  // The server tells every viewer of an edit, its author too, before it acknowledges it (app/runs/run.py).
  test("of our own edit, told before its answer, does not do the edit twice", async () => {
    for (const after of [[node("a"), node("fresh"), node("b")], [node("b")]]) {
      const { edits, sent, accept } = editing();
      edits.change({ ...EXPERIMENT, network: after });
      const stored = /** @type {Experiment} */ (patched(EXPERIMENT, present(sent[0]).patch));
      edits.rebase(stored, 2);
      assert.deepEqual(edits.desired.network, after);
      await accept({ revision: 2, experiment: /** @type {any} */ (stored) });
      assert.deepEqual(edits.desired.network, after);
      assert.deepEqual([edits.revision, sent.length], [2, 1]);
    }
  });

  test("from someone else, told while an edit is under way, is not lost", async () => {
    const { edits, set, accept } = editing();
    set("/seed", 5);
    const theirs = { ...EXPERIMENT, seed: 5, title: "Theirs" };
    edits.rebase(theirs, 3);
    await accept({ revision: 2 });
    assert.deepEqual([edits.desired, edits.confirmed, edits.revision], [theirs, theirs, 3]);
  });
});

describe("a lost connection", () => {
  test("keeps the change on the page until it can be sent", async () => {
    const { edits, sent, set, lose, refused } = editing();
    set("/seed", 5);
    await lose();
    assert.deepEqual([edits.desired.seed, edits.confirmed.seed, sent.length, refused.length], [5, 0, 1, 0]);
    edits.rebase(EXPERIMENT, 1);
    assert.equal(sent.length, 2);
  });
});

describe("undo and redo", () => {
  test("go back and forth through the changes, and send each", async () => {
    const { edits, sent, set, accept } = editing();
    set("/seed", 1);
    await accept();
    set("/seed", 2);
    await accept();
    edits.undo();
    assert.equal(edits.desired.seed, 1);
    await accept();
    edits.undo();
    assert.deepEqual([edits.desired.seed, edits.canUndo, edits.canRedo], [0, false, true]);
    await accept();
    edits.redo();
    await accept();
    edits.redo();
    assert.deepEqual([edits.desired.seed, edits.canUndo, edits.canRedo], [2, true, false]);
    await accept();
    assert.deepEqual(
      sent.map(({ patch }) => patch[0]?.value),
      [1, 2, 1, 0, 1, 2],
    );
    assert.equal(edits.confirmed.seed, 2);
  });

  test("do nothing where there is nothing to undo or redo", () => {
    const { edits, sent } = editing();
    edits.undo();
    edits.redo();
    assert.deepEqual([edits.desired, sent.length], [EXPERIMENT, 0]);
  });

  test("take a dragged slider for one step", () => {
    const { edits, set } = editing();
    for (let index = 1; index <= 5; index++) set("/data/noise", index / 10, "/data/noise", index * 100);
    edits.undo();
    assert.deepEqual([edits.desired.data, edits.canUndo], [EXPERIMENT.data, false]);
  });

  test("take the same slider after a pause, and another one, for steps of their own", () => {
    const { edits, set } = editing();
    set("/seed", 1, "/seed", 0);
    set("/seed", 2, "/seed", 5000);
    set("/data/noise", 0.5, "/data/noise", 5010);
    edits.undo();
    assert.deepEqual([edits.desired.seed, edits.desired.data["noise"]], [2, 0]);
    edits.undo();
    assert.equal(edits.desired.seed, 1);
    edits.undo();
    assert.equal(edits.desired.seed, 0);
  });

  test("do not merge a change into one that was undone", () => {
    const { edits, set } = editing();
    set("/seed", 1, "/seed", 0);
    edits.undo();
    set("/seed", 2, "/seed", 10);
    edits.undo();
    assert.equal(edits.desired.seed, 0);
  });

  test("forget what was undone once something else is changed", () => {
    const { edits, set } = editing();
    set("/seed", 1);
    edits.undo();
    set("/title", "Other");
    assert.equal(edits.canRedo, false);
  });

  test("leave what somebody else has changed meanwhile as it is", async () => {
    const { edits, set, accept, kept } = editing();
    set("/seed", 1);
    await accept();
    edits.rebase(withValue(edits.confirmed, "/title", "Theirs"), 3);
    edits.undo();
    assert.deepEqual([edits.desired.seed, edits.desired.title, kept()], [0, "Theirs", 0]);
    edits.redo();
    assert.deepEqual([edits.desired.seed, edits.desired.title, kept()], [1, "Theirs", 0]);
  });

  test("say so where somebody else has changed the same", async () => {
    const { edits, set, accept, kept } = editing();
    set("/seed", 1);
    await accept();
    edits.rebase(withValue(edits.confirmed, "/seed", 7), 3);
    edits.undo();
    assert.deepEqual([edits.desired.seed, kept(), edits.canUndo], [7, 1, false]);
  });

  test("find their node where somebody else has put another before it", async () => {
    const { edits, set, accept } = editing();
    set("/network/1/units", 9);
    await accept();
    edits.rebase({ ...edits.confirmed, network: [node("theirs"), ...edits.confirmed.network] }, 3);
    edits.undo();
    assert.deepEqual(edits.desired.network, [node("theirs"), ...EXPERIMENT.network]);
  });

  test("know what was added by what the server made of it", async () => {
    const { edits, accept, kept } = editing();
    edits.change({ ...edits.desired, network: [...edits.desired.network, node("c")] });
    await accept({
      experiment: /** @type {any} */ ({
        ...edits.desired,
        network: [...EXPERIMENT.network, { ...node("c"), bias: true }],
      }),
    });
    edits.undo();
    assert.deepEqual([edits.desired.network, kept()], [EXPERIMENT.network, 0]);
  });

  test("take what else was done in its turn", async () => {
    const { edits, set } = editing();
    /** @type {string[]} */
    const done = [];
    set("/seed", 1);
    edits.acted({ name: "weight", undo: () => done.push("undo"), redo: () => done.push("redo") });
    edits.undo();
    assert.deepEqual([done, edits.desired.seed], [["undo"], 1]);
    edits.undo();
    assert.equal(edits.desired.seed, 0);
    edits.redo();
    edits.redo();
    assert.deepEqual([done, edits.desired.seed, edits.canRedo], [["undo", "redo"], 1, false]);
  });

  test("remember two hundred steps", () => {
    const { edits, set } = editing();
    for (let seed = 1; seed <= 250; seed++) set("/seed", seed);
    let steps = 0;
    for (; edits.canUndo; steps++) edits.undo();
    assert.deepEqual([steps, edits.desired.seed], [200, 50]);
  });
});

describe("problems of a patch", () => {
  /** @type {PatchOperation[]} */
  const patch = [
    { op: "remove", path: "/network/3" },
    { op: "replace", path: "/network/1", value: { kind: "linear" } },
  ];
  /** @type {[string, string][]} */
  const cases = [
    ["/patch/1/value/units", "/network/1/units"],
    ["/patch/1/value", "/network/1"],
    ["/patch/0/path", "/network/3"],
    ["/patch/0", "/network/3"],
    ["/patch", ""],
    ["/network/0/units", "/network/0/units"],
    ["/experiment/network/0", "/network/0"],
    ["/revision", "/revision"],
  ];
  test("that touch no part of it stand where the server says", () => {
    const problems = [
      { pointer: "/patch", message: "5 and 9 arrive" },
      { pointer: "/patch/1/value/units", message: "too many" },
    ];
    assert.deepEqual(
      placed(problems, patch, ["/network/4", "/network/1/units"]).map(({ pointer }) => pointer),
      ["/network/4", "/network/1/units"],
    );
  });

  test("keep the change that mends them", () => {
    const remedy = { label: "Mend", patch: [{ op: /** @type {const} */ ("remove"), path: "/network/4" }] };
    const [found] = placed([{ pointer: "/patch/0", message: "wrong", remedy }], patch, ["/network/4"]);
    assert.deepEqual(found, { pointer: "/network/4", message: "wrong", remedy });
  });

  for (const [given, expected] of cases) {
    test(`at ${given} are problems of the experiment at ${expected || "its root"}`, () => {
      assert.deepEqual(placed([{ pointer: given, message: "wrong" }], patch), [
        { pointer: expected, message: "wrong" },
      ]);
    });
  }
});
