/**
 * Own pictures on their way in: a form, a file, and what was guessed of it, to be used or changed.
 *
 * A file of which nothing was guessed and nothing left out is used at once.
 */

/** @import { KeptImages } from "../../core/api.js" */

import { postImages } from "../../core/api.js";
import { element, setText } from "../../core/dom.js";
import { fullNumber } from "../../core/format.js";
import { Refused } from "../../core/live.js";
import { texts } from "../../core/texts.js";
import { ownPictures } from "./own_pictures.js";

const TEXTS = texts(import.meta.url, {
  zipFolderPictures: "A ZIP with a folder of pictures for each class, an NPZ, or IDX or CIFAR files.",
  leastGreatest: "the least to the greatest",
  dosWesternCp437: "DOS, western (CP437)",
  windowsWesternCp1252: "Windows, western (CP1252)",
  japaneseShiftJis: "Japanese (Shift JIS)",
  chineseSimplifiedGbk: "Chinese, simplified (GBK)",
  chineseTraditionalBig5: "Chinese, traditional (Big5)",
  koreanCp949: "Korean (CP949)",
  dosCyrillicCp866: "DOS, Cyrillic (CP866)",
  windowsCyrillicCp1251: "Windows, Cyrillic (CP1251)",
  someLieOutside: "; some lie outside, and are black or white",
  valuesGoFromUp: "Values go from {low} to {high}, 99 of 100 up to {usual}{outside}.",
  blackAndWhiteAre: "Black and white are",
  namesAreIn: "Names are in",
  fileDoesNot: "The file does not say how its names are encoded.",
  andForValidation: " and {validated} for validation",
  picturesKeptTesting: "{tested} pictures are kept for testing{andForValidation}, as the file has them.",
  shareAllDrawnTesting: "A share of all is drawn for testing.",
  sets: "Sets",
  fileThem: "as the file has them",
  allInOne: "all in one",
  differInCaseAlone: "differ in case alone",
  upperAndLowerCase: "Upper and lower case",
  theSameClass: "the same class",
  differentClasses: "different classes",
  andMore: " and {count} more",
  size: "Size",
  channels: "Channels",
  otherForms: "Other forms",
  cutOutTheMiddle: "cut out the middle",
  addBlackBars: "add black bars",
  upload: "Upload",
  cancel: "Cancel",
  ownPictures: "Own pictures",
  chooseAFile: "Choose a file",
  orDropItHere: "or drop it here",
  sending: "Sending {name} …",
  reading: "Reading {name} …",
  whichSet: "Which set",
  howWasRead: "{name}: this is how it was read.",
  toBeKnown: "To be known",
  leftOut: "Left out",
  useThesePictures: "Use these pictures",
  change: "Change",
});

/** @typedef {[value: string, label: string]} Option */
/** @typedef {{ key: string, label: string, finding: string, value: string, options: Option[] }} Guess */

/** How an upload is read that can be read in several ways. @type {Record<string, string>} */
const GUESSED = { scale: "auto", encoding: "auto", sets: "own", case: "same", only: "" };

const HINT = TEXTS.zipFolderPictures;

/** @type {Option[]} */
const SCALES = [
  ["0..1", "0 to 1"],
  ["-1..1", "−1 to 1"],
  ["0..16", "0 to 16"],
  ["0..255", "0 to 255"],
  ["0..4095", "0 to 4095"],
  ["0..65535", "0 to 65535"],
  ["min..max", TEXTS.leastGreatest],
];

/** @type {Option[]} */
const ENCODINGS = [
  ["utf-8", "UTF-8"],
  ["cp437", TEXTS.dosWesternCp437],
  ["cp1252", TEXTS.windowsWesternCp1252],
  ["cp932", TEXTS.japaneseShiftJis],
  ["gbk", TEXTS.chineseSimplifiedGbk],
  ["big5", TEXTS.chineseTraditionalBig5],
  ["cp949", TEXTS.koreanCp949],
  ["cp866", TEXTS.dosCyrillicCp866],
  ["cp1251", TEXTS.windowsCyrillicCp1251],
];

/**
 * The guesses that were made about an upload, each with its alternatives.
 *
 * @param {KeptImages} kept @param {Record<string, string>} asked
 * @returns {Guess[]}
 */
export function guessesOf(kept, asked) {
  /** @type {Guess[]} */
  const found = [];
  if (kept.scale) {
    const { used, least, greatest, most_below: most, clipped_share: beyond } = kept.scale;
    const outside = beyond > 0 ? TEXTS.someLieOutside : "";
    const [low = "", high = "", usual = ""] = [least, greatest, most].map((value) =>
      fullNumber(Number(value.toPrecision(8))),
    );
    const finding = TEXTS.valuesGoFromUp({ low, high, usual, outside });
    const value = asked["scale"] === "min..max" ? "min..max" : used;
    found.push({
      key: "scale",
      label: TEXTS.blackAndWhiteAre,
      finding,
      value,
      options: withOption(SCALES, value, used.replace("..", " to ").replace("-", "−")),
    });
  }
  if (kept.encoding) {
    found.push({
      key: "encoding",
      label: TEXTS.namesAreIn,
      finding: TEXTS.fileDoesNot,
      value: kept.encoding,
      options: withOption(ENCODINGS, kept.encoding, kept.encoding),
    });
  }
  if (kept.tested > 0 || asked["sets"] === "pooled") {
    const own =
      kept.tested > 0
        ? TEXTS.picturesKeptTesting({
            tested: kept.tested,
            andForValidation: kept.validated ? TEXTS.andForValidation({ validated: kept.validated }) : "",
          })
        : TEXTS.shareAllDrawnTesting;
    found.push({
      key: "sets",
      label: TEXTS.sets,
      finding: own,
      value: asked["sets"] ?? "own",
      options: [
        ["own", TEXTS.fileThem],
        ["pooled", TEXTS.allInOne],
      ],
    });
  }
  if (asked["case"] === "apart" || kept.notes.some((note) => note.includes(TEXTS.differInCaseAlone))) {
    found.push({
      key: "case",
      label: TEXTS.upperAndLowerCase,
      finding: "",
      value: asked["case"] ?? "same",
      options: [
        ["same", TEXTS.theSameClass],
        ["apart", TEXTS.differentClasses],
      ],
    });
  }
  return found;
}

/**
 * Whether an upload has notes, omissions or guesses to review before it is used.
 *
 * @param {KeptImages} kept @param {Record<string, string>} asked
 */
export function needsReview(kept, asked) {
  return kept.notes.length > 0 || kept.left_out.length > 0 || guessesOf(kept, asked).length > 0;
}

/** The files that were left out, each with its reason, as texts. @param {KeptImages} kept */
export function leftOutText(kept) {
  return kept.left_out.map(({ why, count, files }) => {
    const names = files.slice(0, 3).join(", ");
    const more =
      count > Math.min(3, files.length)
        ? TEXTS.andMore({ count: (count - Math.min(3, files.length)).toLocaleString("en-US") })
        : "";
    return `${names}${more}: ${why}`;
  });
}

/** @param {Option[]} options @param {string} value @param {string} label @returns {Option[]} */
function withOption(options, value, label) {
  return options.some(([each]) => each === value) ? options : [[value, label], ...options];
}

export class Upload {
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
      ["3", "colour"],
      ["1", "grey"],
    ],
    "3",
  );
  #fit = select(
    TEXTS.otherForms,
    [
      ["crop", TEXTS.cutOutTheMiddle],
      ["pad", TEXTS.addBlackBars],
      ["stretch", "stretch"],
    ],
    "crop",
  );
  #bar = element("progress", { max: 1, value: 0, hidden: true, "aria-label": TEXTS.upload });
  #status = element("p", { class: "note", role: "status" }, HINT);
  #answer = element("div", { class: "upload-answer" });
  /** The newest of the requests; what others answer is of no interest. */
  #newest = 0;

  /** @param {(kept: KeptImages) => void} taken the pictures are to be used @param {() => void} cancelled */
  constructor(taken, cancelled) {
    this.#taken = taken;
    this.#cancelled = cancelled;
    this.#showForm();
  }

  #showForm() {
    this.#newest++;
    this.#answer.replaceChildren();
    this.element.replaceChildren(
      ...this.#rows(),
      this.#dropZone(),
      this.#bar,
      this.#status,
      this.#answer,
      button(TEXTS.cancel, this.#cancelled),
    );
  }

  #rows() {
    return /** @type {[string, HTMLSelectElement][]} */ ([
      [TEXTS.size, this.#size],
      [TEXTS.channels, this.#channels],
      [TEXTS.otherForms, this.#fit],
    ]).map(([title, control]) => row(title, control));
  }

  #dropZone() {
    const input = element("input", {
      type: "file",
      class: "visually-hidden",
      accept: ".zip,.npz,.bin",
      "aria-label": TEXTS.ownPictures,
      onchange: () => {
        const [file] = input.files ?? [];
        if (file) this.#begin(file);
        input.value = "";
      },
    });
    const drop = element(
      "label",
      { class: "drop-zone" },
      element("strong", {}, TEXTS.chooseAFile),
      " ",
      TEXTS.orDropItHere,
      input,
    );
    drop.addEventListener("dragover", (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
    drop.addEventListener("dragleave", () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      event.stopPropagation();
      drop.classList.remove("over");
      const [file] = event.dataTransfer?.files ?? [];
      if (file) this.#begin(file);
    });
    return drop;
  }

  /** Another file: what was changed of the last one's guesses is forgotten. @param {File} file */
  #begin(file) {
    this.#asked = { ...GUESSED };
    void this.#send(file);
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
      this.#answer.replaceChildren(
        ...(Array.isArray(choices) ? [this.#chooser(file, choices, poolable === true)] : []),
      );
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

  /**
   * Which of several sets it is to be.
   *
   * @param {File} file @param {unknown[]} choices @param {boolean} poolable
   */
  #chooser(file, choices, poolable) {
    const named = choices.map((each, index) => /** @type {Option} */ ([String(index), String(each)]));
    const which = select(
      TEXTS.whichSet,
      [["", "choose …"], ...named, ...(poolable ? [/** @type {Option} */ (["all", TEXTS.allInOne])] : [])],
      "",
    );
    which.addEventListener("change", () => {
      if (which.value === "all") this.#change(file, { sets: "pooled", only: "" });
      else if (which.value) this.#change(file, { sets: "own", only: String(choices[Number(which.value)]) });
    });
    return row(TEXTS.whichSet, which);
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
    this.#say(TEXTS.howWasRead({ name: file.name }));
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
        button(TEXTS.change, () => (this.#say(HINT), this.#showForm())),
        button(TEXTS.cancel, this.#cancelled),
      ),
    );
  }
}

/** @param {string} title @param {string[]} items */
function list(title, items) {
  if (items.length === 0) return [];
  return [
    element(
      "div",
      { class: "upload-notes" },
      element("h3", {}, title),
      element("ul", {}, ...items.map((each) => element("li", {}, each))),
    ),
  ];
}

/** @param {string} label @param {() => void} onclick @param {string} [kind] */
function button(label, onclick, kind = "") {
  return element("button", { type: "button", class: `button ${kind}`.trim(), onclick }, label);
}

/** @param {string} title @param {HTMLSelectElement} control */
function row(title, control) {
  return element(
    "div",
    { class: "field inline" },
    element("span", {}, title),
    element("span", { class: "select" }, control),
  );
}

/** @param {string} label @param {Option[]} options @param {string} value */
function select(label, options, value) {
  const made = element(
    "select",
    { "aria-label": label },
    ...options.map(([name, title]) => element("option", { value: name }, title)),
  );
  made.value = value;
  return made;
}
