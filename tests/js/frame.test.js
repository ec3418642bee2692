import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { decodeFrame, FrameError, fromHalf } from "../../static/core/frame.js";
import { bytesOf, document, list, python } from "./support.js";

/** What the engine itself encodes, and numpy's reading of every half. */
const PROGRAM = `
import base64, json
import numpy as np
from glassnet.engine.frame import Stamp, encode

stamp = Stamp(run="r1", probe="surface", key="k", seq=7, life=2, revision=3, step=40, epoch=1.5)
arrays = {
    "odd": np.arange(3, dtype=np.uint8),
    "float64": np.array([1.5, np.nan, -np.inf]),
    "float32": np.array([[-1, 0.1, 2], [3, 4, 1e30]], dtype=np.float32),
    "float16": np.array([0.5, -2, 65504, np.inf], dtype=np.float16),
    "int32": np.array([[-5], [2**31 - 1]], dtype=np.int32),
    "uint16": np.array([65535], dtype=np.uint16),
    "int8": np.array([-128, 127], dtype=np.int8),
    "flags": np.array([True, False]),
    "empty": np.zeros((0, 4), dtype=np.float32),
}
halves = np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float32)
text = lambda data: base64.b64encode(data).decode()
frame = text(encode(stamp.metadata(), arrays))
bare = text(encode({}, {"a": arrays["odd"]}))
print(json.dumps({"frame": frame, "bare": bare, "halves": text(halves.tobytes())}))
`;

describe("frames that the engine encodes", () => {
  /** @type {ArrayBuffer} */
  let buffer;
  /** @type {ArrayBuffer} */
  let bare;
  /** @type {Float32Array} */
  let halves;

  before(() => {
    const made = python(PROGRAM);
    buffer = bytesOf(made.frame);
    bare = bytesOf(made.bare);
    halves = new Float32Array(bytesOf(made.halves));
  });

  test("carry their stamp as strings", () => {
    const expected = {
      run: "r1",
      probe: "surface",
      key: "k",
      seq: "7",
      life: "2",
      revision: "3",
      step: "40",
      epoch: "1.5",
    };
    assert.deepEqual(decodeFrame(buffer).metadata, expected);
    assert.deepEqual(decodeFrame(bare).metadata, {});
  });

  test("give every array with its shape, type and numbers", () => {
    const { arrays } = decodeFrame(buffer);
    assert.equal(arrays.size, 9);
    /** @param {string} name */
    const read = (name) => {
      const { shape, data } = arrays.get(name) ?? { shape: [], data: undefined };
      return [data?.constructor.name, shape, list(data)];
    };
    assert.deepEqual(read("odd"), ["Uint8Array", [3], [0, 1, 2]]);
    assert.deepEqual(read("float64"), ["Float64Array", [3], [1.5, NaN, -Infinity]]);
    assert.deepEqual(read("float32"), ["Float32Array", [2, 3], [-1, 0.1, 2, 3, 4, 1e30].map(Math.fround)]);
    assert.deepEqual(read("float16"), ["Float32Array", [4], [0.5, -2, 65504, Infinity]]);
    assert.deepEqual(read("int32"), ["Int32Array", [2, 1], [-5, 2 ** 31 - 1]]);
    assert.deepEqual(read("uint16"), ["Uint16Array", [1], [65535]]);
    assert.deepEqual(read("int8"), ["Int8Array", [2], [-128, 127]]);
    assert.deepEqual(read("flags"), ["Uint8Array", [2], [1, 0]]);
    assert.deepEqual(read("empty"), ["Float32Array", [0, 4], []]);
  });

  test("are read in place: all but halves are views on the bytes that arrived", () => {
    for (const [name, { data }] of decodeFrame(buffer).arrays) {
      assert.equal(data.buffer === buffer, name !== "float16", name);
    }
  });

  test("hold halves that numpy reads alike, all 65,536 of them", () => {
    assert.equal(halves.length, 65536);
    halves.forEach((expected, bits) => {
      if (!Object.is(fromHalf(bits), expected))
        assert.fail(`${bits.toString(16)}: ${fromHalf(bits)}, not ${expected}`);
    });
  });
});

describe("float16", () => {
  const half = document({ a: { dtype: "F16", shape: [2], data_offsets: [0, 4] } }, [0x00, 0x3c, 0x00, 0xc0]);

  /** @param {unknown} replacement @param {() => void} body */
  function withFloat16Array(replacement, body) {
    const own = Object.getOwnPropertyDescriptor(globalThis, "Float16Array");
    Object.defineProperty(globalThis, "Float16Array", {
      value: replacement,
      configurable: true,
      writable: true,
    });
    try {
      body();
    } finally {
      if (own) Object.defineProperty(globalThis, "Float16Array", own);
      else Reflect.deleteProperty(globalThis, "Float16Array");
    }
  }

  test("is computed where the browser has no such arrays", () => {
    withFloat16Array(undefined, () =>
      assert.deepEqual(list(decodeFrame(half).arrays.get("a")?.data), [1, -2]),
    );
  });

  test("is left to the browser where it has them", () => {
    /** @type {unknown[][]} */
    const asked = [];
    function Stub(/** @type {unknown[]} */ ...given) {
      asked.push(given);
      return [10, 20];
    }
    withFloat16Array(Stub, () => assert.deepEqual(list(decodeFrame(half).arrays.get("a")?.data), [10, 20]));
    assert.deepEqual(asked, [[half, half.byteLength - 4, 2]]);
  });
});

describe("bytes put together by hand", () => {
  const float = (/** @type {number} */ value) => [...new Uint8Array(Float32Array.of(value).buffer)];

  test("are copied where they lie misaligned, and right all the same", () => {
    const buffer = document(
      {
        byte: { dtype: "U8", shape: [1], data_offsets: [0, 1] },
        odd: { dtype: "F32", shape: [2], data_offsets: [1, 9] },
      },
      [9, ...float(0.5), ...float(-3)],
    );
    const { arrays } = decodeFrame(buffer);
    assert.deepEqual(list(arrays.get("odd")?.data), [0.5, -3]);
    assert.notEqual(arrays.get("odd")?.data.buffer, buffer);
    assert.equal(arrays.get("byte")?.data.buffer, buffer);
  });

  test("are read with a header of any length", () => {
    for (const name of ["a", "ab", "abc", "abcd", "abcde"]) {
      const header = JSON.stringify({ [name]: { dtype: "F32", shape: [1], data_offsets: [0, 4] } });
      assert.deepEqual(
        list(decodeFrame(document(header, float(7), { align: 1 })).arrays.get(name)?.data),
        [7],
      );
    }
  });

  test("may name an array in any letters, the language's own words included", () => {
    const header =
      '{"größe ∂": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}, "__proto__": {"dtype": ' +
      '"U8", "shape": [1], "data_offsets": [1, 2]}}';
    const { arrays } = decodeFrame(document(header, [4, 5]));
    assert.deepEqual(list(arrays.get("größe ∂")?.data), [4]);
    assert.deepEqual(list(arrays.get("__proto__")?.data), [5]);
  });

  test("may be a single number, without a shape to speak of", () => {
    const { arrays } = decodeFrame(
      document({ a: { dtype: "F32", shape: [], data_offsets: [0, 4] } }, float(2.5)),
    );
    assert.deepEqual([arrays.get("a")?.shape, list(arrays.get("a")?.data)], [[], [2.5]]);
  });

  const entry = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
  const eight = [1, 2, 3, 4, 5, 6, 7, 8];

  /** @type {[string, () => ArrayBuffer, RegExp][]} */
  const refusals = [
    ["nothing", () => new ArrayBuffer(0), /0 bytes; expected at least 8/],
    ["seven bytes", () => new ArrayBuffer(7), /7 bytes/],
    [
      "a header longer than the frame",
      () => document({ a: entry }, eight, { length: 4000 }),
      /a header of 4000 bytes/,
    ],
    ["a header of 2 to the 40 bytes", () => document({}, [], { length: 2 ** 40 }), /a header of/],
    [
      "a header of two mebibytes",
      () => new Uint8Array([0, 0, 0x20, 0, 0, 0, 0, 0, ...new Uint8Array(1 << 22)]).buffer,
      /a header of 2097152 bytes/,
    ],
    ["a header that is no JSON", () => document("not JSON", []), /no JSON: not JSON/],
    ["a header that is a list", () => document([], []), /no object/],
    ["a header that is null", () => document("null", []), /no object/],
    ["metadata that is a list", () => document({ __metadata__: ["a"] }, []), /metadata/],
    ["an array that is a number", () => document({ a: 5 }, []), /'a' is no object/],
    [
      "an unknown type",
      () => document({ a: { ...entry, dtype: "BF16" } }, eight),
      /'a' is of type BF16; expected one of U8, /,
    ],
    [
      "int64, which would arrive as BigInt",
      () => document({ a: { dtype: "I64", shape: [1], data_offsets: [0, 8] } }, eight),
      /of type I64/,
    ],
    ["no type", () => document({ a: { shape: [2], data_offsets: [0, 8] } }, eight), /of type undefined/],
    ["a type every object has", () => document({ a: { ...entry, dtype: "constructor" } }, eight), /'a'/],
    ["no shape", () => document({ a: { dtype: "F32", data_offsets: [0, 8] } }, eight), /'a' has no shape/],
    ["a negative size", () => document({ a: { ...entry, shape: [-2] } }, eight), /'a' has no shape/],
    ["half a size", () => document({ a: { ...entry, shape: [0.5, 4] } }, eight), /'a' has no shape/],
    [
      "three offsets",
      () => document({ a: { ...entry, data_offsets: [0, 4, 8] } }, eight),
      /'a' has no offsets/,
    ],
    [
      "offsets the wrong way round",
      () => document({ a: { ...entry, data_offsets: [8, 0] } }, eight),
      /'a' lies at 8 to 0/,
    ],
    [
      "data cut short",
      () => document({ a: entry }, eight.slice(0, 7)),
      /'a' lies at 0 to 8, beyond the frame's 7 bytes/,
    ],
    [
      "fewer bytes than the shape says",
      () => document({ a: { ...entry, shape: [3] } }, eight),
      /'a' has 8 bytes; expected 12 for \[3\]/,
    ],
    [
      "a shape beyond all numbers",
      () => document({ a: { ...entry, shape: [2 ** 40, 2 ** 40] } }, eight),
      /'a' has 8 bytes/,
    ],
  ];
  for (const [what, make, message] of refusals) {
    test(`are refused by name: ${what}`, () => {
      assert.throws(
        () => decodeFrame(make()),
        (error) => error instanceof FrameError && message.test(error.message),
      );
    });
  }
});
