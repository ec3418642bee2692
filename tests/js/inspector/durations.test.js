import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { aboutTime, durationOf } from "../../../static/page/inspector/durations.js";
import { isRecorded, recordingText, withRecording } from "../../../static/panels/trajectory/recording.js";
import { examples } from "../experiments.js";
import { present } from "../support.js";

/** @import { Experiment } from "../../../static/types.d.ts" */

describe("what a tab takes", () => {
  const { description, experiment } = present(examples()["chain"]);
  const cost = { description, experiment, rate: undefined, stepsPerEpoch: 25 };

  test("is told of those that compute something of their own, and of no other", () => {
    for (const id of ["landscape", "lr_range_test", "variants"]) {
      const { computes, seconds } = present(durationOf(id, cost));
      assert.match(computes, /\d/);
      assert.ok(seconds > 0 && Number.isFinite(seconds));
    }
    assert.equal(durationOf("maps", cost), null);
    assert.equal(durationOf("landscape", { ...cost, description: null }), null);
  });

  test("goes by how fast the run trains, where that is known", () => {
    const [slow, fast] = [1_000, 100_000].map(
      (rate) => present(durationOf("variants", { ...cost, rate })).seconds,
    );
    assert.equal(slow, 100 * (fast ?? NaN));
    assert.equal(slow, (4000 * experiment.training.batch_size) / 1_000);
  });

  test("is said in round numbers", () => {
    assert.deepEqual([0.1, 1.9, 4.4, 12, 70, 95, 650, 4000, 20_000].map(aboutTime), [
      "≈1 s",
      "≈1 s",
      "≈5 s",
      "≈10 s",
      "≈50 s",
      "≈2 min",
      "≈10 min",
      "≈50 min",
      "≈5 h",
    ]);
  });
});

describe("the path recorded from step 0", () => {
  const experiment = /** @type {Experiment} */ (
    /** @type {unknown} */ ({ collect: [{ kind: "sharpness" }] })
  );

  test("is one switch of the experiment, which leaves what else is collected", () => {
    const on = withRecording(experiment, true);
    assert.deepEqual(on.collect, [{ kind: "sharpness" }, { kind: "trajectory", hz: 30 }]);
    assert.deepEqual([isRecorded(experiment), isRecorded(on), isRecorded(null)], [false, true, false]);
    assert.deepEqual(withRecording(on, false).collect, experiment.collect);
    assert.deepEqual(withRecording(on, true).collect, on.collect);
  });

  test("says from where on the path is known", () => {
    assert.equal(recordingText(false, 0), "");
    assert.match(recordingText(false, 300), /not known/);
    assert.match(recordingText(true, 0), /from step 0/);
    assert.match(recordingText(true, 300), /starts over/);
  });
});
