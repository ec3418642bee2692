/** The samples behind a number: those of a cell of the confusion matrix, or the surest mistakes. */

/** @import { Frame, NamedArray } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */

import { element, setAttribute, setText } from "../core/dom.js";
import { magnitudeTable } from "../draw/colors.js";
import { Strip } from "../draw/heatmap.js";
import { colorPicture } from "../draw/maps.js";
import { fitCanvas } from "../draw/plot.js";
import { percent, shortNumber } from "../core/format.js";
import { inputNames } from "../catalog/catalog.js";

/** @typedef {{ button: HTMLButtonElement, canvas: HTMLCanvasElement, words: HTMLElement }} Tile */

/**
 * Pictures as tiles, anything else as a table; a tile chooses its sample for all panels.
 *
 * @param {RunControl} run
 * @returns {{ element: HTMLElement, show: (frame: Frame, set: string, classes: string[]) => void }}
 */
export function examplesList(run) {
  const list = element("div", { class: "examples" });
  const table = element("table", { class: "sample-table" });
  const strip = new Strip();
  /** @type {Tile[]} */
  const tiles = [];

  /** @param {Frame} frame @param {string} set @param {string[]} classes */
  function show(frame, set, classes) {
    const [inputs, index] = [frame.arrays.get("inputs"), frame.arrays.get("index")];
    if (!inputs || !index) return;
    const pictures = inputs.data instanceof Uint8Array;
    list.hidden = !pictures;
    table.hidden = pictures;
    if (pictures) showTiles(frame, inputs, index, set, classes);
    else showTable(frame, inputs, classes);
  }

  /**
   * @param {Frame} frame @param {NamedArray} inputs @param {NamedArray} index @param {string} set @param
   * {string[]} classes
   */
  function showTiles(frame, inputs, index, set, classes) {
    const count = index.data.length;
    while (tiles.length < count) tiles.push(makeTile());
    for (const { button } of tiles.splice(count)) button.remove();
    const [, channels = 1, height = 1, width = 1] = inputs.shape;
    strip.resize(count, width, height);
    for (let at = 0; at < count; at++) {
      const levels = /** @type {Uint8Array} */ (inputs.data).subarray(
        at * channels * width * height,
        (at + 1) * channels * width * height,
      );
      if (channels === 3) strip.paint(at, colorPicture(levels, width * height));
      else strip.color(at, levels.subarray(0, width * height), magnitudeTable());
    }
    strip.put();
    tiles.forEach((tile, at) => {
      const place = index.data[at] ?? 0;
      const [truth, said] = [nameOf(frame, "target", at, classes), nameOf(frame, "prediction", at, classes)];
      const sure = percent(frame.arrays.get("confidence")?.data[at] ?? NaN);
      const wrong = truth !== said;
      tile.button.onclick = () => run.store.set({ input: { kind: "sample", set, index: place } });
      tile.button.classList.toggle("wrong", wrong);
      const words = `${said} · ${sure}${wrong ? `, truly ${truth}` : ""}: ${set} sample ${place}`;
      setAttribute(tile.button, "aria-label", words);
      setAttribute(tile.button, "title", `${words}. Choose it`);
      setText(tile.words, `${said} · ${sure}`);
      const context = tile.canvas.getContext("2d");
      if (!context) return;
      const size = fitCanvas(tile.canvas, context);
      context.imageSmoothingEnabled = width > 40;
      strip.draw(context, at, 0, 0, size.width, size.height);
    });
  }

  /** @returns {Tile} */
  function makeTile() {
    const canvas = element("canvas", { "aria-hidden": true });
    const words = element("span", {});
    const button = element("button", { type: "button", class: "example" }, canvas, words);
    list.append(button);
    return { button, canvas, words };
  }

  /** @param {Frame} frame @param {NamedArray} inputs @param {string[]} classes */
  function showTable(frame, inputs, classes) {
    const { catalog, experiment } = run.state;
    const names = experiment ? inputNames(catalog, experiment) : [];
    const width = inputs.shape[1] ?? 0;
    const few = Math.min(width, 2);
    const head = element(
      "tr",
      {},
      ...names.slice(0, few).map((name) => element("th", { scope: "col", title: name }, name)),
      element("th", { scope: "col" }, "true"),
      element("th", { scope: "col" }, "said"),
      element(
        "th",
        { scope: "col", title: classes.length ? "" : "In the target's own units" },
        classes.length ? "sure" : "error",
      ),
    );
    const rows = Array.from({ length: Math.min(8, inputs.shape[0] ?? 0) }, (_, at) =>
      element(
        "tr",
        {},
        ...Array.from({ length: few }, (__, column) =>
          element("td", {}, shortNumber(inputs.data[at * width + column] ?? NaN)),
        ),
        element("td", {}, nameOf(frame, "target", at, classes)),
        element("td", {}, nameOf(frame, "prediction", at, classes)),
        element(
          "td",
          {},
          shortNumber(frame.arrays.get(classes.length ? "confidence" : "error.original")?.data[at] ?? NaN),
        ),
      ),
    );
    table.replaceChildren(element("thead", {}, head), element("tbody", {}, ...rows));
  }
  return { element: element("div", { class: "examples-place" }, list, table), show };
}

/**
 * @param {Frame} frame @param {"target" | "prediction"} array @param {number} at @param {string[]} classes
 */
function nameOf(frame, array, at, classes) {
  const value = frame.arrays.get(classes.length ? array : `${array}.original`)?.data[at] ?? NaN;
  return classes.length ? (classes[value] ?? String(value)) : shortNumber(value);
}
