/** Pictures to take away: as PNG, and as the numbers they are made of. */

/** @import { Frame, JsonObject, NamedArray, Tensor } from "../types.d.ts" */

import { element } from "../core/dom.js";
import { download } from "../core/download.js";
import { texts } from "../core/texts.js";

const TEXTS = texts(import.meta.url, {
  downloadPicture: "Download what is shown as a picture",
  png: "PNG",
  downloadNumbers: "Download the numbers behind it, for notebooks",
  safetensors: "safetensors",
});

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
  const parts = [...arrays].sort(
    ([, one], [, other]) => other.data.BYTES_PER_ELEMENT - one.data.BYTES_PER_ELEMENT,
  );
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

/** @param {Pick<Frame, "metadata" | "arrays">} frame @param {string} name without its ending */
function keepNumbers(frame, name) {
  download(new Blob([encodeFrame(frame)], { type: "application/octet-stream" }), `${name}.safetensors`);
}

/** Pixels on the longer side of a picture that is kept, at least. */
const LEAST = 1600;

/**
 * A slide is white, whatever the theme: its ink, and the room around the picture and for the line below it.
 */
const [PAPER, INK, FAINT, MARGIN, LINE, LINE_WIDTH] = ["#ffffff", "#1a1b1e", "#55585f", 16, 22, 560];

/**
 * Canvases as one picture on white, as they stand on the page, with their labels and a line that says what it
 * is.
 *
 * @param {HTMLElement} whole what they stand in @param {string} name without its ending @param {string}
 * [caption]
 */
function keepPicture(whole, name, caption = "") {
  const box = whole.getBoundingClientRect();
  const below = caption ? LINE : 0;
  const shown = [...whole.querySelectorAll("canvas, [data-label]")]
    .map((part) => part.getBoundingClientRect())
    .filter((part) => part.width > 0);
  const drawn = Math.max(0, ...shown.map(({ right }) => right)) - box.left + whole.scrollLeft;
  const [width, height] = [
    Math.max(caption ? LINE_WIDTH : 1, drawn) + 2 * MARGIN,
    Math.max(1, whole.scrollHeight) + 2 * MARGIN + below,
  ];
  const scale = Math.max(2, LEAST / Math.max(width, height));
  const picture = element("canvas", { width: Math.round(width * scale), height: Math.round(height * scale) });
  const context = picture.getContext("2d");
  if (!context) return;
  context.fillStyle = PAPER;
  context.fillRect(0, 0, picture.width, picture.height);
  context.scale(scale, scale);
  context.translate(MARGIN, MARGIN);
  context.textBaseline = "top";
  for (const canvas of whole.querySelectorAll("canvas")) {
    const { left, top, width: wide, height: high } = canvas.getBoundingClientRect();
    context.imageSmoothingEnabled = getComputedStyle(canvas).imageRendering === "auto";
    if (canvas.width > 0 && wide > 0)
      context.drawImage(
        canvas,
        left - box.left + whole.scrollLeft,
        top - box.top + whole.scrollTop,
        wide,
        high,
      );
  }
  for (const label of /** @type {NodeListOf<HTMLElement>} */ (whole.querySelectorAll("[data-label]"))) {
    if (label.getClientRects().length === 0) continue;
    const { left, top, width: wide } = label.getBoundingClientRect();
    const { font, fontSize, lineHeight, textAlign } = getComputedStyle(label);
    const atEnd = textAlign === "right" || textAlign === "end";
    Object.assign(context, { fillStyle: INK, font, textAlign: atEnd ? "right" : "left" });
    const high = Number.parseFloat(lineHeight) || 1.35 * Number.parseFloat(fontSize);
    // An inline label is as wide as its words; where they break, what it stands in is as wide as they may be.
    const room = Math.max(wide, label.parentElement?.getBoundingClientRect().width ?? 0) + 1;
    linesOf(context, label.textContent ?? "", room).forEach((line, index) => {
      context.fillText(
        line,
        left - box.left + whole.scrollLeft + (atEnd ? wide : 0),
        top - box.top + whole.scrollTop + index * high,
      );
    });
  }
  if (caption) {
    Object.assign(context, {
      fillStyle: FAINT,
      font: `12px ${getComputedStyle(document.body).fontFamily}`,
      textAlign: "left",
    });
    context.fillText(caption, 0, height - 2 * MARGIN - LINE + 10, width - 2 * MARGIN);
  }
  picture.toBlob((blob) => blob && download(blob, `${name}.png`));
}

/**
 * A text in lines that fit.
 *
 * @param {CanvasRenderingContext2D} context @param {string} text @param {number} room
 */
function linesOf(context, text, room) {
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1) ?? ""} ${word}`.trim();
    if (lines.length > 0 && context.measureText(longer).width <= room) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/**
 * The two buttons below a picture. What the frame does not say of itself, `facts` say (node, map, method, …):
 * they go
 * into the metadata of the numbers, and with the step into the line below the picture.
 *
 * @param {() => HTMLElement} whole @param {() => Pick<Frame, "metadata" | "arrays"> | null | undefined} frame
 * @param {() => string} name @param {() => Record<string, string>} [facts]
 */
export function keepButtons(whole, frame, name, facts = () => ({})) {
  const caption = () => {
    const step = frame()?.metadata["step"];
    const parts = Object.entries({ ...facts(), ...(step === undefined ? {} : { step }) });
    return parts.map((fact) => fact.join(" ")).join(" · ");
  };
  return element(
    "span",
    { class: "keep" },
    element(
      "button",
      {
        type: "button",
        class: "button quiet",
        title: TEXTS.downloadPicture,
        onclick: () => keepPicture(whole(), name(), caption()),
      },
      TEXTS.png,
    ),
    element(
      "button",
      {
        type: "button",
        class: "button quiet",
        title: TEXTS.downloadNumbers,
        onclick: () => {
          const seen = frame();
          if (seen) keepNumbers({ arrays: seen.arrays, metadata: { ...facts(), ...seen.metadata } }, name());
        },
      },
      TEXTS.safetensors,
    ),
  );
}

/**
 * Which picture the network was shown, for who takes away what came of it.
 *
 * @param {JsonObject | null} asked a probe or study with an `input`
 * @returns {string}
 */
export function pictureFact(asked) {
  const input = /** @type {JsonObject} */ (asked?.["input"] ?? {});
  return input["kind"] === "sample" ? `${input["set"]} ${input["index"]}` : "one's own";
}

/**
 * @param {Map<string, NamedArray>} arrays @param {string} name @param {number} [otherwise] @returns {number}
 * a single number of a frame
 */
export function scalar(arrays, name, otherwise = NaN) {
  return arrays.get(name)?.data[0] ?? otherwise;
}
