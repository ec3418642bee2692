/** Which of several replicas is shown. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Store } from "../../../static/core/store.js";
import { ofShownReplica, replicasOf, shownReplica } from "../../../static/run/replicas.js";
import { replicaField } from "../../../static/widgets/replica_field.js";
import { isSettable } from "../../../static/widgets/weight_edit.js";
import { event, withElements } from "../elements.js";
import { array, frame } from "../support.js";

/** @import { JsonObject } from "../../../static/types.d.ts" */

/** @param {number | undefined} replicas @param {number} replica */
const state = (replicas, replica) => /** @type {any} */ ({ experiment: { training: { replicas } }, replica });

test("pictures are asked of the replica that is shown, rows of none", () => {
  /** @type {JsonObject[]} */
  const probes = [{ kind: "progress" }, { kind: "evaluation" }, { kind: "surface", resolution: 100 }];
  assert.deepEqual(ofShownReplica(state(16, 3), probes), [
    ...probes.slice(0, 2),
    { kind: "surface", resolution: 100, replica: 3 },
  ]);
  assert.equal(ofShownReplica(state(16, 0), probes), probes);
  assert.equal(ofShownReplica(state(undefined, 3), probes), probes);
});

test("where an edit leaves fewer, the last of them is shown", () => {
  assert.deepEqual(
    [shownReplica(state(16, 9)), shownReplica(state(4, 9)), shownReplica(state(1, 9))],
    [9, 3, 0],
  );
  assert.equal(replicasOf({ experiment: null }), 1);
});

test("the field is there where there are several, and takes no number beyond them", (context) => {
  withElements(context);
  const store = new Store(state(1, 0));
  const field = /** @type {any} */ (replicaField(/** @type {any} */ ({ store })));
  assert.equal(field.hidden, true);
  store.set(state(4, 0));
  assert.equal(field.hidden, false);
  const [, { children }] = field.children[0].children;
  const [input] = children;
  for (const [typed, shown] of [
    ["3", 3],
    ["4", 3],
    ["-1", 3],
    ["1", 1],
  ]) {
    input.value = typed;
    input.dispatchEvent(event("change"));
    assert.equal(store.state.replica, shown);
  }
});

test("a hand sets the weights of the first replica, which are on the screen then", () => {
  const weights = frame({ "linear1.weight": array([2, 2], [0, 0, 0, 0]) });
  const settable = (/** @type {number} */ replica) =>
    isSettable(
      /** @type {any} */ ({
        control: true,
        state: state(4, replica),
        latest: new Map([["weights", weights]]),
      }),
      "linear1",
    );
  assert.deepEqual([settable(0), settable(2)], [true, false]);
});
