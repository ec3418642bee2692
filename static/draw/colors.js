/** Colour scales. Data colours are constant everywhere; only their neutral middle follows the theme. */

/** @typedef {[number, number, number]} Rgb each from 0 to 255 */

/**
 * Okabe and Ito's six hues and two of our own in the place of their yellow and black, which are lost on paper,
 * light or dark. Neighbours differ most; any two differ for every kind of colour vision; markers are the second cue.
 */
export const CATEGORIES = [
  "#e69f00",
  "#0072b2",
  "#009e73",
  "#cc79a7",
  "#56b4e9",
  "#d55e00",
  "#aebd7a",
  "#6d6068",
];
export const MARKERS = /** @type {const} */ ([
  "circle",
  "square",
  "triangle",
  "diamond",
  "cross",
  "plus",
  "star",
  "ring",
]);

/** Line styles: the second cue of lines. */
const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3], [5, 2], [1, 4], [12, 4], [4, 4, 1, 4]];

/** @typedef {"light" | "dark"} Theme */

/**
 * @typedef {{ negative: string, positive: string, neutral: string, line: string, text: string, tile: string,
 * tileLine: string, accent: string, caption: string }} Colors with which a network is drawn
 */

const NEUTRAL = { light: "#f4f4f2", dark: "#24262b" };
const STRONG = {
  light: { negative: "#ec7d26", positive: "#2b78c9" },
  dark: { negative: "#e8883a", positive: "#4092e6" },
};

/** @param {string} hex @returns {Rgb} */
export function rgb(hex) {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** @param {Rgb} color */
export function cssColor([red, green, blue]) {
  return `rgb(${Math.round(red)} ${Math.round(green)} ${Math.round(blue)})`;
}

/** @param {number} channel from 0 to 255 */
function linear(channel) {
  const share = channel / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

/** @param {number} share */
function companded(share) {
  const bounded = Math.min(1, Math.max(0, share));
  return 255 * (bounded <= 0.0031308 ? 12.92 * bounded : 1.055 * bounded ** (1 / 2.4) - 0.055);
}

/**
 * OKLab, Ottosson 2020: equal distances look equal.
 *
 * @param {Rgb} color @returns {[number, number, number]}
 */
export function toLab([red, green, blue]) {
  const [r, g, b] = [linear(red), linear(green), linear(blue)];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** @param {[number, number, number]} lab @returns {Rgb} */
export function fromLab([lightness, a, b]) {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    companded(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    companded(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    companded(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** @param {Rgb} one @param {Rgb} other @param {number} share of the other @returns {Rgb} */
export function mix(one, other, share) {
  const from = toLab(one);
  const to = toLab(other);
  return fromLab([
    from[0] + (to[0] - from[0]) * share,
    from[1] + (to[1] - from[1]) * share,
    from[2] + (to[2] - from[2]) * share,
  ]);
}

/**
 * Negative to positive, −1 to 1.
 *
 * @param {number} value @param {Theme} theme
 * @returns {Rgb}
 */
export function diverging(value, theme) {
  const bounded = Math.min(1, Math.max(-1, Number.isNaN(value) ? 0 : value));
  const strong = STRONG[theme];
  const end = rgb(bounded < 0 ? strong.negative : strong.positive);
  return mix(rgb(NEUTRAL[theme]), end, Math.abs(bounded));
}

/**
 * A magnitude from 0 to 1: dark violet over teal to pale yellow, lightness rising evenly.
 *
 * @param {number} share
 * @returns {Rgb}
 */
export function magnitude(share) {
  const bounded = Math.min(1, Math.max(0, Number.isNaN(share) ? 0 : share));
  const lightness = 0.2 + 0.74 * bounded;
  const hue = ((300 - 195 * bounded) * Math.PI) / 180;
  const chroma = 0.09 + 0.04 * Math.sin(Math.PI * bounded);
  return fromLab([lightness, chroma * Math.cos(hue), chroma * Math.sin(hue)]);
}

/** The pattern of dashes of a line. @param {number} index @returns {number[]} */
export function dashOf(index) {
  return DASHES[index % DASHES.length] ?? [];
}

/** @param {number} index of a class */
export function category(index) {
  return CATEGORIES[index % CATEGORIES.length] ?? "#6d6068";
}

/** @param {Rgb} color @returns {number} the pixel as ImageData has it, little endian */
export function pixel([red, green, blue]) {
  return ((255 << 24) | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red)) >>> 0;
}

/** @param {(share: number) => Rgb} scale @returns {Uint32Array} 256 pixels */
export function table(scale) {
  return Uint32Array.from({ length: 256 }, (_, level) => pixel(scale(level / 255)));
}

/** @type {Map<string, Uint32Array>} */
const kept = new Map();

/**
 * Pixels for the 256 levels of a diverging scale over `size` = the greatest absolute value.
 *
 * @param {Theme} theme
 */
export function divergingTable(theme) {
  return keep(`diverging ${theme}`, () => table((share) => diverging(2 * share - 1, theme)));
}

export function magnitudeTable() {
  return keep("magnitude", () => table(magnitude));
}

/** Pixels of a picture of one channel: black to white, as the picture is. */
export function greyTable() {
  return keep("grey", () => table((share) => [255 * share, 255 * share, 255 * share]));
}

/**
 * Pixels for a class by certainty: paper where it guesses, the class's colour where it knows.
 *
 * @param {number} index @param {number} classes @param {Theme} theme
 */
export function certaintyTable(index, classes, theme) {
  const paper = rgb(NEUTRAL[theme]);
  const color = rgb(category(index));
  const guess = 1 / classes;
  return keep(`class ${index} of ${classes} ${theme}`, () =>
    table((certainty) => mix(paper, color, Math.max(0, 0.12 + (0.75 * (certainty - guess)) / (1 - guess)))),
  );
}

/** @param {string} name @param {() => Uint32Array} make */
function keep(name, make) {
  let pixels = kept.get(name);
  if (!pixels) kept.set(name, (pixels = make()));
  return pixels;
}
