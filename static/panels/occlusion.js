/**
 * Occlusion: a grey square slides over the chosen picture; what the network says at each place. Live, a few
 * places at each look, or all of them on a snapshot.
 */

/** @import { Frame, JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { Square } from "./occlusion/model.js" */

import { element, setAttribute, setText } from "../core/dom.js";
import { isEqual } from "../core/json.js";
import { texts } from "../core/texts.js";
import { check } from "../widgets/study_form.js";
import { keepButtons, pictureFact, scalar } from "../widgets/save_picture.js";
import { demandChanged } from "../widgets/lazy_panel.js";
import { moreOptions } from "../widgets/probe_options.js";
import { withMaps } from "../catalog/applicability.js";
import { studyButton } from "../widgets/study_button.js";
import { OcclusionMaps } from "./occlusion/maps.js";
import { checkSquare, covered, usualSquare } from "./occlusion/model.js";

const TEXTS = texts(import.meta.url, {
  followTraining: "follow training",
  somePlacesAnew: "Some places anew at each look; the numbers say of which step they are",
  squareComesNextLook: "The square comes with the next look.",
  square: "Square",
  stride: "Stride",
  allAtThisStep: "All at this step",
  whereProbabilityFalls: "Where the probability falls, the network was looking.",
  firstPlacesCome: "The first places come with the next look.",
  answersAnotherQuestion: [
    "This answers another question: the picture, the class or the square was changed. “All at this",
    "step” asks anew.",
  ],
  px: "{size} px",
  px2: "{stride} px",
});

/**
 * @param {RunControl} run @param {() => JsonObject} ask which picture, and which class
 * @returns {import("../widgets/lazy_panel.js").Panel & { update: () => void }}
 */
export function occlusionPanel(run, ask) {
  return new OcclusionPanel(run, ask);
}

class OcclusionPanel {
  #run;
  #ask;
  #maps;
  #size;
  #stride;
  #more;
  #keep;
  #control;
  #follow = check(TEXTS.followTraining, true, () => this.#turn(), TEXTS.somePlacesAnew);
  #status = element("p", { class: "note", role: "status" }, TEXTS.squareComesNextLook);
  /** @type {Frame | null} */
  #newest = null;
  /** The square of the newest frame, or of the study that was asked for. @type {Square} */
  #asked;
  /** What the newest frame answers. @type {JsonObject | null} */
  #answered = null;
  /** What a study was asked. @type {JsonObject | null} */
  #studied = null;
  /** The last frame of what was asked for before. @type {Frame | undefined} */
  #stale;

  /** @param {RunControl} run @param {() => JsonObject} ask */
  constructor(run, ask) {
    this.#run = run;
    this.#ask = ask;
    this.#maps = new OcclusionMaps(run);
    this.#asked = usualSquare(run.state.description?.input.shape ?? []);
    this.#size = number(TEXTS.square, this.#asked.size, 1, "px");
    this.#stride = number(TEXTS.stride, this.#asked.stride, 1, "px");
    const choices = { grey: () => true, node: () => withMaps(run.state.description) };
    this.#more = moreOptions(run, "occlusion", choices, () => this.#turn());
    for (const { input } of [this.#size, this.#stride]) input.addEventListener("change", () => this.#turn());
    this.#keep = keepButtons(
      () => this.#maps.element,
      () => this.#newest,
      () => "occlusion",
      () => this.#facts(),
    );
    this.#control = this.#studyControl();
    run.onFrame("occlusion", (frame) => this.#take(frame));
    run.store.watch((state) => `${state.theme} ${state.depth}`, this.#maps.paint);
    this.element = element("div", { class: "study" }, this.#head(), this.#status, this.#maps.element);
  }

  /** What is looked at live. @returns {JsonObject[]} */
  demand() {
    const wanted = this.#follow.input.checked ? this.#square() : null;
    return wanted ? [this.#live(wanted)] : [];
  }

  update() {
    this.#more.update();
    this.#turn();
  }

  #head() {
    return element(
      "div",
      { class: "panel-head" },
      this.#size.label,
      this.#stride.label,
      this.#follow.element,
      this.#control.element,
      this.#more.element,
      element("span", { class: "grow" }),
      this.#keep,
    );
  }

  #studyControl() {
    return studyButton(this.#run, {
      keep: this.#keep,
      label: TEXTS.allAtThisStep,
      empty: TEXTS.whereProbabilityFalls,
      document: () => {
        this.#asked = this.#typed(); // one that cannot slide is refused by the server, in words
        this.#studied = this.#document(this.#asked);
        return this.#studied;
      },
      begin: () => {
        this.#follow.input.checked = false;
        this.#turn();
      },
      frame: (frame) => this.#show(frame, this.#asked, this.#studied),
    });
  }

  /** @returns {Square} */
  #typed() {
    return { size: Number(this.#size.input.value), stride: Number(this.#stride.input.value) };
  }

  /** The square, where it can slide; otherwise says why not. */
  #square() {
    const typed = { size: this.#size.input.value, stride: this.#stride.input.value };
    const shape = this.#run.state.description?.input.shape ?? [];
    const { fits, moves, problem } = checkSquare(typed, shape);
    setAttribute(this.#size.input, "aria-invalid", String(!fits));
    setAttribute(this.#stride.input, "aria-invalid", String(!moves));
    if (problem === null) return this.#typed();
    this.#status.hidden = false;
    setText(this.#status, problem);
    return null;
  }

  /** @param {Square} square */
  #document(square) {
    return { kind: "occlusion", ...this.#ask(), ...square, ...this.#more.values() };
  }

  /** @param {Square} square */
  #live(square) {
    return { ...this.#document(square), hz: 5 };
  }

  /** Another question: what was answered before is no answer to it. */
  #turn() {
    this.#stale = this.#run.latest.get("occlusion");
    const follows = this.#follow.input.checked;
    this.#status.hidden = !follows;
    if (follows) this.#control.cancel();
    this.#mark();
    if (this.#square() && follows) setText(this.#status, TEXTS.firstPlacesCome);
    demandChanged();
  }

  /** Something else is asked than what is seen; what is seen stays, dimmed. */
  #mark() {
    const other = this.#answered !== null && !isEqual(this.#answered, this.#document(this.#typed()));
    this.#maps.element.classList.toggle("waiting", other);
    if (this.#follow.input.checked) return;
    this.#status.hidden = !other;
    if (other) setText(this.#status, TEXTS.answersAnotherQuestion);
  }

  /** A frame of what is followed. @param {Frame} frame */
  #take(frame) {
    const wanted = this.#follow.input.checked ? this.#square() : null;
    if (!wanted || frame === this.#stale) return;
    const of = this.#run.demandOf(frame);
    if ("kind" in of && !isEqual(of, this.#live(wanted))) return; // a late one, of what was asked before
    this.#asked = wanted;
    this.#keep.hidden = false;
    this.#show(frame, wanted, this.#document(wanted));
    setText(this.#status, covered(frame.arrays.get("steps")?.data ?? []));
  }

  /** @param {Frame} frame @param {Square} square @param {JsonObject | null} question that it answers */
  #show(frame, square, question) {
    [this.#newest, this.#answered] = [frame, question];
    this.#mark();
    this.#maps.show(frame, square);
  }

  /** What the picture is, for who takes it away. @returns {Record<string, string>} */
  #facts() {
    const node = this.#answered?.["node"];
    const target = this.#newest ? scalar(this.#newest.arrays, "target") : -1;
    return {
      method: "occlusion",
      picture: pictureFact(this.#answered),
      square: TEXTS.px({ size: this.#asked.size }),
      stride: TEXTS.px2({ stride: this.#asked.stride }),
      ...(node ? { "strongest map of": String(node) } : {}),
      class: String(this.#run.state.description?.data.classes?.[target] ?? ""),
    };
  }
}

/** @param {string} title @param {number} value @param {number} least @param {string} unit */
function number(title, value, least, unit) {
  const input = element("input", {
    type: "number",
    class: "number",
    min: least,
    max: 1024,
    value,
    "aria-label": title,
  });
  const name = element("span", {}, title);
  const label = element(
    "label",
    { class: "small-choice" },
    name,
    input,
    element("span", { class: "note" }, unit),
  );
  return { input, label };
}
