import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { divergingTable, magnitudeTable, pixel } from "../../static/draw/colors.js";
import { foldColumns } from "../../static/network/columns.js";
import { placeColumns } from "../../static/network/layout.js";
import {
  colorPicture,
  drawCaptions,
  layerRange,
  mapTable,
  mapTables,
  networkRange,
  shapeCaption,
} from "../../static/draw/maps.js";
import { weightPlace } from "../../static/draw/weights.js";
import { decodeFrame, FrameError, unpackFrames } from "../../static/core/frame.js";
import { mapsDemand, readsSignals } from "../../static/run/maps.js";
import { document, present } from "./support.js";

/** @import { Frame } from "../../static/types.d.ts" */
/** @import { State } from "../../static/run/state.js" */

const RANGES = Float32Array.of(0, 2, 1, 4);
const PICTURES = { levels: new Uint8Array(8), count: 2, width: 2, height: 2, ranges: RANGES };

/** @returns {Frame} */
const frame = () => ({
  metadata: {},
  arrays: new Map([
    ["maps/a", { shape: [2, 2, 2], data: new Uint8Array(8) }],
    ["maps/a.range", { shape: [2, 2], data: RANGES }],
    ["maps/b", { shape: [1, 2, 2], data: new Uint8Array(4) }],
    ["maps/b.range", { shape: [1, 2], data: Float32Array.of(-3, 1) }],
    ["maps/b.shape", { shape: [3], data: Int32Array.of(9, 2, 2) }],
    ["maps/input", { shape: [1, 2, 2], data: new Uint8Array(4) }],
    ["maps/input.range", { shape: [1, 2], data: Float32Array.of(0, 255) }],
  ]),
});

describe("the captions above columns", () => {
  /** Where captions are written, seven pixels a character. @param {{ x: number, top: number }[]} places */
  const written = (places) => {
    const columns = places.map(({ x, top }, rank) => ({
      ...{ x, top, rank, size: 26, bottom: 600, shape: [8, 16, 16, 16], tiled: true, maps: true, block: "" },
    }));
    /** @type {Record<number, string>} */
    const said = {};
    const context = {
      measureText: (/** @type {string} */ text) => ({ width: 7 * text.length }),
      fillText: (/** @type {string} */ text, /** @type {number} */ x) => void (said[x] = text),
    };
    const colors = { text: "", caption: "" };
    drawCaptions(.../** @type {[any, any, any]} */ ([context, { columns, spacing: 38 }, colors]));
    return said;
  };

  test("stand aside of the tiles of the next column, which would cut them", () => {
    // 56 pixels wide, they would reach from 32 to 88; the tiles beside begin at 85. The same size is said once.
    assert.deepEqual(
      written([
        { x: 60, top: 420 },
        { x: 98, top: 310 },
      ]),
      { 54: "16×16×16" },
    );
  });

  test("are left out where tiles on either side leave no room", () => {
    const columns = [
      { x: 100, top: 310 },
      { x: 138, top: 420 },
      { x: 176, top: 310 },
    ];
    assert.deepEqual(Object.keys(written(columns)), ["100", "176"]);
  });
});

describe("the colours of maps", () => {
  test("span the map, its layer, or the network without the picture itself", () => {
    assert.deepEqual(layerRange(PICTURES), { low: 0, high: 4 });
    assert.deepEqual(networkRange(frame()), { low: -3, high: 4 });
  });

  test("of a layer without negative values go from dark at zero to light at the most", () => {
    const ramp = magnitudeTable();
    const alone = mapTable({ low: 0, high: 2 }, { low: 0, high: 2 }, false, "light");
    assert.equal(alone[0], ramp[0]);
    assert.equal(alone[255], ramp[255]);
    const inLayer = mapTable({ low: 0, high: 2 }, { low: 0, high: 4 }, false, "light");
    assert.equal(inLayer[255], ramp[128]);
  });

  test("of a layer with negative values have zero in their middle", () => {
    const scale = divergingTable("light");
    const table = mapTable({ low: -1, high: 1 }, { low: -2, high: 1 }, true, "light");
    assert.equal(table[0], scale[Math.round(0.5 * 127.5)]);
    const { tables, signed } = mapTables(
      { ...PICTURES, ranges: Float32Array.of(-1, 1, 0.5, 1) },
      "map",
      { low: 0, high: 0 },
      "light",
    );
    assert.equal(signed, true);
    // A map that happens to be positive keeps the scale of its layer.
    assert.equal(present(tables[1])[255], scale[255]);
  });

  test("of a dead map are those of zero", () => {
    const table = mapTable({ low: 0, high: 0 }, { low: 0, high: 0 }, false, "dark");
    assert.equal(new Set(table).size, 1);
    assert.equal(table[0], magnitudeTable()[0]);
  });
});

test("three channels are one picture in colour", () => {
  const levels = Uint8Array.of(255, 0, 0, 128, 7, 9);
  assert.deepEqual([...colorPicture(levels, 2)], [pixel([255, 0, 7]), pixel([0, 128, 9])]);
});

test("shapes are written as the field does", () => {
  assert.equal(shapeCaption([8, 4, 4]), "8@4×4");
  assert.equal(shapeCaption([3, 128]), "3@128");
  assert.equal(shapeCaption([10]), "10");
});

test("a convolution in groups has weights within its groups alone", () => {
  const from = /** @type {any} */ ({ maps: true, units: 4 });
  const weights = { units: 8, inputs: 2 };
  assert.equal(weightPlace(weights, from, 0, 0), 0);
  assert.equal(weightPlace(weights, from, 1, 3), 3 * 2 + 1);
  assert.equal(weightPlace(weights, from, 2, 3), -1);
  assert.equal(weightPlace(weights, from, 2, 4), 4 * 2);
  assert.equal(weightPlace({ units: 8, inputs: 4 }, from, 3, 1), 7);
});

describe("frames behind each other", () => {
  /** @param {ArrayBuffer[]} frames */
  const packed = (frames) => {
    const parts = frames.flatMap((each) => {
      const head = new Uint8Array(8);
      new DataView(head.buffer).setBigUint64(0, BigInt(each.byteLength), true);
      return [head, new Uint8Array(each), new Uint8Array((8 - (each.byteLength % 8)) % 8)];
    });
    const whole = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole.buffer;
  };
  const one = document({ a: { dtype: "U8", shape: [3], data_offsets: [0, 3] } }, [1, 2, 3]);

  test("are read one by one", () => {
    const found = unpackFrames(packed([one, one]));
    assert.equal(found.length, 2);
    assert.deepEqual(found[1]?.arrays.get("a")?.data, decodeFrame(one).arrays.get("a")?.data);
    assert.deepEqual(unpackFrames(new ArrayBuffer(0)), []);
  });

  test("are refused where one is cut off", () => {
    assert.throws(() => unpackFrames(packed([one]).slice(0, 20)), FrameError);
  });
});

describe("the demand for maps", () => {
  const node = { kind: "conv2d", pointer: "/network/0", parameters: 9, macs: 1, receptive_field: null };

  /** @param {number[]} input @param {number[][]} shapes @returns {State} */
  const state = (input, shapes) =>
    /** @type {any} */ ({
      input: { kind: "sample", set: "test", index: 0 },
      description: {
        input: { name: "input", shape: input },
        nodes: shapes.map((shape, index) => ({ ...node, name: `n${index}`, inputs: ["input"], shape })),
        outputs: [],
        totals: {},
      },
    });

  test("is for networks that are shown pictures", () => {
    assert.deepEqual(mapsDemand(state([2], [[8]])), []);
    assert.equal(mapsDemand(state([1, 8, 8], [[8, 8, 8]])).length, 1);
    assert.deepEqual(mapsDemand(/** @type {any} */ ({ description: null })), []);
  });

  test("asks for all of a small network, and for less of a large one", () => {
    const small = mapsDemand(
      state(
        [1, 8, 8],
        [
          [8, 8, 8],
          [16, 4, 4],
        ],
      ),
    )[0];
    assert.deepEqual([small?.["most"], small?.["side"], small?.["nodes"]], [64, 64, null]);
    const large = mapsDemand(
      state(
        [3, 224, 224],
        Array.from({ length: 16 }, () => [256, 112, 112]),
      ),
    )[0];
    assert.ok(Number(large?.["most"]) < 64 && Number(large?.["side"]) <= 64);
    const bytes = 16 * Number(large?.["most"]) * Number(large?.["side"]) ** 2;
    assert.ok(bytes <= 200_000, String(bytes));
  });

  test("of very deep networks names the last of their nodes", () => {
    const nodes = mapsDemand(
      state(
        [1, 8, 8],
        Array.from({ length: 300 }, () => [4, 8, 8]),
      ),
    )[0]?.["nodes"];
    assert.ok(
      Array.isArray(nodes) && nodes.length <= 200 && nodes.includes("n299") && nodes.includes("input"),
    );
  });

  test("kernels are of signals where a layer gives one, whatever their own shape", () => {
    /** @param {string} role @param {number[]} shape @param {number[]} input */
    const reads = (role, shape, input) =>
      readsSignals(state(input, []), /** @type {any} */ ({ members: [{ role, shape }] }));
    assert.equal(reads("convolution", [8, 64], [1, 128]), true);
    assert.equal(reads("convolution", [8, 28, 22], [1, 28, 28]), false); // its kernel may be 1×7
    assert.equal(reads("dense", [10], [1, 128]), true);
    assert.equal(reads("dense", [10], [1, 1, 28]), false);
  });

  test("a picture in colour is one tile", () => {
    const { description } = state([3, 16, 16], [[4, 14, 14]]);
    const [input] = placeColumns(
      foldColumns(present(description), () => false, false),
      { width: 800, height: 400, foot: 20 },
    ).columns;
    assert.deepEqual([input?.units, input?.maps, input?.shown.length], [1, true, 1]);
  });
});
