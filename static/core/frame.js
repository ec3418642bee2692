/** Frames: safetensors documents, read as typed-array views on the bytes that arrived. */

/** @import { Frame, NamedArray, Tensor } from "../types.d.ts" */

/** The bytes are no frame; the message says in what way. */
export class FrameError extends Error {
  /** @override */
  name = "FrameError";
}

/** Longer headers than this are refused unread. */
const MAX_HEADER = 1 << 20;

/** @typedef {{ size: number, view: (buffer: ArrayBuffer, offset: number, length: number) => Tensor }} Kind */

/** @type {Record<string, Kind>} */
const KINDS = {
  U8: { size: 1, view: (buffer, offset, length) => new Uint8Array(buffer, offset, length) },
  BOOL: { size: 1, view: (buffer, offset, length) => new Uint8Array(buffer, offset, length) },
  I8: { size: 1, view: (buffer, offset, length) => new Int8Array(buffer, offset, length) },
  U16: { size: 2, view: (buffer, offset, length) => new Uint16Array(buffer, offset, length) },
  I16: { size: 2, view: (buffer, offset, length) => new Int16Array(buffer, offset, length) },
  F16: { size: 2, view: halves },
  U32: { size: 4, view: (buffer, offset, length) => new Uint32Array(buffer, offset, length) },
  I32: { size: 4, view: (buffer, offset, length) => new Int32Array(buffer, offset, length) },
  F32: { size: 4, view: (buffer, offset, length) => new Float32Array(buffer, offset, length) },
  F64: { size: 8, view: (buffer, offset, length) => new Float64Array(buffer, offset, length) },
};

/**
 * The arrays of a frame, without copying where the bytes lie aligned (the server aligns them).
 *
 * @param {ArrayBuffer} buffer
 * @returns {Frame}
 */
export function decodeFrame(buffer) {
  if (buffer.byteLength < 8) throw new FrameError(`${buffer.byteLength} bytes; expected at least 8`);
  const view = new DataView(buffer);
  const headerLength = view.getUint32(0, true);
  const beyond = view.getUint32(4, true) !== 0 || headerLength > MAX_HEADER;
  if (beyond || 8 + headerLength > buffer.byteLength) {
    throw new FrameError(`a header of ${headerLength} bytes in a frame of ${buffer.byteLength}`);
  }
  const header = readHeader(buffer, headerLength);
  const start = 8 + headerLength;
  /** @type {Map<string, NamedArray>} */
  const arrays = new Map();
  for (const [name, entry] of Object.entries(header)) {
    if (name !== "__metadata__") arrays.set(name, readArray(buffer, start, name, entry));
  }
  return { metadata: readMetadata(header["__metadata__"]), arrays };
}

/**
 * Frames behind each other, each behind its length (u64, little-endian) and filled up to eight bytes.
 *
 * @param {ArrayBuffer} buffer
 * @returns {Frame[]}
 */
export function unpackFrames(buffer) {
  const view = new DataView(buffer);
  const frames = [];
  for (let at = 0; at + 8 <= buffer.byteLength;) {
    const length = Number(view.getBigUint64(at, true));
    if (at + 8 + length > buffer.byteLength)
      throw new FrameError(`a frame of ${length} bytes at ${at} of ${buffer.byteLength}`);
    frames.push(decodeFrame(buffer.slice(at + 8, at + 8 + length)));
    at += 8 + Math.ceil(length / 8) * 8;
  }
  return frames;
}

/** @param {ArrayBuffer} buffer @param {number} length @returns {Record<string, unknown>} */
function readHeader(buffer, length) {
  const text = new TextDecoder().decode(new Uint8Array(buffer, 8, length));
  /** @type {unknown} */
  let header;
  try {
    header = JSON.parse(text);
  } catch {
    throw new FrameError(`a header that is no JSON: ${text.slice(0, 40)}`);
  }
  if (!isRecord(header)) throw new FrameError("a header that is no object");
  return header;
}

/** @param {unknown} entry @returns {Record<string, string>} */
function readMetadata(entry) {
  if (entry === undefined) return {};
  if (!isRecord(entry)) throw new FrameError("metadata that is no object");
  return Object.fromEntries(Object.entries(entry).map(([name, value]) => [name, String(value)]));
}

/**
 * @param {ArrayBuffer} buffer @param {number} start @param {string} name @param {unknown} entry
 * @returns {NamedArray}
 */
function readArray(buffer, start, name, entry) {
  if (!isRecord(entry)) throw new FrameError(`'${name}' is no object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  const kind = typeof dtype === "string" ? KINDS[dtype] : undefined;
  if (!kind)
    throw new FrameError(
      `'${name}' is of type ${String(dtype)}; expected one of ${Object.keys(KINDS).join(", ")}`,
    );
  if (!isNumbers(shape)) throw new FrameError(`'${name}' has no shape`);
  if (!isNumbers(offsets) || offsets.length !== 2) throw new FrameError(`'${name}' has no offsets`);
  const [from = 0, to = 0] = offsets;
  const length = shape.reduce((product, size) => product * size, 1);
  if (from > to || start + to > buffer.byteLength) {
    throw new FrameError(
      `'${name}' lies at ${from} to ${to}, beyond the frame's ${buffer.byteLength - start} bytes`,
    );
  }
  if (to - from !== length * kind.size) {
    throw new FrameError(
      `'${name}' has ${to - from} bytes; expected ${length * kind.size} for [${shape.join(", ")}]`,
    );
  }
  const offset = start + from;
  if (offset % kind.size === 0) return { shape, data: kind.view(buffer, offset, length) };
  return { shape, data: kind.view(buffer.slice(offset, offset + to - from), 0, length) };
}

/** @param {ArrayBuffer} buffer @param {number} offset @param {number} length @returns {Tensor} */
function halves(buffer, offset, length) {
  const bits = new Uint16Array(buffer, offset, length);
  const values = new Float32Array(length);
  if (typeof Float16Array === "function") values.set(new Float16Array(buffer, offset, length));
  else bits.forEach((half, index) => (values[index] = fromHalf(half)));
  return values;
}

/**
 * The number that IEEE 754 binary16 bits stand for.
 *
 * @param {number} bits
 */
export function fromHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param {unknown} value @returns {value is number[]} */
function isNumbers(value) {
  return Array.isArray(value) && value.every((entry) => Number.isSafeInteger(entry) && entry >= 0);
}
