/**
 * What several of these tests need: Python as the other opinion, frames built by hand, chance that repeats.
 */

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** @import { Frame, NamedArray, Tensor } from "../../static/types.d.ts" */

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Run a Python program of the project's environment: JSON in, JSON out.
 *
 * @param {string} program prints one JSON document @param {unknown} [input] read from its standard input
 * @returns {any}
 */
export function python(program, input = null) {
  const printed = execFileSync(`${ROOT}.venv/bin/python`, ["-c", program], {
    cwd: ROOT,
    input: JSON.stringify(input),
    env: { ...process.env, OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1" },
    maxBuffer: 1 << 28,
  });
  return JSON.parse(printed.toString());
}

/** @param {string} text base64 @returns {ArrayBuffer} a buffer of exactly these bytes */
export function bytesOf(text) {
  return Uint8Array.from(Buffer.from(text, "base64")).buffer;
}

/**
 * A safetensors document, put together by hand from its specification: eight bytes of length, JSON, data.
 *
 * @param {unknown} header @param {number[]} data @param {{ align?: number, length?: number }} [options]
 * `align`: pad the header with spaces to a multiple of it; `length`: lie about the header's length
 * @returns {ArrayBuffer}
 */
export function document(header, data, { align = 8, length } = {}) {
  let text = typeof header === "string" ? header : JSON.stringify(header);
  while (new TextEncoder().encode(text).length % align !== 0) text += " ";
  const encoded = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + encoded.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length ?? encoded.length), true);
  bytes.set(encoded, 8);
  bytes.set(data, 8 + encoded.length);
  return bytes.buffer;
}

/**
 * A frame of rows, as the server sends them for a scalar probe.
 *
 * @param {Record<string, string | number>} metadata @param {Record<string, number[]>} columns
 * @returns {Frame}
 */
export function rows(metadata, columns) {
  /** @type {Map<string, NamedArray>} */
  const arrays = new Map();
  for (const [name, values] of Object.entries(columns)) {
    const data = name === "step" || name === "epoch" ? Float64Array.from(values) : Float32Array.from(values);
    arrays.set(name, { shape: [values.length], data });
  }
  return {
    metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, String(value)])),
    arrays,
  };
}

/**
 * Numbers from 0 to below 1 that are the same in every run (mulberry32).
 *
 * @param {number} seed
 * @returns {() => number}
 */
export function chance(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Let everything that is already promised happen; no clock is involved. @returns {Promise<void>} */
export async function settled() {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

/**
 * The value, which is there.
 *
 * @template T
 * @param {T | null | undefined} value
 * @returns {T}
 */
export function present(value) {
  if (value === null || value === undefined) throw new Error("expected a value");
  return value;
}

/** @param {import("../../static/types.d.ts").Tensor | undefined} data */
export function list(data) {
  return Array.from(present(data));
}

/**
 * A named array of a frame.
 *
 * @param {number[]} shape @param {ArrayLike<number>} values
 * @param {{ from: (values: ArrayLike<number>) => Tensor }} [type]
 * @returns {NamedArray}
 */
export function array(shape, values, type = Float32Array) {
  return { shape, data: type.from(values) };
}

/**
 * A frame of named arrays.
 *
 * @param {Record<string, NamedArray>} arrays @param {Record<string, string>} [metadata]
 * @returns {Frame}
 */
export function frame(arrays, metadata = {}) {
  return { metadata, arrays: new Map(Object.entries(arrays)) };
}

/**
 * A frame of one-dimensional arrays of float32.
 *
 * @param {Record<string, number[]>} columns @param {Record<string, string>} [metadata]
 */
export function vectors(columns, metadata = {}) {
  const named = Object.entries(columns).map(([name, values]) => [name, array([values.length], values)]);
  return frame(Object.fromEntries(named), metadata);
}
