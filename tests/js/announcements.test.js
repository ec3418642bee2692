import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Announcer, GAP, MOVE, SETTLE } from "../../static/core/announce.js";
import { editMessage, statusMessage } from "../../static/page/announcements.js";
import { withValue } from "../../static/core/json.js";

/** @import { Experiment, Status } from "../../static/types.d.ts" */

/** @type {Status} */
const PAUSED = { state: "paused", step: 1250, epoch: 50.4, metrics: { train_loss: 0.031, test_loss: 0.05 } };

/** An announcer on a clock that is turned by hand. */
function atHand() {
  /** @type {string[]} */
  const said = [];
  /** @type {{ act: () => void, at: number }[]} */
  const due = [];
  let time = 0;
  const announcer = new Announcer({
    write: (message) => said.push(message),
    now: () => time,
    later: (act, wait) => due.push({ act, at: time + wait }),
  });
  const turnTo = (/** @type {number} */ to) => {
    time = to;
    for (const { act } of due.splice(0).filter((each) => each.at <= to || !due.push(each))) act();
  };
  return { announcer, said, turnTo };
}

describe("announcements", () => {
  test("are of how things are when they are said: what changes meanwhile is said once", () => {
    const { announcer, said, turnTo } = atHand();
    let step = 1;
    announcer.say("step", () => `step ${step}`);
    announcer.say("step", () => `step ${step}`);
    step = 7;
    turnTo(SETTLE);
    assert.deepEqual(said, ["step 7"]);
  });

  test("of several things are said together, and leave each other time", () => {
    const { announcer, said, turnTo } = atHand();
    announcer.say("status", () => "Training.");
    announcer.say("edit", () => "Units 5.");
    turnTo(SETTLE);
    announcer.say("edit", () => "Units 6.");
    turnTo(2 * SETTLE);
    assert.deepEqual(said, ["Training. Units 5."]);
    turnTo(SETTLE + GAP);
    assert.deepEqual(said, ["Training. Units 5.", "Units 6."]);
  });

  test("of a user's moves do not wait for what was said, and only the last of quick ones is said", () => {
    const { announcer, said, turnTo } = atHand();
    announcer.say("status", () => "Paused.");
    turnTo(SETTLE);
    const moved = [1, 2, 3, 4];
    for (const [move, unit] of moved.entries()) {
      turnTo(SETTLE + (move * MOVE) / 2);
      announcer.follow("unit", () => `Unit ${unit}.`);
    }
    announcer.say("edit", () => "Units 6.");
    turnTo(SETTLE + ((moved.length - 1) * MOVE) / 2 + MOVE);
    turnTo(SETTLE + 2 * GAP);
    assert.deepEqual(said, ["Paused.", "Unit 4. Units 6."]);
  });

  test("that have become pointless are left out, and cost no time", () => {
    const { announcer, said, turnTo } = atHand();
    announcer.say("status", () => null);
    turnTo(SETTLE);
    announcer.say("status", () => "Paused.");
    turnTo(2 * SETTLE);
    assert.deepEqual(said, ["Paused."]);
  });
});

describe("of a run is said", () => {
  test("how it stands, with its step and its numbers", () => {
    const message = "Paused at step 1,250, epoch 50, train loss 0.031, test loss 0.05.";
    assert.equal(statusMessage(null, PAUSED), message);
    assert.equal(statusMessage(PAUSED, { ...PAUSED, state: "training" }), "Training.");
    const ended = statusMessage(
      { ...PAUSED, state: "training" },
      { ...PAUSED, state: "finished", epoch: 100 },
    );
    assert.match(ended ?? "", /^Finished at step 1,250, epoch 100, train loss 0.031/);
  });

  test("each step that is taken by hand, and none while it trains", () => {
    assert.match(statusMessage(PAUSED, { ...PAUSED, step: 1251 }) ?? "", /^At step 1,251, /);
    const training = /** @type {const} */ ({ ...PAUSED, state: "training" });
    assert.equal(statusMessage(training, { ...training, step: 1300 }), null);
    assert.equal(statusMessage(PAUSED, { ...PAUSED }), null);
  });

  test("why it failed, and where it is in the queue", () => {
    const reason = { title: "Diverged", detail: "loss" };
    assert.equal(statusMessage(PAUSED, { ...PAUSED, state: "failed", reason }), "Failed: Diverged.");
    const queued = /** @type {const} */ ({ ...PAUSED, state: "queued", queue_position: 2 });
    assert.equal(statusMessage(PAUSED, queued), "Number 2 in the queue.");
    assert.equal(statusMessage(queued, { ...queued, queue_position: 1 }), "Number 1 in the queue.");
    assert.equal(statusMessage(queued, { ...queued }), null);
  });
});

describe("of an edit is said", () => {
  const tanh = { kind: "tanh", name: "tanh1", inputs: null };
  const linear = { kind: "linear", name: "linear1", inputs: null, units: 4 };
  const training = { epochs: 100, updates: [{ optimizer: { kind: "sgd", learning_rate: 0.1 } }] };
  const before = /** @type {Experiment} */ (/** @type {unknown} */ ({ network: [linear], training }));
  const label = (/** @type {string} */ kind) => kind.toUpperCase();

  test("which layers came and went", () => {
    const after = /** @type {Experiment} */ ({ ...before, network: [linear, tanh] });
    assert.equal(editMessage(before, after, label), "Added TANH tanh 1.");
    assert.equal(editMessage(after, before, label), "Removed TANH tanh 1.");
  });

  test("the value that is another, and whose it is", () => {
    const rate = withValue(before, "/training/updates/0/optimizer/learning_rate", 0.3);
    assert.equal(editMessage(before, rate, label), "Learning rate 0.3.");
    assert.equal(editMessage(before, before, label), null);
    const units = withValue(before, "/network/0/units", 7);
    assert.equal(editMessage(before, units, label), "linear 1: units 7.");
  });
});
