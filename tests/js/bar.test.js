import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { documentTitle } from "../../static/page/bar/title.js";
import { deviceText, lampText, readings } from "../../static/page/bar/readout.js";
import { placeOf, speedAt, speedText } from "../../static/page/bar/speed.js";
import { playLabel, transportOf } from "../../static/page/bar/transport.js";
import { whyNoSteps } from "../../static/run/playback.js";
import * as row from "../../static/page/input/number_row.js";

/** @import { State } from "../../static/run/state.js" */

describe("the transport", () => {
  test("says what play does, and offers only what a state allows", () => {
    const says = (/** @type {any} */ state) => Object.values(transportOf(state)).join(" ");
    assert.equal(says(null), "false Play false false false");
    assert.equal(says("training"), "true Pause true true true");
    assert.equal(says("queued"), "true Pause true true true");
    assert.equal(says("paused"), "false Play true true true");
    assert.equal(says("finished"), "false Train on true false true");
    assert.equal(says("failed"), "false Play false false true");
  });

  const at = (/** @type {string} */ state, epochs = 300) =>
    /** @type {State} */ (
      /** @type {unknown} */ ({ status: { state }, experiment: { training: { epochs } } })
    );

  test("says how many epochs it would add to a run that has finished", () => {
    assert.equal(playLabel(at("finished")), "Train on, 150 more epochs");
    assert.equal(playLabel(at("finished", 10)), "Train on, 100 more epochs");
    assert.equal(playLabel(at("paused")), "Play");
  });

  test("says why no step can be taken", () => {
    assert.equal(whyNoSteps(at("finished")), "All 300 epochs are done: Train on adds 150.");
    assert.match(whyNoSteps(at("failed")) ?? "", /has failed/);
    assert.deepEqual(
      ["paused", "training", "queued"].map((state) => whyNoSteps(at(state))),
      [null, null, null],
    );
  });
});

test("a document's title tells runs of one title apart", () => {
  const run = /** @type {import("../../static/types.d.ts").Run} */ ({ title: "Spiral", number: 12 });
  assert.equal(documentTitle(run), "Spiral (12) · Glassnet");
  assert.equal(documentTitle(null), "Glassnet");
});

describe("the speed", () => {
  test("stands at the slowest place that is no slower, and at the end for full speed", () => {
    assert.deepEqual([1, 7, 1000, 5000, null].map(placeOf), [0, 3, 9, 10, 10]);
    assert.deepEqual([0, 9, 10].map(speedAt), [1, 1000, null]);
  });

  test("is said in steps a second", () => {
    assert.deepEqual([1, 1000, null].map(speedText), ["1 step/s", "1,000 steps/s", "full speed"]);
  });
});

describe("the readout", () => {
  const words = (/** @type {object} */ state) =>
    lampText(/** @type {State} */ ({ connection: "open", run: null, status: null, ...state }));

  test("says first whether the run can be heard of, then how it stands", () => {
    assert.equal(words({}), "");
    assert.equal(words({ connection: "connecting" }), "");
    assert.equal(words({ connection: "connecting", run: {} }), "reconnecting");
    assert.equal(words({ connection: "lost", status: { state: "training" } }), "reconnecting");
    assert.equal(words({ connection: "gone" }), "this run is gone");
    assert.equal(words({ status: { state: "training" } }), "training");
    assert.equal(words({ status: { state: "queued" } }), "waiting for its turn");
    assert.equal(words({ status: { state: "queued", queue_position: 2 } }), "number 2 in the queue");
  });

  test("has a rate only while it trains, and a loss once there is one", () => {
    const status = { step: 1250, epoch: 50.9, samples_per_second: 8400, device: "cpu" };
    assert.deepEqual(readings({ ...status, state: "training", metrics: { test_loss: 0.0312 } }), {
      step: "1,250",
      epoch: "50",
      loss: "0.0312",
      rate: "8.4k",
      device: "cpu",
    });
    const paused = readings({ ...status, state: "paused" });
    assert.deepEqual([paused.rate, paused.loss], [null, "–"]);
  });
});

test("a number's slider spans its column of the training set, whatever is typed", () => {
  const ranges = row.rangesOf({ shape: [2, 2], data: Float32Array.of(0, 5, 4, 5) });
  assert.deepEqual(ranges, [
    { low: 0, high: 4 },
    { low: 5, high: 5 },
  ]);
  const [first, constant] = /** @type {[row.Range, row.Range]} */ (ranges);
  assert.deepEqual([row.valueAt(first, 50), row.placeOf(first, 1), row.placeOf(first, 8)], [1, 50, 400]);
  assert.deepEqual([row.valueAt(constant, 50), row.placeOf(constant, 5)], [5, 0]);
});

test("the device says which card it is and how full, or why it is not the one that was asked for", () => {
  const text = (/** @type {any} */ status, device = "auto") =>
    deviceText(/** @type {any} */ ({ status, experiment: { training: { device } } }));
  const use = { name: "NVIDIA H200", own: 2e9, used: 30e9, total: 140e9 };
  assert.equal(
    text({ device: "cuda", device_use: use }),
    "NVIDIA H200: this run has 2 GB, all have 30 of 140 GB",
  );
  assert.match(text({ device: "cpu", device_use: null }, "cuda"), /asks for a GPU/);
  assert.deepEqual([text({ device: "cpu" }), text({ device: "cpu" }, "cpu"), text(null)], ["", "", ""]);
});

test("the device says that code was compiled for it, or why not", () => {
  const status = /** @type {any} */ ({ step: 1, epoch: 0, state: "training", device: "cpu" });
  assert.equal(readings({ ...status, tier: "compiled" }).device, "cpu, compiled");
  assert.equal(readings({ ...status, tier: "replay" }).device, "cpu");
  const text = (/** @type {string | null} */ tier_detail) =>
    deviceText(/** @type {any} */ ({ status: { ...status, tier_detail } }));
  assert.equal(text("not compiled: no C++ compiler"), "Not compiled: no C++ compiler");
  assert.equal(text(null), "");
});
