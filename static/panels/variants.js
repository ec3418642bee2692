/** The race on the real thing: variants of the run, forked here, side by side; drop the losers, keep one. */

/** @import { ExampleRace, Experiment, Frame, JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { Choices } from "../widgets/variant_patch.js" */
/** @import { Judge, Standing } from "./variants/curves.js" */
/** @import { Variant } from "./variants/race.js" */

import { forkInto } from "../core/api.js";
import { wholeNumber } from "../core/format.js";
import { element, onNextFrame, setText } from "../core/dom.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { category, dashOf } from "../draw/colors.js";
import { linesFigure } from "../draw/figure.js";
import { drawPlot, valueUnder } from "../draw/plot.js";
import { metricInText, metricName } from "../core/metric_names.js";
import { patched } from "../core/json.js";
import { check, choose, number, progressOf } from "../widgets/study_form.js";
import { plotColors } from "../draw/theme_colors.js";
import { LargePlot, titleOf } from "../widgets/large_plot.js";
import { written } from "../widgets/written_checkpoint.js";
import { firstFour, nameOf, nothing, patchOf } from "../widgets/variant_patch.js";
import { Answers } from "./variants/answers.js";
import { begunWhenWritten } from "./variants/begun_when_written.js";
import { exampleRaceButton } from "./variants/example_race.js";
import { drawable, leader, plotOf } from "./variants/curves.js";
import { newVariant, Race } from "./variants/race.js";
import { VariantRow } from "./variants/row.js";
import { TEXTS } from "./variants/words.js";

const MOST_VARIANTS = 16;

/** Colours, each with its dashes, there are before they come again. */
const LOOKS = 8;

/** What is to be known of a choice by each. */
const CHOSEN = {
  train: TEXTS.noSampleKept,
  validation: TEXTS.leaderCriterion,
};

/** @param {RunControl} run @returns {{ element: HTMLElement, demand: () => JsonObject[] }} */
export function variantsPanel(run) {
  return new VariantsPanel(run);
}

class VariantsPanel {
  #run;
  #race;
  #large;
  /** @type {Map<Variant, VariantRow>} */
  #rows = new Map();
  /** The curve that is shown; null: of the loss by which they are told apart. @type {string | null} */
  #series = null;
  /** @type {Judge} */
  #judge = "train";
  #log = true;
  /** @type {number | null} */
  #cursor = null;
  /** The curves that can be chosen. */
  #listed = "";
  /** The field of steps. @type {ReturnType<typeof number> | null} */
  #steps = null;

  #canvas = element("canvas", {
    class: "plot race-plot",
    role: "img",
    "aria-label": TEXTS.lossesOfAllVariants,
  });
  #hint = element("p", { class: "relief-hint" });
  #empty = element("p", { class: "relief-empty" }, TEXTS.forkRunHere);
  #list = element("div", { class: "race-rows", role: "list" });
  #chosen = element("p", { class: "note", hidden: true });
  #start = element(
    "button",
    { type: "button", class: "button primary needs-control", onclick: () => this.#fork() },
    TEXTS.forkAndRace,
  );
  #onward = element(
    "button",
    { type: "button", class: "button needs-control", hidden: true, onclick: () => this.#goOn() },
    TEXTS.raceOn,
  );
  #add = element(
    "button",
    { type: "button", class: "button", onclick: () => this.#addLane(nothing(), true) },
    TEXTS.addAVariant,
  );
  #answers = new Answers();
  #progress = progressOf(() => this.#race.cancel());
  #shown = choose(
    TEXTS.curve,
    [
      ["train_loss", TEXTS.trainLoss],
      ["validation_loss", TEXTS.validationLoss],
      ["test_loss", TEXTS.testLoss],
    ],
    "train_loss",
    (value) => ((this.#series = value), this.#paint()),
  );

  /** @param {RunControl} run */
  constructor(run) {
    this.#run = run;
    this.#large = new LargePlot({ name: TEXTS.race, title: () => titleOf(run), figure: linesFigure });
    this.#race = new Race({
      study: (document, listener, starts) => {
        const begin = () => run.study(document, listener);
        const { id } = /** @type {{ id: string }} */ (run.state.run);
        const checkpoints = starts.map((start) => written(id, start));
        return starts.length ? begunWhenWritten(Promise.all(checkpoints), begin, listener) : begin();
      },
      nameOf: (choices) => this.#nameOf(choices),
      stood: (standing, frame) => this.#stood(standing, frame),
      progress: (state) => this.#progress.show(state),
      changed: () => this.#mark(),
    });
    this.#watchPointer();
    this.#watch();
    this.#addFirst();
    this.element = element("div", { class: "relief-tab race-tab" }, this.#left(), this.#side());
  }

  /** @returns {JsonObject[]} */
  demand() {
    return [];
  }

  #left() {
    const figure = element(
      "div",
      { class: "relief-figure race-figure" },
      this.#canvas,
      this.#empty,
      this.#hint,
    );
    return element("div", { class: "race-left" }, figure, this.#controls(), this.#chosen);
  }

  #side() {
    const examples = exampleRaceButton(this.#run, (race) => this.#raceExamples(race));
    const actions = element(
      "div",
      { class: "relief-actions" },
      this.#start,
      this.#onward,
      this.#add,
      examples,
    );
    return element(
      "div",
      { class: "relief-side race-side" },
      actions,
      this.#progress.element,
      this.#answers.element,
      this.#list,
    );
  }

  #controls() {
    const { asked } = this.#race;
    this.#steps = number(
      TEXTS.steps,
      { value: asked.steps, min: 1, max: 1_000_000 },
      (value) => (asked.steps = value),
      TEXTS.stepsThatEachTakes,
    );
    const seeds = { value: asked.seeds, min: 1, max: 8 };
    return element(
      "div",
      { class: "race-controls" },
      this.#shown.element,
      this.#steps.element,
      number(TEXTS.seeds, seeds, (value) => (asked.seeds = value), TEXTS.trainingsEachBand).element,
      check(TEXTS.logAxis, this.#log, (checked) => ((this.#log = checked), this.#paint())).element,
      check(TEXTS.dropLosers, false, (checked) => (asked.drop_losers = checked), TEXTS.afterQuarterAfter)
        .element,
      this.#large.button,
    );
  }

  /** The pointer over the curves. */
  #watchPointer() {
    this.#canvas.addEventListener("pointermove", (event) => {
      const plot = this.#plot();
      if (!plot) return;
      this.#cursor = valueUnder(this.#canvas, plot.x, event.offsetX);
      setText(this.#hint, TEXTS.stepsAfterTheFork({ cursor: wholeNumber(this.#cursor) }));
      this.#followHand();
    });
    this.#canvas.addEventListener("pointerleave", () => {
      this.#cursor = null;
      setText(this.#hint, "");
      this.#followHand();
    });
  }

  #watch() {
    new ResizeObserver(this.#paint).observe(this.#canvas);
    this.#run.store.watch((state) => state.theme, this.#paint);
    // Another run is another race.
    let raced = this.#run.state.run?.id;
    this.#run.store.watch(
      (state) => state.run?.id,
      (id) => {
        if (!id || id === raced) return;
        raced = id;
        this.#clear();
      },
    );
  }

  /** Race examples in place of all variants there are, from their own starts. @param {ExampleRace} race */
  #raceExamples(race) {
    this.#race.whenEnded(() => {
      for (const variant of [...this.#race.variants]) this.#race.drop(variant, () => this.#remove(variant));
      for (const { example, name } of race.entries) {
        const preset = this.#run.state.presets.find((each) => each.name === example);
        if (preset) this.#addLane({ ...nothing(), example: { name, experiment: preset.experiment } });
      }
      Object.assign(this.#race.asked, { steps: race.steps, rows: race.rows, seeds: 1, drop_losers: false });
      if (this.#steps) this.#steps.input.value = String(race.steps);
      this.#series = race.curve;
      this.#fork();
    });
  }

  #clear() {
    this.#race.clear();
    this.#rows.clear();
    this.#list.replaceChildren();
    this.#addFirst();
    this.#empty.hidden = false;
    this.#answers.show(null, []);
    this.#large.show(null);
    this.#canvas.getContext("2d")?.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
  }

  // Variants ------------------------------------------------------------------------------------------

  #addFirst() {
    const { experiment } = this.#run.state;
    if (experiment) for (const choices of firstFour(experiment)) this.#addLane(choices);
  }

  /** @param {Choices} choices @param {boolean} [open] to be changed at once */
  #addLane(choices, open = false) {
    const { variants } = this.#race;
    if (variants.length >= MOST_VARIANTS)
      return this.#run.notify(TEXTS.mostVariantsRaceTogether({ most: MOST_VARIANTS }), "error");
    const used = new Set(variants.map(({ color }) => color));
    const free = Array.from({ length: LOOKS }, (_, index) => index).find((each) => !used.has(category(each)));
    const looks = free ?? variants.length;
    const variant = newVariant(choices, { color: category(looks), dash: dashOf(looks) });
    const row = new VariantRow(variant, this.#run.state, (each) => this.#nameOf(each.choices), {
      keep: () => this.#keep(variant),
      drop: () => this.#race.drop(variant, () => this.#remove(variant)),
    });
    row.unfold(open);
    variants.push(variant);
    this.#rows.set(variant, row);
    this.#list.append(row.element);
    this.#mark();
  }

  /** @param {Variant} variant */
  #remove(variant) {
    this.#rows.get(variant)?.element.remove();
    this.#rows.delete(variant);
    this.#paint();
    this.#mark();
  }

  /** @param {Choices} choices */
  #nameOf(choices) {
    const { catalog } = this.#run.state;
    return nameOf(choices, (family, kind) => catalog[family]?.find((item) => item.kind === kind));
  }

  // The race ------------------------------------------------------------------------------------------

  #fork() {
    this.#race.whenEnded(() => {
      const { experiment } = this.#run.state;
      if (!experiment) return;
      this.#empty.hidden = true;
      this.#race.fork(experiment);
    });
  }

  #goOn() {
    this.#race.whenEnded(() => this.#race.goOn());
  }

  /** What can be done now. */
  #mark() {
    const { variants, underWay } = this.#race;
    this.#start.disabled = variants.length === 0;
    setText(this.#start, underWay ? TEXTS.forkAnew : TEXTS.forkAndRace);
    this.#onward.hidden = underWay || !variants.some(({ slot }) => slot >= 0);
    for (const row of this.#rows.values()) row.mark();
  }

  /** Go on with one as a run of its own. @param {Variant} variant */
  #keep(variant) {
    this.#race.whenEnded(async () => {
      const parent = this.#run.state.run;
      const { forked } = this.#race;
      const checkpoint = this.#race.stoodAt(variant);
      if (!parent || !forked || !checkpoint) return;
      const title = `${forked.title}: ${this.#nameOf(variant.choices)}`.slice(0, 200);
      try {
        await written(parent.id, checkpoint);
        const { id } = await forkInto(parent.id, checkpoint, { ...changed(forked, variant.choices), title });
        this.#run.takeOver(id, TEXTS.takeOver({ name: this.#nameOf(variant.choices) }));
      } catch (error) {
        this.#run.notify(error instanceof Error ? error.message : String(error), "error");
      }
    });
  }

  /** @param {Standing} standing @param {Frame} frame */
  #stood({ judge, names }, { arrays }) {
    const { variants, asked } = this.#race;
    this.#judge = judge;
    this.#chosen.hidden = false;
    setText(this.#chosen, CHOSEN[judge]);
    const loss = judge === "train" ? TEXTS.trainingLoss : TEXTS.validationLoss2;
    const meaning = asked.seeds > 1 ? TEXTS.meanOverSeeds({ loss }) : loss;
    const best = leader(variants);
    for (const [variant, row] of this.#rows) {
      if (variant.slot >= 0) row.show(arrays, meaning, this.#run.state);
      row.lead(variant === best);
    }
    this.#answers.show(
      arrays,
      variants.map(({ slot, color, choices }) => ({ slot, color, name: this.#nameOf(choices) })),
    );
    this.#offer(drawable(names));
    this.#mark();
    this.#paint();
  }

  // Curves --------------------------------------------------------------------------------------------

  /** @param {string[]} names of the curves that can be shown */
  #offer(names) {
    if (names.length && String(names) !== this.#listed) {
      this.#listed = String(names);
      const options = names.map((name) => element("option", { value: name }, metricInText(name)));
      this.#shown.select.replaceChildren(...options);
      if (this.#series !== null && !names.includes(this.#series)) this.#series = null;
    }
    this.#shown.select.value = this.#curve();
  }

  #curve() {
    return this.#series ?? `${this.#judge}_loss`;
  }

  #plot() {
    const variants = this.#race.variants.map((variant) => ({
      ...variant,
      title: this.#nameOf(variant.choices),
    }));
    return plotOf(variants, { name: this.#curve(), log: this.#log, cursor: this.#cursor });
  }

  #paint = onNextPaint(() => this.#draw());
  /** The cursor does not wait for the next paint. */
  #followHand = onNextFrame(() => this.#draw());

  #draw() {
    const plot = this.#plot();
    if (!plot) return;
    drawPlot(this.#canvas, plot, plotColors());
    this.#large.show(plot);
    const steps = wholeNumber(plot.x.high);
    this.#canvas.setAttribute(
      "aria-label",
      TEXTS.ofVariantsOverSteps({
        curve: metricName(this.#curve()),
        variants: this.#race.variants.length,
        steps,
      }),
    );
  }
}

/** What an experiment is with a variant's choices. @param {Experiment} experiment @param {Choices} choices */
function changed(experiment, choices) {
  const document = /** @type {any} */ (experiment);
  const patch = /** @type {any} */ (patchOf(choices, experiment));
  return /** @type {Experiment} */ (/** @type {unknown} */ (patched(document, patch)));
}
