/** Heatmaps: bytes to pixels through a table of 256 colours, one putImageData for each picture. */

/**
 * The table re-indexed for a picture whose 0 and 255 stand for `low` and `high`, so that the table's
 * middle is zero and its ends are ±`size`.
 *
 * @param {Uint32Array} table
 * @param {number} low @param {number} high @param {number} size
 * @returns {Uint32Array}
 */
export function centredTable(table, low, high, size) {
  const pixels = new Uint32Array(256);
  const scale = size > 0 ? 1 / size : 0;
  for (let level = 0; level < 256; level++) {
    const value = (low + ((high - low) * level) / 255) * scale;
    const index = Math.round((Math.min(1, Math.max(-1, value)) + 1) * 127.5);
    pixels[level] = table[Number.isNaN(index) ? 127 : index] ?? 0;
  }
  return pixels;
}

/**
 * Colour `levels` into `image` (both of the same size) at an offset of pixels.
 *
 * @param {Uint32Array} image @param {Uint8Array} levels @param {Uint32Array} table
 * @param {number} [offset]
 */
export function colorize(image, levels, table, offset = 0) {
  if (offset + levels.length > image.length) {
    throw new RangeError(`${levels.length} levels at ${offset}; expected at most ${image.length} pixels`);
  }
  for (let index = 0; index < levels.length; index++) {
    image[offset + index] = table[/** @type {number} */ (levels[index])] ?? 0;
  }
}

/** Pictures of one size below each other on a canvas of their own, to be drawn from at any scale. */
export class Strip {
  /** @type {HTMLCanvasElement} */
  canvas = document.createElement("canvas");
  #context = required(this.canvas.getContext("2d"));
  /** @type {ImageData | null} */
  #image = null;
  #pixels = new Uint32Array();
  width = 0;
  height = 0;
  count = 0;

  /**
   * Make room; nothing happens where it is there already.
   *
   * @param {number} count @param {number} width @param {number} height
   */
  resize(count, width, height) {
    if (this.count === count && this.width === width && this.height === height) return;
    this.canvas.width = width;
    this.canvas.height = count * height;
    this.#image = this.#context.createImageData(width, Math.max(1, count * height));
    this.#pixels = new Uint32Array(this.#image.data.buffer);
    Object.assign(this, { count, width, height });
  }

  /**
   * Colour the picture at a place.
   *
   * @param {number} index @param {Uint8Array} levels @param {Uint32Array} table
   */
  color(index, levels, table) {
    if (levels.length !== this.width * this.height) {
      throw new RangeError(`${levels.length} levels; expected ${this.width} × ${this.height}`);
    }
    colorize(this.#pixels, levels, table, index * levels.length);
  }

  /** A picture whose colours are known already. @param {number} index @param {Uint32Array} pixels */
  paint(index, pixels) {
    if (pixels.length !== this.width * this.height)
      throw new RangeError(`${pixels.length} pixels; expected ${this.width} × ${this.height}`);
    this.#pixels.set(pixels, index * pixels.length);
  }

  /** Put all pictures on the canvas at once. */
  put() {
    if (this.#image) this.#context.putImageData(this.#image, 0, 0);
  }

  /**
   * @param {CanvasRenderingContext2D} context @param {number} index
   * @param {number} x @param {number} y @param {number} width @param {number} [height]
   */
  draw(context, index, x, y, width, height = width) {
    if (index >= this.count) return;
    context.drawImage(this.canvas, 0, index * this.height, this.width, this.height, x, y, width, height);
  }
}

/**
 * @template T
 * @param {T | null} value
 * @returns {T}
 */
function required(value) {
  if (value === null) throw new Error("this browser draws no canvas");
  return value;
}
