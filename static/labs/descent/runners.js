/** The list of runners: what each is, its equation, how it fares, and a form for all of its options. */

/** @import { Catalog, Json, JsonObject, Schema } from "../../types.d.ts" */
/** @import { Context, Control } from "../../form/field.js" */
/** @import { Entry } from "./examples.js" */
/** @import { Race } from "./race.js" */

import { category } from "../../draw/colors.js";
import { drawMarker } from "../../draw/marks.js";
import { element, iconButton, onNextFrame, setText, uniqueId } from "../../core/dom.js";
import { control, variantControl } from "../../form/form.js";
import { resolved, variants, defaultOf } from "../../form/schema.js";
import { shortNumber, wholeNumber, sentenceCase } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { fitCanvas } from "../../draw/plot.js";
import { findItem } from "../../catalog/catalog.js";

const TEXTS = texts(import.meta.url, {
  addAnOptimizer: "Add an optimizer",
  add2: "Add …",
  optimizers: "Optimizers",
  highlightShowPad: "Highlight it, and show its pad",
  remove: "Remove",
  options: "Options",
  epochScheduleOne: "An epoch of a schedule is one step here.",
  divergedAtStep: "diverged at step {diverged}",
  offMapFromStep: "off the map from step {left}",
  thereInSteps: "there in {reached} steps",
  levelGroundAfterSteps: "level ground after {reached} steps",
  underWay: "under way",
  notThereInSteps: "not there in {steps} steps",
  stillGoingAfterSteps: "still going after {steps} steps",
});

/**
 * @typedef {{ change: (pointer: string, value: Json) => void, choose: (index: number) => void, most: number
 * }} Host
 */

/**
 * @typedef {{ element: HTMLElement, optimizer: Control, schedule: Control, label: Control, name: HTMLElement,
 * formula: HTMLElement, outcome: HTMLElement, now: HTMLElement, pick: HTMLElement }} Card
 */

export class Runners {
  #context;
  #catalog;
  #host;
  #entry;
  /** @type {Card[]} */
  #cards = [];
  /** @type {Entry[]} */
  #entries = [];
  #list = element("ol", { class: "runners" });
  #adder;
  element;

  /**
   * @param {Context} context @param {Catalog} catalog @param {Schema} entries of the list @param {Host} host
   */
  constructor(context, catalog, entries, host) {
    this.#context = context;
    this.#catalog = catalog;
    this.#host = host;
    this.#entry = resolved(context.root, entries.items ?? {});
    const optimizers =
      variants(context.root, resolved(context.root, this.#entry.properties?.["optimizer"] ?? {})) ??
      new Map();
    this.#adder = element(
      "select",
      { "aria-label": TEXTS.addAnOptimizer, class: "adder" },
      element("option", { value: "" }, TEXTS.add2),
      ...[...optimizers.keys()].map((kind) => element("option", { value: kind }, this.#label(kind))),
    );
    this.#adder.addEventListener("change", () => {
      const variant = optimizers.get(this.#adder.value);
      this.#adder.value = "";
      if (!variant) return;
      const optimizer = /** @type {JsonObject} */ (
        defaultOf(context.root, { ...variant, default: undefined })
      );
      host.change("/entries", [...this.#entries, { label: null, optimizer, schedule: { kind: "constant" } }]);
    });
    const head = element(
      "h2",
      { class: "caption" },
      TEXTS.optimizers,
      element("span", { class: "select" }, this.#adder),
    );
    this.element = element("section", { class: "lab-card runners-card" }, head, this.#list);
  }

  /** @param {string} kind */
  #label(kind) {
    return findItem(this.#catalog, kind, ["optimizers"])?.label ?? sentenceCase(kind);
  }

  /** What a runner is called. @param {Entry} entry */
  nameOf({ label, optimizer }) {
    return (
      label ||
      `${this.#label(String(optimizer["kind"]))}, ${shortNumber(Number(optimizer["learning_rate"] ?? NaN))}`
    );
  }

  /** @param {Entry[]} entries @param {number} chosen */
  update(entries, chosen) {
    if (entries.length !== this.#cards.length) this.#rebuild(entries.length);
    this.#entries = entries;
    this.#adder.disabled = entries.length >= this.#host.most;
    entries.forEach((entry, index) => {
      const card = this.#cards[index];
      if (!card) return;
      card.label.update(entry.label ?? null);
      card.optimizer.update(entry.optimizer);
      card.schedule.update(entry.schedule ?? { kind: "constant" });
      setText(card.name, this.nameOf(entry));
      const item = findItem(this.#catalog, String(entry.optimizer["kind"]), ["optimizers"]);
      setText(card.formula, item?.formula ?? "");
      card.formula.title = item?.reference ?? "";
      card.element.classList.toggle("chosen", index === chosen);
      card.pick.setAttribute("aria-pressed", String(index === chosen));
    });
  }

  /** @param {number} count */
  #rebuild(count) {
    for (const known of [...this.#context.fields.keys()])
      if (known.startsWith("/entries/")) this.#context.fields.delete(known);
    const open = this.#cards.map(({ element: card }) => card.querySelector("details")?.open ?? false);
    this.#cards = Array.from({ length: count }, (_, index) => this.#card(index));
    this.#cards.forEach(({ element: card }, index) =>
      card.querySelector("details")?.toggleAttribute("open", open[index] ?? false),
    );
    this.#list.replaceChildren(...this.#cards.map((card) => card.element));
  }

  /** @param {number} index @returns {Card} */
  #card(index) {
    const place = `/entries/${index}`;
    const {
      optimizer: optimizerSchema = {},
      schedule: scheduleSchema = {},
      label: labelSchema = {},
    } = this.#entry.properties ?? {};
    const optimizer = variantControl(
      this.#context,
      `${place}/optimizer`,
      "optimizer",
      resolved(this.#context.root, optimizerSchema),
    );
    const schedule = variantControl(
      this.#context,
      `${place}/schedule`,
      "schedule",
      resolved(this.#context.root, scheduleSchema),
    );
    const label = control(this.#context, `${place}/label`, "label", labelSchema);
    const swatch = element("canvas", { class: "swatch", "aria-hidden": "true" });
    new ResizeObserver(onNextFrame(() => paintSwatch(swatch, index))).observe(swatch);
    const name = element("b", { id: uniqueId("runner") });
    const pick = element(
      "button",
      {
        type: "button",
        class: "pick",
        title: TEXTS.highlightShowPad,
        "aria-pressed": "false",
        onclick: () => this.#host.choose(index),
      },
      swatch,
      name,
    );
    const formula = element("p", { class: "formula" });
    const outcome = element("span", { class: "outcome" });
    const now = element("span", { class: "now" });
    const remove = iconButton("remove", TEXTS.remove, () =>
      this.#host.change(
        "/entries",
        this.#entries.filter((_, each) => each !== index),
      ),
    );
    const options = element(
      "details",
      { class: "more" },
      element("summary", {}, TEXTS.options),
      element(
        "div",
        { class: "group" },
        label.element,
        optimizer.element,
        schedule.element,
        element("p", { class: "note" }, TEXTS.epochScheduleOne),
      ),
    );
    const card = element(
      "li",
      { class: "runner" },
      element("div", { class: "runner-head" }, pick, remove),
      formula,
      element("p", { class: "runner-now" }, outcome, now),
      options,
    );
    return { element: card, optimizer, schedule, label, name, formula, outcome, now, pick };
  }

  /**
   * How each fares after so many steps: nothing is told before it is seen.
   *
   * @param {Race} race @param {number} head @param {number} all steps that the race will have
   */
  follow(race, head, all) {
    const step = Math.floor(head);
    const known = race.scene.minima.length > 0;
    this.#cards.forEach((card, runner) => {
      if (runner >= race.count) return;
      const seen = (/** @type {"reached" | "left" | "diverged"} */ what) => {
        const at = race.event(runner, what);
        return at !== null && at <= step ? at : null;
      };
      const { text, tone } = outcomeOf(
        seen("reached"),
        seen("left"),
        seen("diverged"),
        step < all ? null : all,
        known,
      );
      setText(card.outcome, text);
      card.outcome.dataset["tone"] = tone;
      setText(
        card.now,
        `f ${shortNumber(race.losses(runner)[step] ?? NaN)} · η ${shortNumber(race.rate(runner, step))}`,
      );
    });
  }
}

/**
 * What became of a runner, in words.
 *
 * @param {number | null} reached @param {number | null} left @param {number | null} diverged
 * @param {number | null} steps of the whole race; null while it is under way
 * @param {boolean} known whether there is a minimum to come to
 * @returns {{ text: string, tone: "good" | "bad" | "soon" | "" }}
 */
export function outcomeOf(reached, left, diverged, steps, known) {
  if (diverged !== null)
    return { text: TEXTS.divergedAtStep({ diverged: wholeNumber(diverged) }), tone: "bad" };
  if (left !== null)
    return { text: TEXTS.offMapFromStep({ left: wholeNumber(left) }), tone: known ? "bad" : "" };
  if (reached !== null)
    return {
      text: known
        ? TEXTS.thereInSteps({ reached: wholeNumber(reached) })
        : TEXTS.levelGroundAfterSteps({ reached: wholeNumber(reached) }),
      tone: "good",
    };
  if (steps === null) return { text: TEXTS.underWay, tone: "soon" };
  return {
    text: known
      ? TEXTS.notThereInSteps({ steps: wholeNumber(steps) })
      : TEXTS.stillGoingAfterSteps({ steps: wholeNumber(steps) }),
    tone: "",
  };
}

/** @param {HTMLCanvasElement} canvas @param {number} index */
function paintSwatch(canvas, index) {
  const context = canvas.getContext("2d");
  if (!context) return;
  const { width, height } = fitCanvas(canvas, context);
  context.clearRect(0, 0, width, height);
  context.fillStyle = context.strokeStyle = category(index);
  context.lineWidth = 2.5;
  context.setLineDash(index < 8 ? [] : [5, 3]);
  context.beginPath();
  context.moveTo(1, height / 2);
  context.lineTo(width - 1, height / 2);
  context.stroke();
  context.setLineDash([]);
  context.lineWidth = 0.5;
  drawMarker(context, index, width / 2, height / 2, 5);
}
