/** A large plot taken away: as a picture, in SVG or PNG, and as a table of its numbers. */

/** @import { Series } from "../../draw/figure.js" */
/** @import { Plotly } from "./plotly.js" */

import { element } from "../../core/dom.js";
import { download } from "../../core/download.js";
import { fromBase64 } from "../../core/share_link.js";
import { texts } from "../../core/texts.js";
import { plain } from "../../draw/figure.js";
import { tableOf } from "../../draw/table.js";

const TEXTS = texts(import.meta.url, {
  downloadPictureCan: "Download as a picture that can be scaled",
  downloadAsAPicture: "Download as a picture",
  downloadNumbersDrawn: "Download the numbers that are drawn",
});

/** @typedef {{ data: object[], layout: any, series: Series[] }} Shown */

/** A picture is at least so large, on a phone too, and a PNG has so many pixels for each of its. */
const [WIDTH, HEIGHT, PIXELS] = [960, 600, 2];

/** Room for the title of a picture. */
const TITLE_ROOM = 96;

export class Takeaway {
  #plotly;
  #source;
  #shown;
  buttons = [
    this.#button("SVG", TEXTS.downloadPictureCan, () => this.#picture("svg")),
    this.#button("PNG", TEXTS.downloadAsAPicture, () => this.#picture("png")),
    this.#button("CSV", TEXTS.downloadNumbersDrawn, () => this.#table()),
  ];

  /**
   * @param {Plotly} plotly @param {{ name: string, title: () => string }} source of which the files are called
   * @param {() => Shown | null} shown
   */
  constructor(plotly, source, shown) {
    this.#plotly = plotly;
    this.#source = source;
    this.#shown = shown;
  }

  /** @param {string} label @param {string} title @param {() => void} onclick */
  #button(label, title, onclick) {
    return element("button", { type: "button", class: "button quiet", title, onclick }, label);
  }

  get #name() {
    return fileName(this.#source.title(), this.#source.name);
  }

  /** @param {"svg" | "png"} format */
  async #picture(format) {
    const shown = this.#shown();
    if (!shown) return;
    const name = this.#name;
    const { width, height } = sizeOf(shown.layout);
    const layout = { ...shown.layout, ...this.#headed(shown.layout), width, height };
    const options = { format, width, height, scale: format === "png" ? PIXELS : 1, imageDataOnly: true };
    const made = await this.#plotly.toImage({ data: shown.data, layout }, options);
    const blob =
      format === "svg"
        ? new Blob([made], { type: "image/svg+xml" })
        : new Blob([fromBase64(made)], { type: "image/png" });
    download(blob, `${name}.${format}`);
  }

  /** A picture that is taken away says what it is. @param {any} layout */
  #headed({ margin }) {
    const text = plain([this.#source.name, this.#source.title()].filter(Boolean).join(" · "));
    const title = { text, x: 0.02, xanchor: "left", y: 0.98, yanchor: "top" };
    return { title, margin: { ...margin, t: TITLE_ROOM } };
  }

  #table() {
    const shown = this.#shown();
    if (shown) download(new Blob([tableOf(shown.series)], { type: "text/csv" }), `${this.#name}.csv`);
  }
}

/** @param {{ width: number, height: number }} layout */
function sizeOf({ width, height }) {
  return { width: Math.max(WIDTH, width), height: Math.max(HEIGHT, height) };
}

/**
 * The name of a file without its ending, of letters and digits of any script: "Two moons!" and "Loss" are
 * two-moons-loss.
 *
 * @param {string} title @param {string} name
 */
export function fileName(title, name) {
  const parts = `${title} ${name}`.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ["plot"];
  return parts.join("-").slice(0, 120);
}
