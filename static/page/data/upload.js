/**
 * Own pictures on their way in: a form, a file, and what was guessed of it, to be used or changed.
 *
 * A file of which nothing was guessed and nothing left out is used at once.
 */

/** @import { KeptImages, Targets } from "../../core/api.js" */

import { postImages } from "../../core/api.js";
import { element, setText } from "../../core/dom.js";
import { Refused } from "../../core/live.js";
import { texts } from "../../core/texts.js";
import { zipped } from "../../core/zip.js";
import { GUESSED, guessesOf, leftOutText, needsReview } from "./guesses.js";
import { ownPictures } from "./own_pictures.js";
import { button, dropZone, list, row, select, setChooser } from "./upload_parts.js";

const TEXTS = texts(import.meta.url, {
  zipFolderPictures: "A ZIP with a folder of pictures for each class, an NPZ, or IDX or CIFAR files.",
  zipMasks: [
    "A ZIP, or several files: pictures, and masks of the same names in a folder masks, or as a_mask.png of a.png.",
    "The values of a mask are the classes, 255 is none; classes.txt may name them.",
  ],
  zipBoxes: [
    "A ZIP, or several files: pictures with COCO's JSON, or with YOLO's texts of the same names and classes.txt.",
    "Or draw the boxes here.",
  ],
  drawBoxes: "Draw boxes …",
  several: { one: "{count} file", other: "{count} files" },
  size: "Size",
  channels: "Channels",
  otherForms: "Other forms",
  cutOutTheMiddle: "cut out the middle",
  stretch: "stretch",
  colour: "colour",
  grey: "grey",
  addBlackBars: "add black bars",
  upload: "Upload",
  cancel: "Cancel",
  ownPictures: "Own pictures",
  sending: "Sending {name} …",
  reading: "Reading {name} …",
  readAs: "{name}: this is how it was read.",
  toBeKnown: "To be known",
  leftOut: "Left out",
  useThesePictures: "Use these pictures",
  change: "Change",
});

/** What may be given. @type {Record<Targets, string>} */
const EXPECTED = { class: TEXTS.zipFolderPictures, masks: TEXTS.zipMasks, boxes: TEXTS.zipBoxes };

export class Upload {
  /** What is known of each picture. @type {Targets} */
  #targets;
  /** Boxes that are drawn here; they stay while the form does. @type {import("./box_drawing.js").BoxDrawing | null} */
  #drawing = null;
  element = element("div", { class: "source-form" });
  #taken;
  #cancelled;
  /** What was asked for besides the form. */
  #asked = /** @type {Record<string, string>} */ ({ ...GUESSED });
  #size = select(
    TEXTS.size,
    [16, 28, 32, 48, 64, 96, 128].map((side) => [String(side), `${side} × ${side}`]),
    "32",
  );
  #channels = select(
    TEXTS.channels,
    [
      ["3", TEXTS.colour],
      ["1", TEXTS.grey],
    ],
    "3",
  );
  #fit = select(
    TEXTS.otherForms,
    [
      ["crop", TEXTS.cutOutTheMiddle],
      ["pad", TEXTS.addBlackBars],
      ["stretch", TEXTS.stretch],
    ],
    "crop",
  );
  #bar = element("progress", { max: 1, value: 0, hidden: true, "aria-label": TEXTS.upload });
  #status = element("p", { class: "note", role: "status" });
  #answer = element("div", { class: "upload-answer" });
  /** The newest of the requests; what others answer is of no interest. */
  #newest = 0;

  /**
   * @param {Targets} targets @param {(kept: KeptImages) => void} taken the pictures are to be used
   * @param {() => void} cancelled
   */
  constructor(targets, taken, cancelled) {
    this.#targets = targets;
    if (targets === "boxes") this.#fit.value = "pad"; // cutting loses boxes
    if (targets !== "class") this.#size.value = "64";
    this.#say(EXPECTED[targets]);
    this.#taken = taken;
    this.#cancelled = cancelled;
    this.#showForm();
  }

  #showForm() {
    this.#newest++;
    this.#answer.replaceChildren();
    const parts = [
      ...this.#rows(),
      this.#dropZone(),
      this.#targets === "boxes" && button(TEXTS.drawBoxes, () => void this.#draw()),
      this.#bar,
      this.#status,
      this.#answer,
      button(TEXTS.cancel, this.#cancelled),
    ];
    this.element.replaceChildren(...parts.filter((part) => part !== false));
  }

  /** Loaded with the first boxes that are drawn. */
  async #draw() {
    try {
      const { BoxDrawing } = await import("./box_drawing.js");
      this.#drawing ??= new BoxDrawing((files) => void this.#begin(files));
      this.#drawing.open();
    } catch (error) {
      this.#say(error instanceof Error ? error.message : String(error), true);
    }
  }

  #rows() {
    return /** @type {[string, HTMLSelectElement][]} */ ([
      [TEXTS.size, this.#size],
      [TEXTS.channels, this.#channels],
      [TEXTS.otherForms, this.#fit],
    ]).map(([title, control]) => row(title, control));
  }

  #dropZone() {
    const alone = this.#targets === "class";
    return dropZone({
      label: TEXTS.ownPictures,
      accept: alone ? ".zip,.npz,.bin" : ".zip,.json,.txt,.yaml,.yml,.names,image/*",
      multiple: !alone,
      taken: (files) => void this.#begin(files),
    });
  }

  /**
   * Other files: what was changed of the last ones' guesses is forgotten. Several go as one archive.
   *
   * @param {File[]} files
   */
  async #begin(files) {
    const [first] = files;
    if (!first) return;
    this.#asked = { ...GUESSED };
    if (files.length === 1) return this.#send(first);
    try {
      const entries = files.map((file) => ({ name: file.webkitRelativePath || file.name, content: file }));
      const name = TEXTS.several({ count: files.length });
      await this.#send(new File([await zipped(entries)], name));
    } catch (error) {
      this.#say(error instanceof Error ? error.message : String(error), true);
    }
  }

  /** @param {File} file */
  async #send(file) {
    const newest = ++this.#newest;
    this.#bar.hidden = false;
    this.#say(TEXTS.sending({ name: file.name }));
    try {
      const form = {
        size: this.#size.value,
        channels: this.#channels.value,
        fit: this.#fit.value,
        targets: this.#targets,
        ...this.#asked,
      };
      const kept = await postImages(file, form, (share) => {
        if (share < 1) this.#bar.value = share;
        else this.#bar.removeAttribute("value"); // gone; now they are read
        if (share === 1) this.#say(TEXTS.reading({ name: file.name }));
      });
      if (newest !== this.#newest) return;
      if (needsReview(kept, this.#asked)) this.#review(file, kept);
      else this.#taken(kept);
    } catch (error) {
      if (newest !== this.#newest) return;
      this.#say(error instanceof Error ? error.message : String(error), true);
      const { choices, poolable } = error instanceof Refused ? error.answer : {};
      const chosen = (/** @type {Record<string, string>} */ asked) => this.#change(file, asked);
      const chooser = Array.isArray(choices) ? [setChooser(choices, poolable === true, chosen)] : [];
      this.#answer.replaceChildren(...chooser);
    } finally {
      if (newest === this.#newest) this.#bar.hidden = true;
    }
  }

  /** @param {string} text @param {boolean} [complains] */
  #say(text, complains = false) {
    this.#status.className = complains ? "complaint" : "note";
    setText(this.#status, text);
  }

  /** Read the same file in another way. @param {File} file @param {Record<string, string>} changes */
  #change(file, changes) {
    this.#asked = { ...this.#asked, ...changes };
    void this.#send(file);
  }

  /** What was read and guessed, before it is used. @param {File} file @param {KeptImages} kept */
  #review(file, kept) {
    const guesses = guessesOf(kept, this.#asked).map((guess) => {
      const control = select(guess.label, guess.options, guess.value);
      control.addEventListener("change", () => this.#change(file, { [guess.key]: control.value }));
      return element(
        "div",
        { class: "upload-guess" },
        row(guess.label, control),
        guess.finding && element("p", { class: "help" }, guess.finding),
      );
    });
    this.#say(TEXTS.readAs({ name: file.name }));
    this.element.replaceChildren(
      this.#status,
      ...ownPictures(kept, kept.counts),
      ...guesses,
      ...list(TEXTS.toBeKnown, kept.notes),
      ...list(TEXTS.leftOut, leftOutText(kept)),
      this.#bar,
      this.#answer,
      element(
        "div",
        { class: "marks" },
        button(TEXTS.useThesePictures, () => this.#taken(kept), "primary"),
        button(TEXTS.change, () => (this.#say(EXPECTED[this.#targets]), this.#showForm())),
        button(TEXTS.cancel, this.#cancelled),
      ),
    );
  }
}
