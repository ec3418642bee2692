import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { demandOf, factsOf, fileNameOf, refusalOf } from "../../../../static/panels/features/question.js";

/** @import { Catalog, Description } from "../../../../static/types.d.ts" */
/** @import { Placed } from "../../../../static/network/layout.js" */

const OPTIONS = { set: "test", rule: "guided", seed: "strongest", mask_empty: true };
const STATE = { unit: 4, input: { kind: "sample", set: "test", index: 7 } };

/** @type {Catalog} */
const CATALOG = { activations: [{ kind: "tanh", label: "Tanh", summary: "", reference: "" }] };

/** @param {number} maps */
const column = (maps) => /** @type {Placed} */ ({ name: "relu1", kind: "conv2d", shape: [maps, 8, 8] });

describe("what a view asks for", () => {
  test("is the selected map's nine strongest activations, over time as well", () => {
    const wanted = { kind: "features", node: "relu1", channels: [4], count: 9, hz: 2, ...OPTIONS };
    assert.deepEqual(demandOf("map", column(6), STATE, OPTIONS), wanted);
    assert.deepEqual(demandOf("time", column(6), STATE, OPTIONS), wanted);
  });

  test("is the chosen picture's projection, of no set", () => {
    const { set: _, ...down } = OPTIONS;
    const wanted = { kind: "projection", node: "relu1", channel: 4, input: STATE.input, hz: 2, ...down };
    assert.deepEqual(demandOf("chosen", column(6), STATE, OPTIONS), wanted);
  });

  test("is fewer activations of each map of a layer, the more maps it has", () => {
    const asked = (/** @type {number} */ maps) => {
      const { channels, count } = /** @type {{ channels: number[], count: number }} */ (
        demandOf("layer", column(maps), STATE, OPTIONS)
      );
      return [channels.length, count];
    };
    assert.deepEqual(
      [asked(16), asked(36), asked(37)],
      [
        [16, 9],
        [36, 4],
        [37, 1],
      ],
    );
    assert.deepEqual(asked(512), [64, 1]);
  });

  test("is nothing where the view is a study", () => {
    assert.equal(demandOf("network", column(6), STATE, OPTIONS), null);
    assert.equal(demandOf("first", column(6), STATE, OPTIONS), null);
  });
});

describe("a view is refused", () => {
  /** @param {Partial<Description>} other @returns {Description} */
  const network = (other = {}) =>
    /** @type {Description} */ ({
      input: { name: "input", shape: [1, 8, 8] },
      nodes: [
        { name: "conv1", kind: "conv2d", inputs: ["input"], way: { unruled: null } },
        { name: "relu1", kind: "tanh", inputs: ["conv1"], way: { unruled: "relu1" } },
      ],
      ...other,
    });
  const refusal = (
    /** @type {Description | null} */ description,
    /** @type {Placed | null} */ of,
    rule = "deconvnet",
  ) => refusalOf({ description, catalog: CATALOG }, of, "map", rule);

  test("while nothing is selected", () => {
    assert.equal(refusal(network(), null), "Select a layer.");
    assert.equal(refusal(null, column(4)), "Select a layer.");
  });

  test("where samples have no places", () => {
    const points = network({ input: { name: "input", shape: [2] } });
    assert.match(
      refusal(points, column(4)) ?? "",
      /^Features are shown in a sample's places: choose signals, pictures/,
    );
  });

  test("for the picture itself", () => {
    assert.match(refusal(network(), { ...column(1), data: true }) ?? "", /^This is the picture itself\./);
  });

  test("where a node on the way has no rule, unless the gradient is asked for", () => {
    assert.match(
      refusal(network(), column(4)) ?? "",
      /Choose “gradient” as the way down, or ReLU in the network\.$/,
    );
    assert.equal(refusal(network(), column(4), "gradient"), null);
  });
});

test("what is taken away says what it is", () => {
  assert.deepEqual(factsOf("map", "relu1", 4, OPTIONS), {
    node: "relu1",
    map: "5",
    method: "guided",
    from: "the strongest activation",
    set: "test",
    "empty pooling windows": "masked",
  });
  const whole = { ...OPTIONS, seed: "map", mask_empty: false, normalisations: "gradient" };
  assert.deepEqual(factsOf("layer", "relu1", 4, whole), {
    node: "relu1",
    method: "guided",
    from: "the whole map",
    set: "test",
    "local normalisations": "by their gradient",
  });
  assert.equal("set" in factsOf("chosen", "relu1", 4, OPTIONS), false);
  assert.deepEqual(
    ["map", "time", "chosen", "layer"].map((view) => fileNameOf(/** @type {"map"} */ (view), "relu1", 4)),
    ["features-relu1-5", "features-relu1-5-over-time", "features-relu1-5-chosen-picture", "features-relu1"],
  );
});
