/**
 * Own sounds and volumes on their way in: how they are read, a file, and what was changed or left out.
 *
 * A file of which nothing was guessed, changed or left out is used at once.
 */

/** @import { KeptSamples, SampleKind } from "../../core/api.js" */

import { postSamples } from "../../core/api.js";
import { element, setText } from "../../core/dom.js";
import { shortNumber } from "../../core/format.js";
import { Refused } from "../../core/live.js";
import { texts } from "../../core/texts.js";
import { leftOutText } from "./guesses.js";
import { ownSamples } from "./own_samples.js";
import { button, dropZone, list, row, select, setChooser } from "./upload_parts.js";

const TEXTS = texts(import.meta.url, {
  zipOfSounds: "A ZIP with a folder of WAV files for each class; pitches above half the rate are left out.",
  zipOfVolumes: [
    "A ZIP with a folder for each class, in which a .npy or a folder of slices is a volume;",
    "or an NPZ of all with their labels.",
  ],
  ownVolumes: "Own volumes",
  rate: "Rate",
  hertz: "{rate} Hz",
  length: "Length",
  numbers: "{length} numbers, {seconds} s",
  loudness: "Loudness",
  asRecorded: "as recorded",
  even: "all as loud as can be",
  upload: "Upload",
  cancel: "Cancel",
  ownSounds: "Own sounds",
  sending: "Sending {name} …",
  reading: "Reading {name} …",
  readAs: "{name}: this is how it was read.",
  toBeKnown: "To be known",
  leftOut: "Left out",
  useThese: "Use these",
  change: "Change",
});

const RATES = [2000, 4000, 8000, 16000, 22050, 44100];
const LENGTHS = [512, 1024, 2048, 4096, 8192, 16384, 32768];

/** What may be given, and what it is called. @type {Record<SampleKind, { expected: string, title: string }>} */
const WORDS = {
  sounds: { expected: TEXTS.zipOfSounds, title: TEXTS.ownSounds },
  volumes: { expected: TEXTS.zipOfVolumes, title: TEXTS.ownVolumes },
};

export class SampleUpload {
  /** @type {SampleKind} */
  #kind;
  element = element("div", { class: "source-form" });
  #taken;
  #cancelled;
  #rate = select(
    TEXTS.rate,
    RATES.map((rate) => [String(rate), TEXTS.hertz({ rate })]),
    "8000",
  );
  #length = select(
    TEXTS.length,
    LENGTHS.map((length) => [String(length), String(length)]),
    "4096",
  );
  #loudness = select(
    TEXTS.loudness,
    [
      ["kept", TEXTS.asRecorded],
      ["even", TEXTS.even],
    ],
    "kept",
  );
  #bar = element("progress", { max: 1, value: 0, hidden: true, "aria-label": TEXTS.upload });
  #status = element("p", { class: "note", role: "status" });
  #answer = element("div", { class: "upload-answer" });
  /** The newest of the requests; what others answer is of no interest. */
  #newest = 0;

  /**
   * @param {SampleKind} kind @param {(kept: KeptSamples) => void} taken they are to be used
   * @param {() => void} cancelled
   */
  constructor(kind, taken, cancelled) {
    this.#kind = kind;
    this.#taken = taken;
    this.#cancelled = cancelled;
    this.#rate.addEventListener("change", () => this.#tell());
    this.#tell();
    this.#showForm();
  }

  /** How long sounds of each length last at this rate. */
  #tell() {
    for (const option of this.#length.options) {
      const seconds = shortNumber(Number(option.value) / Number(this.#rate.value));
      setText(option, TEXTS.numbers({ length: option.value, seconds }));
    }
  }

  #showForm() {
    this.#newest++;
    this.#answer.replaceChildren();
    this.#say(WORDS[this.#kind].expected);
    this.element.replaceChildren(
      ...this.#rows(),
      this.#dropZone(),
      this.#bar,
      this.#status,
      this.#answer,
      button(TEXTS.cancel, this.#cancelled),
    );
  }

  /** Of sounds only: volumes stay as large as they are. */
  #rows() {
    if (this.#kind === "volumes") return [];
    return [
      row(TEXTS.rate, this.#rate),
      row(TEXTS.length, this.#length),
      row(TEXTS.loudness, this.#loudness),
    ];
  }

  #dropZone() {
    return dropZone({
      label: WORDS[this.#kind].title,
      accept: this.#kind === "volumes" ? ".zip,.npz" : ".zip",
      taken: ([file]) => void (file && this.#send(file, {})),
    });
  }

  /** @param {File} file @param {Record<string, string>} asked how it is to be read, where there is a choice */
  async #send(file, asked) {
    const newest = ++this.#newest;
    this.#bar.hidden = false;
    this.#say(TEXTS.sending({ name: file.name }));
    const sounds = { rate: this.#rate.value, length: this.#length.value, loudness: this.#loudness.value };
    /** @type {Record<string, string>} */
    const form = this.#kind === "sounds" ? sounds : {};
    try {
      const kept = await postSamples(this.#kind, file, { ...form, ...asked }, (share) => {
        if (share < 1) this.#bar.value = share;
        else this.#bar.removeAttribute("value"); // gone; now they are read
        if (share === 1) this.#say(TEXTS.reading({ name: file.name }));
      });
      if (newest !== this.#newest) return;
      if (kept.notes.length > 0 || kept.left_out.length > 0) this.#review(file, kept);
      else this.#taken(kept);
    } catch (error) {
      if (newest !== this.#newest) return;
      this.#say(error instanceof Error ? error.message : String(error), true);
      const { choices, poolable } = error instanceof Refused ? error.answer : {};
      const chosen = (/** @type {Record<string, string>} */ asked) => void this.#send(file, asked);
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

  /** What was read, before it is used. @param {File} file @param {KeptSamples} kept */
  #review(file, kept) {
    this.#say(TEXTS.readAs({ name: file.name }));
    this.element.replaceChildren(
      this.#status,
      ...ownSamples(kept, kept.counts),
      ...list(TEXTS.toBeKnown, kept.notes),
      ...list(TEXTS.leftOut, leftOutText(kept)),
      element(
        "div",
        { class: "marks" },
        button(TEXTS.useThese, () => this.#taken(kept), "primary"),
        button(TEXTS.change, () => this.#showForm()),
        button(TEXTS.cancel, this.#cancelled),
      ),
    );
  }
}
