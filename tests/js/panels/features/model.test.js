import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { wallOf } from "../../../../static/draw/signals.js";
import { layerTiles, mapCards, projectionOf, searchText } from "../../../../static/panels/features/model.js";
import { array, frame, present } from "../../support.js";
import { featuresFrame } from "./walls.js";

/** Of two maps the second: its third entry is not known yet. */
const FRAME = featuresFrame({
  channels: [0, 6],
  images: [1, 2, 3, 30, 31, -1],
  values: [9, 9, 9, 2.5, 0.5, 0],
  targets: [0, 0, 0, 1, 5, 0],
});

describe("the cards of a map", () => {
  const { cards, dead } = mapCards(present(wallOf(FRAME)), 1, ["disc", "ring"]);

  test("name the class, the activation, and since when it is known", () => {
    const { entry, name, value, step } = present(cards[0]);
    assert.deepEqual([entry, name, value, step], [3, "ring", "2.5", "step 1,200"]);
  });

  test("say which pixels the activation sees", () => {
    assert.equal(
      cards[0]?.title,
      "Picture 30 (ring): activation 2.5, which sees rows 2 to 4 and columns 5 to 7; " +
        "among the strongest since it was searched at step 1,200",
    );
    assert.equal(cards[0]?.signalLabel, `Projection 1: ${cards[0]?.title}`);
    assert.equal(cards[1]?.patchLabel, "Patch 2");
  });

  test("name a picture by its number where its class has no name", () => {
    assert.equal(cards[1]?.name, "picture 31");
  });

  test("are missing where no picture is known yet", () => {
    assert.equal(cards[2], null);
    assert.equal(dead, false);
  });

  test("say that the map is dead where the strongest activation is zero, and not before one is known", () => {
    const dies = (/** @type {number[]} */ images, /** @type {number[]} */ values) =>
      mapCards(present(wallOf(featuresFrame({ channels: [0], images, values }))), 0, []).dead;
    assert.equal(dies([4, 5], [0, 0]), true);
    assert.equal(dies([4, 5], [0.1, 0]), false);
    assert.equal(dies([-1, -1], [0, 0]), false);
  });
});

test("the tiles of a layer say their numbers, and which maps are dead", () => {
  const wall = featuresFrame({ channels: [0, 6, 7], images: [1, 2, -1], values: [2.5, 0, 0] });
  assert.deepEqual(layerTiles(present(wallOf(wall))), [
    {
      text: "1",
      label: "Map 1: its strongest projections beside their patches, activation up to 2.5",
      dead: false,
    },
    { text: "7 dead", label: "Map 7: its strongest projections beside their patches; dead", dead: true },
    {
      text: "8",
      label: "Map 8: its strongest projections beside their patches, activation up to 0",
      dead: false,
    },
  ]);
});

test("a search says how far it has come", () => {
  const seen = (/** @type {number} */ searched) =>
    searchText(frame({ seen: array([2], [searched, 10000]) }, { step: "1500" }), "train");
  assert.equal(seen(2000), "Step 1,500. Searched 2,000 of 10,000 pictures of the train set so far.");
  assert.equal(
    seen(10000),
    "Step 1,500. The strongest of 10,000 pictures of the train set; some are searched anew at each look.",
  );
});

describe("the projection of the chosen picture", () => {
  const arrays = {
    input: array([3, 4, 5], Array(60).fill(7), Uint8Array),
    projection: array([3, 4, 5], Array(60).fill(128), Uint8Array),
    value: array([1], [1.5]),
    box: array([4], [0, 1, 3, 4], Int32Array),
  };
  const read = (/** @type {Partial<typeof arrays>} */ other) =>
    projectionOf(frame({ ...arrays, ...other }).arrays);

  test("has a picture and a signal of its size, and says what the strongest activation sees", () => {
    const { input, projection, text } = present(read({}));
    assert.deepEqual([input.channels, input.height, input.width], [3, 4, 5]);
    assert.deepEqual([projection.levels.length, projection.levels[0]], [60, 128]);
    assert.equal(text, "The strongest activation is 1.5; it sees rows 0 to 2 and columns 1 to 3.");
  });

  test("says where nothing excites the map", () => {
    assert.equal(read({ value: array([1], [0]) })?.text, "This picture does not excite the map.");
  });

  test("is none while an array is missing", () => {
    assert.equal(projectionOf(frame({ input: arrays.input }).arrays), null);
  });
});
