import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import {
  at,
  readArithmetic,
  resultOf,
  softmaxSteps,
  termsAt,
} from "../../static/network/window_arithmetic.js";
import { decodeFrame } from "../../static/core/frame.js";
import { bytesOf, present, python } from "./support.js";

/** Frames of the probe, of a network that has every kind of node whose arithmetic can be followed. */
const PROGRAM = `
import base64, json
from glassnet.engine.frame import encode
from glassnet.engine.experiment.experiment import Experiment, parse_probes
from glassnet.engine.training.trainer import Trainer

NODES = {
    "plain": {"kind": "conv2d", "filters": 4, "padding": "same"},
    "strided": {"kind": "conv2d", "filters": 4, "kernel": [2, 3], "stride": [2, 1], "padding": 1, "dilation": 2},
    "grouped": {"kind": "conv2d", "filters": 8, "groups": 2},
    "placed": {"kind": "conv2d", "filters": 4, "bias_per": "location"},
    "transposed": {"kind": "conv_transpose2d", "filters": 3, "kernel": 3, "stride": 2, "padding": 1},
    "unshared": {"kind": "unshared_conv2d", "filters": 3},
    "tiled": {"kind": "tiled_conv2d", "filters": 3, "tiles": 2},
    "largest": {"kind": "max_pool2d", "kernel": 3, "stride": 2, "padding": 1},
    "mean": {"kind": "average_pool2d", "kernel": 3, "stride": 2, "padding": 1, "ceil_mode": True},
    "inside": {"kind": "average_pool2d", "kernel": 3, "stride": 2, "padding": 1, "count_padding": False},
    "all": {"kind": "global_average_pool"},
}
frames = {}
for name, node in NODES.items():
    flat = [] if "global" in node["kind"] else [{"kind": "flatten"}]
    output = {"name": "output", "kind": "linear", "units": None}
    network = [{"kind": "conv2d", "filters": 4}, {"kind": "tanh"}, {"name": "node", **node}, *flat, output]
    training = {"batch_size": 32}
    trainer = Trainer(Experiment.parse({"data": {"kind": "digits"}, "network": network, "training": training}))
    trainer.step()
    probes = parse_probes([{"kind": "arithmetic", "node": name, "map": 2} for name in ("node", "output")])
    for probe, suffix in zip(probes, ("", "/output")):
        frames[name + suffix] = base64.b64encode(encode({}, probe.prepare(trainer)())).decode()
print(json.dumps(frames))
`;

/** @type {Record<string, string>} */
let frames;
before(() => (frames = python(PROGRAM)));

/** @param {string} name */
const read = (name) => present(readArithmetic(decodeFrame(bytesOf(present(frames[name])))));

/** @param {number} found @param {number} wanted @param {string} where */
const near = (found, wanted, where) =>
  assert.ok(
    Math.abs(found - wanted) <= 1e-5 * Math.max(1, Math.abs(wanted)),
    `${where}: ${found}, not ${wanted}`,
  );

describe("the terms of a place", () => {
  for (const name of [
    "plain",
    "strided",
    "grouped",
    "placed",
    "transposed",
    "unshared",
    "tiled",
    "largest",
    "mean",
    "inside",
    "all",
  ]) {
    test(`come to what the node gives: ${name}`, () => {
      const arithmetic = read(name);
      const { height, width } = arithmetic.output;
      assert.ok(height * width >= 1);
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const terms = termsAt(arithmetic, y, x);
          near(
            resultOf(arithmetic, terms, y, x).result,
            at(arithmetic.output, y, x),
            `${name} at ${y}, ${x}`,
          );
        }
      }
    });
  }

  test("of a convolution in groups are of its own group", () => {
    const arithmetic = read("grouped");
    assert.deepEqual([arithmetic.first, arithmetic.input.length], [0, 2]);
  });

  test("outside the input are zeros that are marked", () => {
    const terms = termsAt(read("plain"), 0, 0).filter(({ channel }) => channel === 0);
    assert.deepEqual(
      terms.map(({ padded }) => padded),
      [true, true, true, true, false, false, true, false, false],
    );
    assert.ok(terms.every(({ padded, value }) => !padded || value === 0));
  });

  test("of max pooling are no padding, and the first of the largest is chosen", () => {
    const arithmetic = read("largest");
    const terms = termsAt(arithmetic, 0, 0);
    const { largest } = resultOf(arithmetic, terms, 0, 0);
    assert.equal(largest?.padded, false);
    assert.equal(largest?.value, at(arithmetic.output, 0, 0));
  });
});

test("a dense unit is one row of terms", () => {
  const arithmetic = read("plain/output");
  const terms = termsAt(arithmetic, 0, 0);
  assert.equal(terms.length, 4 * 6 * 6);
  near(resultOf(arithmetic, terms, 0, 0).result, at(arithmetic.output, 0, 0), "dense");
});

describe("softmax", () => {
  test("is exponentials over their sum, as torch has it", () => {
    const { softmax } = read("plain/output");
    const { logits, shares } = present(softmax);
    const steps = softmaxSteps(logits);
    steps.shares.forEach((share, index) => near(share, shares[index] ?? NaN, `class ${index}`));
    near(
      steps.exponentials.reduce((sum, each) => sum + each, 0),
      steps.sum,
      "sum",
    );
  });

  test("of large logits does not overflow", () => {
    assert.deepEqual(softmaxSteps([1000, 0]).shares, [1, 0]);
  });
});
