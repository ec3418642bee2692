/** The sanity check: weights are randomised layer by layer, and one sees which maps care. */

/** @import { Frame, JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */

import { axesOf } from "../catalog/applicability.js";
import { element, setText } from "../core/dom.js";
import { isEqual } from "../core/json.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { texts } from "../core/texts.js";
import { asPictures } from "../draw/places.js";
import { keepButtons, pictureFact, scalar } from "../widgets/save_picture.js";
import { studyButton } from "../widgets/study_button.js";
import { model } from "./sanity_check/model.js";
import { SanityTable } from "./sanity_check/table.js";

const TEXTS = texts(import.meta.url, {
  belowEachMap: [
    "Below each map: how alike its ranking of the pixels is to the first one's (Spearman's ρ of the",
    "magnitudes). A row that stays near 1 shows the picture's edges, whatever the network learned.",
  ],
  answersAnotherQuestion: [
    "This answers another question: the picture, the class or the methods were changed. “Randomise",
    "layer by layer” asks anew.",
  ],
  randomiseLayerByLayer: "Randomise layer by layer",
  copyNetworkForgets: [
    "A copy of the network forgets from the answer down; a method that explains what was learned must",
    "change. Your run keeps its weights.",
  ],
  fromTheAnswerDown: "from the answer down",
  rankCorrelationFirst: "rank correlation with the first",
});

const LESSON = TEXTS.belowEachMap;

const OUTDATED = TEXTS.answersAnotherQuestion;

/**
 * @param {RunControl} run @param {() => JsonObject} ask which picture, class and methods
 * @returns {{ element: HTMLElement, update: () => void }}
 */
export function sanityCheckPanel(run, ask) {
  return new SanityCheckPanel(run, ask);
}

class SanityCheckPanel {
  #run;
  #ask;
  #table = new SanityTable();
  #lesson = element("p", { class: "note", hidden: true }, LESSON);
  #keep;
  /** @type {Frame | null} */
  #newest = null;
  /** What was asked last. @type {JsonObject} */
  #asked = {};
  /** What the newest frame answers. @type {JsonObject | null} */
  #answered = null;

  /** @param {RunControl} run @param {() => JsonObject} ask */
  constructor(run, ask) {
    this.#run = run;
    this.#ask = ask;
    this.#keep = keepButtons(
      () => this.#table.element,
      () => this.#newest,
      () => "sanity-check",
      () => this.#facts(),
    );
    const head = [this.#studyControl(), element("span", { class: "grow" }), this.#keep];
    this.element = element(
      "div",
      { class: "study" },
      element("div", { class: "panel-head" }, ...head),
      this.#lesson,
      this.#table.element,
    );
    run.store.watch((state) => `${state.theme} ${state.depth}`, this.#paint);
  }

  /** Another picture, class or network: what is seen stays, dimmed. */
  update() {
    const outdated = this.#answered !== null && !isEqual(this.#answered, this.#ask());
    this.#table.element.classList.toggle("waiting", outdated);
    setText(this.#lesson, outdated ? OUTDATED : LESSON);
  }

  #studyControl() {
    return studyButton(this.#run, {
      keep: this.#keep,
      label: TEXTS.randomiseLayerByLayer,
      empty: TEXTS.copyNetworkForgets,
      document: () => {
        this.#asked = this.#ask();
        return { kind: "sanity_check", ...this.#asked };
      },
      frame: (frame) => {
        [this.#newest, this.#answered] = [frame, this.#asked];
        this.update();
        this.#paint();
      },
    }).element;
  }

  #paint = onNextPaint(() => {
    const { description, theme } = this.#run.state;
    if (!this.#newest || !description) return;
    const check = model(asPictures(this.#newest, axesOf(description), this.#run.state.depth), {
      methods: this.#methods,
      nodes: description.nodes,
    });
    if (!check) return;
    this.#lesson.hidden = false;
    this.#table.paint(check, theme);
  });

  /** Kinds of the methods that the newest frame shows. */
  get #methods() {
    return /** @type {string[]} */ (this.#answered?.["methods"] ?? []);
  }

  /** What the picture is, for who takes it away. @returns {Record<string, string>} */
  #facts() {
    const target = this.#newest ? scalar(this.#newest.arrays, "target") : -1;
    return {
      class: String(this.#run.state.description?.data.classes?.[target] ?? ""),
      picture: pictureFact(this.#answered),
      methods: this.#methods.join(", "),
      randomised: TEXTS.fromTheAnswerDown,
      "below each map": TEXTS.rankCorrelationFirst,
      seed: "0",
    };
  }
}
