/** From the strokes of a pen to the pixels of a sample, the way the data set's own pictures were made. */

/**
 * Light from 0 to 1, row by row, in one or three channels.
 *
 * @typedef {object} Light
 * @property {number} width
 * @property {number} height
 * @property {Float32Array[]} channels
 */

/** @typedef {"plain" | "filled" | "centred"} Style */

/**
 * What a canvas shows, as light: all channels, or their luma as one.
 *
 * @param {ImageData} image @param {number} channels 1 or 3
 * @returns {Light}
 */
export function lightOf({ width, height, data }, channels) {
  const made = Array.from({ length: channels }, () => new Float32Array(width * height));
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [red, green, blue] = [data[4 * pixel] ?? 0, data[4 * pixel + 1] ?? 0, data[4 * pixel + 2] ?? 0];
    const values = channels === 1 ? [0.299 * red + 0.587 * green + 0.114 * blue] : [red, green, blue];
    values.forEach((value, channel) => {
      const plane = made[channel];
      if (plane) plane[pixel] = value / 255;
    });
  }
  return { width, height, channels: made };
}

/**
 * The numbers of a sample of this shape, channel by channel, each row by row from the top.
 *
 * @param {Light} light @param {number[]} shape [channels, height, width]
 * @param {number} brightest @param {Style} style @returns {number[]}
 */
export function sampleOf(light, shape, brightest, style) {
  const [, height = 1, width = 1] = shape;
  const part = frameOf(light, width / height, style);
  return light.channels.flatMap((plane) => averaged(plane, light, part, width, height, brightest));
}

/**
 * Bytes as a document holds them.
 *
 * @param {number[]} bytes from 0 to 255
 */
export function base64(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/**
 * The rectangle of the drawing that becomes the sample; parts of it may lie outside and are dark.
 *
 * Filled: around the ink, which then touches the edges (Alpaydin & Kaynak's digits). Centred: the ink in
 * 20 of 28 pixels, its centre of mass in the middle (LeCun et al.'s). Plain: all of it.
 *
 * @param {Light} light @param {number} aspect @param {Style} style
 * @returns {{ left: number, top: number, width: number, height: number }}
 */
export function frameOf(light, aspect, style) {
  const colors = colorsOf(light);
  if (style === "plain" || !colors) return { left: 0, top: 0, width: light.width, height: light.height };
  const side =
    Math.max(colors.right - colors.left, colors.bottom - colors.top) * (style === "centred" ? 28 / 20 : 1);
  const [across, down] =
    style === "centred"
      ? [colors.x, colors.y]
      : [(colors.left + colors.right) / 2, (colors.top + colors.bottom) / 2];
  return { left: across - (side * aspect) / 2, top: down - side / 2, width: side * aspect, height: side };
}

/** Where the ink is, and its centre of mass; null where there is none. @param {Light} light */
function colorsOf({ width, height, channels }) {
  const box = { left: width, top: height, right: 0, bottom: 0 };
  let [mass, x, y] = [0, 0, 0];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      let value = 0;
      for (const plane of channels) value = Math.max(value, plane[row * width + column] ?? 0);
      if (value < 0.1) continue;
      mass += value;
      x += value * (column + 0.5);
      y += value * (row + 0.5);
      box.left = Math.min(box.left, column);
      box.top = Math.min(box.top, row);
      box.right = Math.max(box.right, column + 1);
      box.bottom = Math.max(box.bottom, row + 1);
    }
  }
  return mass > 0 ? { ...box, x: x / mass, y: y / mass } : null;
}

/**
 * The mean light within each cell of a grid laid over a part; edges cut through pixels.
 *
 * @param {Float32Array} plane @param {{ width: number, height: number }} size
 * @param {{ left: number, top: number, width: number, height: number }} part
 * @param {number} columns @param {number} rows @param {number} brightest
 * @returns {number[]}
 */
function averaged(plane, size, part, columns, rows, brightest) {
  const across = overlaps(part.left, part.width / columns, columns, size.width);
  const down = overlaps(part.top, part.height / rows, rows, size.height);
  const area = (part.width / columns) * (part.height / rows);
  return down.flatMap((vertical) =>
    across.map((horizontal) => {
      let sum = 0;
      for (const [row, tall] of vertical)
        for (const [column, wide] of horizontal) sum += tall * wide * (plane[row * size.width + column] ?? 0);
      return Math.round((brightest * sum) / area);
    }),
  );
}

/**
 * For each cell, the pixels it covers and how much of each.
 *
 * @param {number} start @param {number} step @param {number} count @param {number} limit
 * @returns {[number, number][][]}
 */
function overlaps(start, step, count, limit) {
  return Array.from({ length: count }, (_, cell) => {
    const [low, high] = [start + cell * step, start + (cell + 1) * step];
    /** @type {[number, number][]} */
    const found = [];
    for (let pixel = Math.max(0, Math.floor(low)); pixel < Math.min(limit, Math.ceil(high)); pixel++) {
      const share = Math.min(high, pixel + 1) - Math.max(low, pixel);
      if (share > 0) found.push([pixel, share]);
    }
    return found;
  });
}
