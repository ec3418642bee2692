import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { furtherEpochs, Playback } from "../../../static/run/playback.js";
import { Store } from "../../../static/core/store.js";

/** @import { State } from "../../../static/run/state.js" */
/** @import { JsonObject, Status } from "../../../static/types.d.ts" */

/**
 * @param {Partial<Status>} status
 * @param {{ control?: boolean, does?: boolean, notify?: (text: string) => void }} [how]
 */
function playing(status, { control = true, does = true, notify } = {}) {
  /** @type {(JsonObject | string)[]} */
  const done = [];
  const store = new Store(
    /** @type {State} */ (
      /** @type {unknown} */ ({ status, run: { control }, experiment: { training: { epochs: 100 } } })
    ),
  );
  const playback = new Playback({
    store,
    command: async (command, expected = {}) => {
      done.push({ ...command, expected: /** @type {JsonObject} */ (expected) });
      return does ? { type: "ack" } : null;
    },
    extend: async (epochs) => void done.push(`to ${epochs}`),
    notify: (text) => notify?.(text),
  });
  return { playback, store, done };
}

const PLAY = { type: "play", expected: { state: "training" } };

describe("playing", () => {
  test("toggles between on and off", async () => {
    const { playback, store, done } = playing({ state: "paused" });
    await playback.toggle();
    store.set({ status: /** @type {Status} */ ({ state: "training" }) });
    await playback.toggle();
    assert.deepEqual(done, [PLAY, { type: "pause", expected: { state: "paused" } }]);
  });

  test("goes on beyond the end of a run that has finished, and only then", async () => {
    const finished = playing({ state: "finished" });
    await finished.playback.play();
    assert.deepEqual(finished.done, ["to 200", PLAY]);
    const paused = playing({ state: "paused" });
    await paused.playback.play();
    assert.deepEqual(paused.done, [PLAY]);
  });

  test("goes half as far again, and a hundred epochs at least", () => {
    assert.deepEqual([1, 100, 200, 300, 1001].map(furtherEpochs), [101, 200, 300, 450, 1502]);
  });
});

describe("starting over", () => {
  const RESET = { type: "reset", expected: { step: 0, epoch: 0 } };

  test("goes on playing where it was playing", async () => {
    const { playback, done } = playing({ state: "training" });
    await playback.reset();
    assert.deepEqual(done, [RESET, PLAY]);
  });

  test("does not play on in a life that has no step left", async () => {
    /** @type {import("../../../static/run/steps.js").Act[]} */
    const acts = [];
    /** @type {JsonObject[]} */
    const sent = [];
    const store = new Store(
      /** @type {State} */ (/** @type {unknown} */ ({ status: { state: "training", step: 5 } })),
    );
    const playback = new Playback({
      store,
      command: async (command) => {
        sent.push(command);
        if (command["type"] === "rewind")
          store.set({ status: /** @type {Status} */ ({ state: "finished" }) });
        return { type: "ack", left: "before_reset", life: 1 };
      },
      extend: async () => {},
      acted: (act) => void acts.push(act),
      wayBack: async () => "before_reset",
    });
    await playback.reset();
    sent.length = 0;
    assert.equal(await acts[0]?.undo(), true);
    assert.deepEqual(sent, [{ type: "rewind", checkpoint: "before_reset" }]);
  });

  test("stays paused where it was paused, and plays nothing where it was refused", async () => {
    for (const { playback, done } of [
      playing({ state: "paused" }),
      playing({ state: "training" }, { does: false }),
    ]) {
      await playback.reset();
      assert.deepEqual(done, [RESET]);
    }
  });
});

describe("a step", () => {
  test("that cannot be taken is not sent, and why is told", async () => {
    for (const [state, reason] of /** @type {const} */ ([
      ["finished", "All 100 epochs are done: Train on adds 100."],
      ["failed", "The run has failed: it can go back or start over."],
    ])) {
      /** @type {string[]} */
      const told = [];
      const { playback, done } = playing({ state }, { notify: (text) => told.push(text) });
      await playback.step(1);
      await playback.stepEpochs(1);
      assert.deepEqual([done, told], [[], [reason, reason]]);
    }
    const { playback, done } = playing({ state: "paused" });
    await playback.step(3);
    await playback.stepEpochs(1);
    assert.deepEqual(done, [
      { type: "step", steps: 3, expected: {} },
      { type: "step", epochs: 1, expected: {} },
    ]);
  });
});
