/** What the study of a landscape is asked: its directions, its plane, its grid, and how it measures. */

/** @import { RunControl } from "../../run/run.js" */

import { element } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { check, choose, number } from "../../widgets/study_form.js";
import { lineEnds } from "../../widgets/line_ends.js";

const TEXTS = texts(import.meta.url, {
  randomDirections: "random directions",
  thePathsPlane: "the path's plane",
  betweenTwoStates: "between two states",
  twoPrincipalDirections: "two principal directions",
  toTheFinalPoint: "to the final point",
  trainingSet: "training set",
  testSet: "test set",
  ofEachFilter: "of each filter",
  ofEachLayer: "of each layer",
  notAdjusted: "not adjusted",
  plane: "Plane",
  lossOf: "Loss of",
  grid: "Grid",
  followTraining: "follow training",
  beginAnewWhen: "Begin anew when a landscape is done and the network has moved on",
  train: "train",
  test: "test",
  otherRandomDirections: "Other random directions",
  otherDirections: "Other directions",
  along: "Along",
  randomDirectionsLong: "Random directions are as long as the network's own filters (Li et al. 2018).",
  reach: "Reach",
  radius: "How far to go, in lengths of the weights; or as a factor of what the path covers.",
  lookAgain: "Look again",
  more: "More",
  samples: "Samples",
  lengths: "Lengths",
  takeBatchNorms: "take batch norm's averages anew",
  everyPointFrom: "At every point, from training samples; slow",
});

/** What a landscape may cost unasked, in billions of multiply-adds. */
export const BUDGET = 500;

/** What it may cost once the estimate has been read. */
export const ANY_BUDGET = 1e6;

const RESOLUTIONS = /** @type {[string, string][]} */ (
  [21, 41, 61, 101].map((points) => [String(points), `${points} × ${points}`])
);

const DIRECTIONS = /** @type {[string, string][]} */ ([
  ["random", TEXTS.randomDirections],
  ["path", TEXTS.thePathsPlane],
  ["checkpoints", TEXTS.betweenTwoStates],
]);

const PLANES = /** @type {[string, string][]} */ ([
  ["pca", TEXTS.twoPrincipalDirections],
  ["to_final", TEXTS.toTheFinalPoint],
  ["random", "random"],
]);

const SETS = /** @type {[string, string][]} */ ([
  ["train", TEXTS.trainingSet],
  ["test", TEXTS.testSet],
]);

const LENGTHS = /** @type {[string, string][]} */ ([
  ["filter", TEXTS.ofEachFilter],
  ["layer", TEXTS.ofEachLayer],
  ["none", TEXTS.notAdjusted],
]);

export class LandscapeOptions {
  asked = {
    directions: "random",
    plane: "pca",
    dimensions: 2,
    set: "train",
    resolution: 41,
    span: 1,
    seed: 0,
    samples: 500,
    normalize: "filter",
    recalibrate: false,
    budget: BUDGET,
  };
  follow = false;
  #ask;
  #begin;
  #planes = choose(TEXTS.plane, PLANES, this.asked.plane, (plane) => this.#ask({ plane }));
  #sets = choose(TEXTS.lossOf, SETS, this.asked.set, (set) => this.#ask({ set }));
  #grid = choose(TEXTS.grid, RESOLUTIONS, String(this.asked.resolution), (value) =>
    this.#ask({ resolution: Number(value) }),
  );
  #following = check(
    TEXTS.followTraining,
    this.follow,
    (checked) => ((this.follow = checked), checked && this.#begin()),
    TEXTS.beginAnewWhen,
  );
  #key = element(
    "p",
    { class: "plot-legend line-key" },
    element("span", { class: "key-train" }, TEXTS.train),
    element("span", { class: "key-test" }, TEXTS.test),
  );
  #another = element(
    "button",
    {
      type: "button",
      class: "button",
      title: TEXTS.otherRandomDirections,
      onclick: () => this.#ask({ seed: this.asked.seed + 1 }),
    },
    TEXTS.otherDirections,
  );

  /**
   * @param {RunControl} run @param {(changed: Partial<LandscapeOptions["asked"]>) => void} ask something else
   * @param {() => void} begin anew, with the same
   */
  constructor(run, ask, begin) {
    this.#ask = ask;
    this.#begin = begin;
    this.ends = lineEnds(run, begin);
    this.elements = [
      choose(
        TEXTS.along,
        DIRECTIONS,
        this.asked.directions,
        (value) => ask({ directions: value, dimensions: value === "checkpoints" ? 1 : 2 }),
        TEXTS.randomDirectionsLong,
      ).element,
      this.#planes.element,
      this.ends.element,
      this.#key,
      this.#sets.element,
      this.#grid.element,
      this.#reach(),
      this.#actions(),
      this.#following.element,
      this.#more(),
    ];
  }

  #reach() {
    return number(
      TEXTS.reach,
      { value: this.asked.span, min: 0.01, max: 100, step: "any" },
      (span) => this.#ask({ span }),
      TEXTS.radius,
    ).element;
  }

  #actions() {
    const again = element(
      "button",
      { type: "button", class: "button primary", onclick: () => this.#begin() },
      TEXTS.lookAgain,
    );
    return element("div", { class: "relief-actions" }, again, this.#another);
  }

  #more() {
    const { samples, normalize, recalibrate } = this.asked;
    const bounds = { value: samples, min: 1, max: 50000 };
    return element(
      "details",
      { class: "more relief-more" },
      element("summary", {}, TEXTS.more),
      number(TEXTS.samples, bounds, (value) => this.#ask({ samples: value })).element,
      choose(TEXTS.lengths, LENGTHS, normalize, (value) => this.#ask({ normalize: value })).element,
      check(
        TEXTS.takeBatchNorms,
        recalibrate,
        (checked) => this.#ask({ recalibrate: checked }),
        TEXTS.everyPointFrom,
      ).element,
    );
  }

  /** Only what matters for the directions that are chosen. */
  show() {
    const { directions } = this.asked;
    const line = directions === "checkpoints";
    this.#planes.element.hidden = directions !== "path";
    this.ends.element.hidden = this.#key.hidden = !line;
    this.#sets.element.hidden = this.#grid.element.hidden = this.#following.element.hidden = line;
    this.#another.hidden = directions !== "random";
    if (line) void this.ends.fill();
  }
}
