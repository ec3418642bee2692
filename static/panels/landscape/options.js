/** What the study of a landscape is asked: its directions, its plane, its grid, and how it measures. */

/** @import { RunControl } from "../../run/run.js" */

import { element } from "../../core/dom.js";
import { check, choose, number } from "../../widgets/study_form.js";
import { lineEnds } from "../../widgets/line_ends.js";

/** What a landscape may cost unasked, in billions of multiply-adds. */
export const BUDGET = 500;

/** What it may cost once the estimate has been read. */
export const ANY_BUDGET = 1e6;

const RESOLUTIONS = /** @type {[string, string][]} */ (
  [21, 41, 61, 101].map((points) => [String(points), `${points} × ${points}`])
);

const DIRECTIONS = /** @type {[string, string][]} */ ([
  ["random", "random directions"],
  ["path", "the path's plane"],
  ["checkpoints", "between two states"],
]);

const PLANES = /** @type {[string, string][]} */ ([
  ["pca", "two principal directions"],
  ["to_final", "to the final point"],
  ["random", "random"],
]);

const SETS = /** @type {[string, string][]} */ ([
  ["train", "training set"],
  ["test", "test set"],
]);

const LENGTHS = /** @type {[string, string][]} */ ([
  ["filter", "of each filter"],
  ["layer", "of each layer"],
  ["none", "not adjusted"],
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
  #planes = choose("Plane", PLANES, this.asked.plane, (plane) => this.#ask({ plane }));
  #sets = choose("Loss of", SETS, this.asked.set, (set) => this.#ask({ set }));
  #grid = choose("Grid", RESOLUTIONS, String(this.asked.resolution), (value) =>
    this.#ask({ resolution: Number(value) }),
  );
  #following = check(
    "follow training",
    this.follow,
    (checked) => ((this.follow = checked), checked && this.#begin()),
    "Begin anew when a landscape is done and the network has moved on",
  );
  #key = element(
    "p",
    { class: "plot-legend line-key" },
    element("span", { class: "key-train" }, "train"),
    element("span", { class: "key-test" }, "test"),
  );
  #another = element(
    "button",
    {
      type: "button",
      class: "button",
      title: "Other random directions",
      onclick: () => this.#ask({ seed: this.asked.seed + 1 }),
    },
    "Other directions",
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
        "Along",
        DIRECTIONS,
        this.asked.directions,
        (value) => ask({ directions: value, dimensions: value === "checkpoints" ? 1 : 2 }),
        "Random directions are as long as the network's own filters (Li et al. 2018).",
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
      "Reach",
      { value: this.asked.span, min: 0.01, max: 100, step: "any" },
      (span) => this.#ask({ span }),
      "How far to go, in lengths of the weights; or as a factor of what the path covers.",
    ).element;
  }

  #actions() {
    const again = element(
      "button",
      { type: "button", class: "button primary", onclick: () => this.#begin() },
      "Look again",
    );
    return element("div", { class: "relief-actions" }, again, this.#another);
  }

  #more() {
    const { samples, normalize, recalibrate } = this.asked;
    const bounds = { value: samples, min: 1, max: 50000 };
    return element(
      "details",
      { class: "more relief-more" },
      element("summary", {}, "More"),
      number("Samples", bounds, (value) => this.#ask({ samples: value })).element,
      choose("Lengths", LENGTHS, normalize, (value) => this.#ask({ normalize: value })).element,
      check(
        "take batch norm's averages anew",
        recalibrate,
        (checked) => this.#ask({ recalibrate: checked }),
        "At every point, from training samples; slow",
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
