/** Pictures to take away: as PNG, and as the numbers they are made of. */

/** @import { Frame, NamedArray, Tensor } from "../types.d.ts" */

import { element } from "../dom.js";

/** What safetensors calls the arrays of JavaScript. @type {[Function, string][]} */
const TYPES = [
  [Uint8Array, "U8"],
  [Int8Array, "I8"],
  [Uint16Array, "U16"],
  [Int16Array, "I16"],
  [Uint32Array, "U32"],
  [Int32Array, "I32"],
  [Float32Array, "F32"],
  [Float64Array, "F64"],
];

/**
 * A frame as the safetensors document it came as.
 *
 * @param {Pick<Frame, "metadata" | "arrays">} frame
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function encodeFrame({ metadata, arrays }) {
  /** @type {Record<string, unknown>} */
  const header = { __metadata__: metadata };
  const parts = [...arrays].sort(([, one], [, other]) => other.data.BYTES_PER_ELEMENT - one.data.BYTES_PER_ELEMENT);
  let at = 0;
  for (const [name, { shape, data }] of parts) {
    header[name] = { dtype: typeOf(data), shape, data_offsets: [at, at + data.byteLength] };
    at += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + at);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.fill(0x20, 8 + text.length, 8 + length);
  bytes.set(text, 8);
  at = 8 + length;
  for (const [, { data }] of parts) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/** @param {Tensor} data */
function typeOf(data) {
  const found = TYPES.find(([type]) => data instanceof type);
  if (!found) throw new TypeError(`${data} is no array of numbers`);
  return found[1];
}

/** @param {Blob} blob @param {string} name */
function download(blob, name) {
  const address = URL.createObjectURL(blob);
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** @param {Pick<Frame, "metadata" | "arrays">} frame @param {string} name without its ending */
export function keepNumbers(frame, name) {
  download(new Blob([encodeFrame(frame)], { type: "application/octet-stream" }), `${name}.safetensors`);
}

/** Pixels on the longer side of a picture that is kept, at least. */
const LEAST = 1200;

/**
 * Canvases as one picture, as they stand on the page, each pixel of the data a square.
 *
 * @param {HTMLElement} whole what they stand in @param {string} name without its ending
 */
export function keepPicture(whole, name) {
  const box = whole.getBoundingClientRect();
  const [width, height] = [Math.max(1, whole.scrollWidth), Math.max(1, whole.scrollHeight)];
  const scale = Math.max(1, LEAST / Math.max(width, height));
  const picture = element("canvas", { width: Math.round(width * scale), height: Math.round(height * scale) });
  const context = picture.getContext("2d");
  if (!context) return;
  const style = getComputedStyle(document.body);
  context.fillStyle = style.backgroundColor;
  context.fillRect(0, 0, picture.width, picture.height);
  context.scale(scale, scale);
  context.imageSmoothingEnabled = false;
  context.textBaseline = "top";
  for (const canvas of whole.querySelectorAll("canvas")) {
    const { left, top, width: wide, height: high } = canvas.getBoundingClientRect();
    if (canvas.width > 0 && wide > 0) context.drawImage(canvas, left - box.left + whole.scrollLeft, top - box.top + whole.scrollTop, wide, high);
  }
  for (const label of /** @type {NodeListOf<HTMLElement>} */ (whole.querySelectorAll("[data-label]"))) {
    const { left, top } = label.getBoundingClientRect();
    const { color, font } = getComputedStyle(label);
    Object.assign(context, { fillStyle: color, font });
    context.fillText(label.textContent ?? "", left - box.left + whole.scrollLeft, top - box.top + whole.scrollTop);
  }
  picture.toBlob((blob) => blob && download(blob, `${name}.png`));
}

/**
 * The two buttons below a picture.
 *
 * @param {() => HTMLElement} whole @param {() => Pick<Frame, "metadata" | "arrays"> | null | undefined} frame @param {() => string} name
 */
export function keepButtons(whole, frame, name) {
  return element(
    "span",
    { class: "keep" },
    element("button", { type: "button", class: "button quiet", title: "Download what is shown as a picture", onclick: () => keepPicture(whole(), name()) }, "PNG"),
    element("button", { type: "button", class: "button quiet", title: "Download the numbers behind it, for notebooks", onclick: () => { const seen = frame(); if (seen) keepNumbers(seen, name()); } }, "safetensors"),
  );
}

/** @param {Map<string, NamedArray>} arrays @param {string} name @param {number} [otherwise] @returns {number} a single number of a frame */
export function scalar(arrays, name, otherwise = NaN) {
  return arrays.get(name)?.data[0] ?? otherwise;
}
