/** A picture from a file, or one of scikit-learn's photographs. */

/** @import { JsonObject } from "../../types.d.ts" */
/** @import { RunControl } from "../../run/run.js" */
/** @import { Chooser, Source } from "./source.d.ts" */

import { postBlob } from "../../core/api.js";
import { element, setText } from "../../core/dom.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  cutOutTheMiddle: "cut out the middle",
  stretch: "stretch",
  addBlackBars: "add black bars",
  pngJpegWebp: "PNG, JPEG, WebP, GIF, TIFF, BMP.",
  fitLabel: "How the picture is fitted",
  aPicture: "A picture",
  chooseAFile: "Choose a file …",
  temple: "Temple",
  flower: "Flower",
  lightForDark: "Light for dark",
  sending: "Sending {name} …",
  photographScikitLearns: "{title}, a photograph of scikit-learn's.",
});

/** How a picture can be fitted to what the network sees. */
const FITS = /** @type {const} */ ([
  ["crop", TEXTS.cutOutTheMiddle],
  ["pad", TEXTS.addBlackBars],
  ["stretch", TEXTS.stretch],
]);

/** @param {RunControl} run @param {Chooser} chooser @returns {Source} */
export function fileSource(run, chooser) {
  const source = new FileSource(chooser);
  // Only the run, with its data, can tell whether the file is a picture.
  run.store.watch(
    (state) => state.unreadable,
    (refused) => refused && source.refuse(refused.reason),
  );
  return { element: source.element, show: () => source.choose() };
}

class FileSource {
  #chooser;
  /** @type {JsonObject} */
  #picture = { kind: "photograph", name: "china" };
  /** Of the file that was opened. */
  #name = "";
  #status = element("p", { class: "note", role: "status" }, TEXTS.pngJpegWebp);
  #invert = element("input", { type: "checkbox", onchange: () => this.choose() });
  #fit = element(
    "select",
    { "aria-label": TEXTS.fitLabel, onchange: () => this.choose() },
    ...FITS.map(([value, title]) => element("option", { value }, title)),
  );
  #input = element("input", {
    type: "file",
    class: "visually-hidden",
    accept: "image/*",
    "aria-label": TEXTS.aPicture,
    onchange: () => this.#take(),
  });
  element = element(
    "div",
    { class: "chosen-file" },
    element(
      "div",
      { class: "marks" },
      element("label", { class: "button" }, TEXTS.chooseAFile, this.#input),
      this.#example("china", TEXTS.temple),
      this.#example("flower", TEXTS.flower),
    ),
    element(
      "div",
      { class: "chosen-row" },
      element("span", { class: "select" }, this.#fit),
      element("label", { class: "check" }, this.#invert, TEXTS.lightForDark),
    ),
    this.#status,
  );

  /** @param {Chooser} chooser */
  constructor(chooser) {
    this.#chooser = chooser;
  }

  /** Let the network be shown the picture, fitted as chosen. */
  choose() {
    this.#chooser.choose({ ...this.#picture, fit: this.#fit.value, invert: this.#invert.checked });
  }

  /** Say why the file cannot be shown. @param {string} why */
  refuse(why) {
    this.#say(`${this.#name}: ${why}`, true);
  }

  #take() {
    const [file] = this.#input.files ?? [];
    if (file) void this.#open(file);
    this.#input.value = "";
  }

  /** @param {File} file */
  async #open(file) {
    this.#name = file.name;
    this.#say(TEXTS.sending({ name: file.name }));
    try {
      this.#picture = { kind: "picture", blob: `sha256:${(await postBlob(file)).sha256}` };
      this.#say(file.name);
      this.choose();
    } catch (error) {
      this.refuse(error instanceof Error ? error.message : String(error));
    }
  }

  /** @param {string} name of the photograph @param {string} title */
  #example(name, title) {
    const take = () => {
      this.#picture = { kind: "photograph", name };
      this.#say(TEXTS.photographScikitLearns({ title }));
      this.choose();
    };
    return element("button", { type: "button", class: "mark", onclick: take }, title);
  }

  /** @param {string} text @param {boolean} [complains] */
  #say(text, complains = false) {
    this.#status.className = complains ? "complaint" : "note";
    setText(this.#status, text);
  }
}
