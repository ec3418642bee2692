import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, mock, test } from "node:test";

import { Disconnected, Refused } from "../../../static/core/live.js";
import { Demand, distinct, unreadable } from "../../../static/run/demand.js";
import { settled } from "../support.js";

/** @import { Frame, JsonObject } from "../../../static/types.d.ts" */

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

/** @param {(command: JsonObject) => JsonObject} answer may throw */
function demanding(answer) {
  /** @type {JsonObject[]} */
  const sent = [];
  /** @type {unknown[]} */
  const failed = [];
  const demand = new Demand(
    async (command) => {
      sent.push(command);
      return answer(command);
    },
    (error) => failed.push(error),
  );
  return { demand, sent, failed };
}

/** @param {string} key @returns {Frame} */
const frameOf = (key) => ({ metadata: { key }, arrays: new Map() });

const refuse = () => {
  throw new Refused("there is no node 'linear4'", []);
};

/** All the time that anybody waits for. */
async function later() {
  for (let round = 0; round < 20; round++) {
    await settled();
    mock.timers.runAll();
  }
}

describe("a demand", () => {
  test("is sent once, however often it is the same", async () => {
    const { demand, sent } = demanding(() => ({ keys: ["k"] }));
    demand.watch([{ kind: "surface", resolution: 50 }]);
    demand.watch([{ resolution: 50, kind: "surface" }]);
    await later();
    assert.deepEqual(sent, [{ type: "watch", probes: [{ kind: "surface", resolution: 50 }] }]);
  });

  test("is known by the server's key for each of its probes, late frames of an earlier one too", async () => {
    const answers = [["old"], ["train", "test"]];
    const { demand } = demanding(() => ({ keys: answers.shift() ?? [] }));
    demand.watch([{ kind: "weights" }]);
    demand.watch([
      { kind: "confusion_matrix", set: "train" },
      { kind: "confusion_matrix", set: "test" },
    ]);
    await later();
    assert.deepEqual(demand.of(frameOf("test")), { kind: "confusion_matrix", set: "test" });
    assert.deepEqual(demand.of(frameOf("old")), { kind: "weights" });
    assert.deepEqual(demand.of(frameOf("unheard of")), {});
    demand.forget();
    assert.deepEqual(demand.of(frameOf("old")), {});
  });

  test("that names a node not yet there is sent again until it is", async () => {
    let answers = 0;
    const { demand, sent, failed } = demanding(() => (++answers < 3 ? refuse() : { keys: ["k"] }));
    demand.watch([{ kind: "activations", node: "linear4" }]);
    await later();
    assert.equal(sent.length, 3);
    assert.deepEqual(failed, []);
    assert.deepEqual(demand.of(frameOf("k")), { kind: "activations", node: "linear4" });
  });

  test("that stays refused is given up, and said so once", async () => {
    const { demand, sent, failed } = demanding(refuse);
    demand.watch([{ kind: "activations", node: "linear4" }]);
    await later();
    assert.equal(sent.length, 5);
    assert.equal(failed.length, 1);
    assert.ok(failed[0] instanceof Refused);
  });

  test("that shows what cannot be read is given up at once: no edit is awaited", async () => {
    const { demand, sent, failed } = demanding(() => {
      throw new Refused("no picture", [{ pointer: "/probes/0/input", message: "no picture" }]);
    });
    demand.watch([{ kind: "prediction", input: { kind: "picture" } }]);
    await later();
    assert.equal(sent.length, 1);
    assert.deepEqual(failed.map(unreadable), ["no picture"]);
    assert.equal(unreadable(new Refused("no node", [{ pointer: "/probes/0", message: "no node" }])), null);
  });

  test("that another has replaced is neither sent again nor complained of", async () => {
    const { demand, sent, failed } = demanding((command) =>
      JSON.stringify(command).includes("linear4") ? refuse() : { keys: ["k"] },
    );
    demand.watch([{ kind: "activations", node: "linear4" }]);
    demand.watch([]);
    await later();
    assert.deepEqual(
      sent.map(({ probes }) => probes),
      [[{ kind: "activations", node: "linear4" }], []],
    );
    assert.deepEqual(failed, []);
  });

  test("waits for the connection, and is told when there is one", async () => {
    let open = false;
    const { demand, sent, failed } = demanding(() => {
      if (!open) throw new Disconnected("not connected");
      return { keys: ["k"] };
    });
    demand.connected();
    assert.deepEqual(sent, [], "the page has not said yet what it wants");
    demand.watch([{ kind: "surface" }]);
    await later();
    open = true;
    demand.connected();
    await later();
    assert.equal(sent.length, 2);
    assert.deepEqual(failed, []);
    assert.deepEqual(demand.of(frameOf("k")), { kind: "surface" });
  });
});

describe("a probe that some runs refuse", () => {
  const asked = [{ kind: "surface" }, { kind: "unit_activity" }];
  const refusal = { pointer: "/probes/1", message: "no activation; expected one" };

  test("is left out, with the run's words, and the others are watched", async () => {
    let applies = false;
    const { demand, sent, failed } = demanding(({ probes }) => {
      const refused = /** @type {JsonObject[]} */ (probes).some(({ kind }) => kind === "unit_activity");
      if (refused && !applies) throw new Refused("refused", [refusal]);
      return { keys: refused ? ["s", "u"] : ["s"] };
    });
    /** @type {(string | null)[]} */
    const told = [];
    demand.optional("unit_activity", (words) => told.push(words));
    demand.watch(asked);
    await later();
    assert.deepEqual(told, [refusal.message]);
    assert.deepEqual(sent.at(-1)?.["probes"], [{ kind: "surface" }]);
    assert.deepEqual(demand.of(frameOf("s")), { kind: "surface" });

    applies = true;
    demand.askAgain();
    await later();
    assert.deepEqual(told, [refusal.message, null]);
    assert.deepEqual(demand.of(frameOf("u")), { kind: "unit_activity" });
    demand.lapsed("unit_activity", "the node is gone");
    assert.equal(told.at(-1), "the node is gone");
    assert.deepEqual(failed, []);
  });
});

test("what two panels want is asked for once, at the higher rate", () => {
  const picture = { kind: "pixel_classes", set: "test", samples: [0, 1] };
  const other = { ...picture, samples: [2, 3], hz: 5 };
  assert.deepEqual(distinct([{ kind: "progress" }, { ...picture, hz: 2 }, other, { ...picture, hz: 5 }]), [
    { kind: "progress" },
    { ...picture, hz: 5 },
    other,
  ]);
});
