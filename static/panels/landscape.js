/** The loss landscape around the network: from above at once and refining, or turned in three dimensions. */

/** @import { Frame, JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { Relief } from "../draw/relief.js" */
/** @import { StudyState } from "../core/studies.js" */

import { element, onNextFrame, setText } from "../core/dom.js";
import { camera, turnable } from "../draw/heightfield.js";
import { drawProfiles, profileOf, summary } from "../draw/profile.js";
import { drawRelief, drawScale, lossAt, placesOn } from "../draw/relief.js";
import { drawRelief3d } from "../draw/relief3d.js";
import { shortNumber } from "../core/format.js";
import { check, choose, facts, number, progressOf, segments } from "../widgets/study_form.js";
import { lineEnds } from "../widgets/line_ends.js";
import { color, plotInk } from "../draw/theme_colors.js";
import { demandChanged } from "../widgets/lazy_panel.js";
import { sharpnessPanel } from "./sharpness.js";

const RESOLUTIONS = /** @type {[string, string][]} */ ([
  ["21", "21 × 21"],
  ["41", "41 × 41"],
  ["61", "61 × 61"],
  ["101", "101 × 101"],
]);

/** Points of a path that are worth a picture. */
const LEAST_POINTS = 5;

/**
 * What a landscape may cost unasked, and once somebody has read the estimate, in billions of multiply-adds.
 */
const [BUDGET, ANY_BUDGET] = [500, 1e6];

/** Milliseconds from one landscape's end to the next one's beginning, where it follows training. */
const AGAIN_AFTER = 600;

/** @param {RunControl} run @returns {{ element: HTMLElement, demand: () => JsonObject[] }} */
export function landscapePanel(run) {
  const asked = {
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
  let follow = false;
  /** Whether a path must be collected first. */
  let awaited = false;
  let view = "above";
  /** @type {Relief | null} */
  let relief = null;
  /** Where the pointer rests on the picture. @type {{ x: number, y: number } | null} */
  let pointer = null;
  /** @type {Frame | null} */
  let newest = null;
  /** The step that the picture is of. */
  let shownStep = -1;
  /** One; of a line two, for the training and the test set. @type {{ cancel: () => void }[]} */
  let studies = [];
  /** The losses along a line, by set. @type {Map<string, Frame>} */
  const along = new Map();
  const from = camera();

  const canvas = element("canvas", { class: "relief-canvas", role: "img", tabindex: 0 });
  const legend = element("canvas", { class: "relief-scale", "aria-hidden": "true" });
  const hint = element("p", { class: "relief-hint", "aria-live": "off" });
  const waiting = element(
    "p",
    { class: "relief-empty" },
    "The loss around the network's weights appears here: coarse at once, then finer.",
  );
  const views = segments(
    "Seen from",
    [
      ["above", "Contours"],
      ["turned", "Surface"],
    ],
    view,
    (value) => {
      view = value;
      paint();
    },
  );
  const figure = element("div", { class: "relief-figure" }, canvas, legend, waiting, views.element, hint);

  const progress = progressOf(() => studies.forEach((study) => study.cancel()));
  const anyway = element(
    "button",
    { type: "button", class: "button", hidden: true, onclick: () => ask({ budget: ANY_BUDGET }) },
    "Draw it all the same",
  );
  const known = element("div", {});
  const sharpness = sharpnessPanel(run);
  const reach = number(
    "Reach",
    { value: asked.span, min: 0.01, max: 100, step: "any" },
    (value) => ask({ span: value }),
    "How far to go, in lengths of the weights; or as a factor of what the path covers.",
  );
  const planes = choose(
    "Plane",
    [
      ["pca", "two principal directions"],
      ["to_final", "to the final point"],
      ["random", "random"],
    ],
    asked.plane,
    (value) => ask({ plane: value }),
  );
  const ends = lineEnds(run, () => begin());
  const grid = choose("Grid", RESOLUTIONS, String(asked.resolution), (value) =>
    ask({ resolution: Number(value) }),
  );
  const following = check(
    "follow training",
    follow,
    (checked) => ((follow = checked), checked && begin()),
    "Begin anew when a landscape is done and the network has moved on",
  );
  const sets = choose(
    "Loss of",
    [
      ["train", "training set"],
      ["test", "test set"],
    ],
    asked.set,
    (value) => ask({ set: value }),
  );
  const key = element(
    "p",
    { class: "plot-legend line-key" },
    element("span", { class: "key-train" }, "train"),
    element("span", { class: "key-test" }, "test"),
  );
  const another = element(
    "button",
    {
      type: "button",
      class: "button",
      title: "Other random directions",
      onclick: () => ask({ seed: asked.seed + 1 }),
    },
    "Other directions",
  );
  const side = element(
    "div",
    { class: "relief-side" },
    choose(
      "Along",
      [
        ["random", "random directions"],
        ["path", "the path's plane"],
        ["checkpoints", "between two states"],
      ],
      asked.directions,
      (value) => ask({ directions: value, dimensions: value === "checkpoints" ? 1 : 2 }),
      "Random directions are as long as the network's own filters (Li et al. 2018).",
    ).element,
    planes.element,
    ends.element,
    key,
    sets.element,
    grid.element,
    reach.element,
    element(
      "div",
      { class: "relief-actions" },
      element("button", { type: "button", class: "button primary", onclick: () => begin() }, "Look again"),
      another,
    ),
    following.element,
    element(
      "details",
      { class: "more relief-more" },
      element("summary", {}, "More"),
      number("Samples", { value: asked.samples, min: 1, max: 50000 }, (value) => ask({ samples: value }))
        .element,
      choose(
        "Lengths",
        [
          ["filter", "of each filter"],
          ["layer", "of each layer"],
          ["none", "not adjusted"],
        ],
        asked.normalize,
        (value) => ask({ normalize: value }),
      ).element,
      check(
        "take batch norm's averages anew",
        asked.recalibrate,
        (checked) => ask({ recalibrate: checked }),
        "At every point, from training samples; slow",
      ).element,
    ),
    progress.element,
    element("div", { class: "relief-actions" }, anyway),
    known,
    sharpness.element,
  );

  /** @param {Partial<typeof asked>} changed */
  function ask(changed) {
    Object.assign(asked, { budget: BUDGET }, changed);
    showOptions();
    if (changed.directions === "path") demandChanged();
    if (asked.directions !== "checkpoints" || ends.to) begin();
  }

  function showOptions() {
    planes.element.hidden = asked.directions !== "path";
    const line = asked.directions === "checkpoints";
    ends.element.hidden = key.hidden = !line;
    sets.element.hidden = grid.element.hidden = following.element.hidden = line;
    another.hidden = asked.directions !== "random";
    views.element.hidden = asked.dimensions === 1;
    if (line) void ends.fill();
  }

  /** Whether there is a path to draw; it is collected only while somebody watches. */
  function hasPath() {
    return (run.latest.get("trajectory")?.arrays.get("steps")?.data.length ?? 0) >= LEAST_POINTS;
  }

  function begin() {
    studies.forEach((study) => study.cancel());
    awaited = asked.directions === "path" && !hasPath();
    if (awaited)
      return progress.say(
        "The path is collected from now on: it is drawn when the network has moved on a little.",
      );
    if (asked.directions === "checkpoints") return beginLine();
    studies = [
      run.study(
        { kind: "landscape", ...asked },
        {
          frame: take,
          state: (state) => {
            show(state);
            if (state.state === "done") setTimeout(followOn, AGAIN_AFTER);
          },
        },
      ),
    ];
  }

  /** @param {StudyState} state */
  function show(state) {
    progress.show(state);
    const costs =
      state.state === "failed" && state.problems?.some(({ pointer }) => pointer === "/study/budget");
    anyway.hidden = !costs || asked.budget === ANY_BUDGET;
  }

  /** Both sets at once, from one state to the other. */
  function beginLine() {
    const { to, from } = ends;
    if (!to) return;
    along.clear();
    const points = Math.min(301, 4 * (asked.resolution - 1) + 1);
    studies = ["train", "test"].map((set) => {
      const document = {
        kind: "landscape",
        ...asked,
        set,
        resolution: points,
        checkpoints: [to],
        sharpness: false,
      };
      return run.study(document, { frame: (frame) => takeLine(set, frame), state: show }, from);
    });
  }

  function followOn() {
    if (!follow || !figure.isConnected || figure.clientWidth === 0) return;
    if ((run.state.status?.step ?? 0) === shownStep) setTimeout(followOn, AGAIN_AFTER);
    else begin();
  }

  /** @param {Frame} frame */
  function take(frame) {
    newest = frame;
    shownStep = Number(frame.metadata["step"] ?? 0);
    relief = reliefOf(frame, asked.directions);
    waiting.hidden = true;
    showFacts(frame);
    paint();
  }

  /** @param {string} set @param {Frame} frame */
  function takeLine(set, frame) {
    along.set(set, frame);
    newest = frame;
    waiting.hidden = true;
    /** @type {[string, string, string?][]} */
    const pairs = [];
    for (const [name, { start, end, barrier }] of [...along]
      .sort()
      .reverse()
      .map(([name, each]) => /** @type {const} */ ([name, summary(profileOf(each))]))) {
      pairs.push([`Loss at 0, ${name}`, shortNumber(start, 4)], [`Loss at 1, ${name}`, shortNumber(end, 4)]);
      pairs.push([
        `Barrier, ${name}`,
        shortNumber(barrier, 3),
        "How far the loss rises above the straight way from one end to the other",
      ]);
    }
    known.replaceChildren(facts(pairs));
    progress.say(`0 is ${ends.from ?? "the network now"}, 1 is ${ends.to}.`);
    paint();
  }

  /** @param {Frame} frame */
  function showFacts(frame) {
    const at = (/** @type {string} */ name, index = 0) => frame.arrays.get(name)?.data[index];
    /** @type {[string, string, string?][]} */
    const pairs = [
      ["Loss here", shortNumber(at("centre") ?? NaN, 4), `At step ${shownStep}, over the same samples`],
    ];
    if (at("sharpness") !== undefined) {
      pairs.push([
        "Sharpness",
        shortNumber(at("sharpness") ?? NaN),
        "The largest eigenvalue of the Hessian: how sharply the loss bends in the steepest direction",
      ]);
      pairs.push([
        "2/η",
        shortNumber(at("limit") ?? NaN),
        "Plain gradient descent with a rate of η is stable only below it",
      ]);
    }
    if (frame.arrays.has("explained")) {
      const percent = (/** @type {number | undefined} */ share) => `${Math.round(100 * (share ?? NaN))} %`;
      pairs.push([
        "Variance shown",
        `${percent(at("explained"))} + ${percent(at("explained", 1))}`,
        "Of the path, along each axis",
      ]);
      pairs.push([
        "A random walk's",
        `${percent(at("null"))} + ${percent(at("null", 1))}`,
        "What the principal plane of as many random steps would show",
      ]);
    }
    known.replaceChildren(facts(pairs));
    progress.say(`Step ${shownStep.toLocaleString("en-US")}`);
  }

  const paint = onNextFrame(() => {
    const flat = newest?.arrays.get("losses")?.shape.length === 1;
    if (!newest || (!flat && !relief)) return;
    const { theme } = run.state;
    legend.hidden = flat;
    canvas.classList.toggle("turnable", view === "turned" && !flat);
    if (flat || !relief) return paintLine();
    if (view === "turned") drawRelief3d(canvas, relief, from, theme);
    else drawRelief(canvas, relief, theme);
    drawScale(legend, relief, theme);
    sayPointed();
    canvas.setAttribute(
      "aria-label",
      `Loss landscape at step ${shownStep}, ` +
        `${view === "turned" ? "as a surface; drag or arrow keys turn it" : "as contours"}; loss here ` +
        `${shortNumber(Number(newest.arrays.get("centre")?.data[0]))}`,
    );
  });

  function paintLine() {
    const looks = {
      train: { color: color("train"), width: 1.75 },
      test: { color: color("test"), width: 1.75, dash: [5, 3] },
    };
    const profiles = /** @type {const} */ (["train", "test"]).flatMap((set) => {
      const frame = along.get(set);
      return frame ? [{ ...profileOf(frame), ...looks[set] }] : [];
    });
    drawProfiles(canvas, profiles, color("line-strong"), plotInk());
    canvas.setAttribute(
      "aria-label",
      `Loss along the line from ${ends.from ?? "now"} to ${ends.to}, of the training and of the test set`,
    );
  }

  /** @param {{ x: number, y: number } | null} place on the picture */
  function point(place) {
    pointer = place;
    sayPointed();
  }

  /** The loss that is pointed at, by the newest landscape: another is drawn under a resting pointer. */
  function sayPointed() {
    if (!pointer || asked.directions === "checkpoints") return setText(hint, "");
    if (!relief || view === "turned" || relief.y.length < 2)
      return setText(hint, view === "turned" ? "drag to turn" : "");
    const { fromX, fromY } = placesOn(canvas.clientWidth, canvas.clientHeight, relief);
    const [x, y] = [fromX(pointer.x), fromY(pointer.y)];
    const loss = lossAt(relief, x, y);
    setText(
      hint,
      Number.isNaN(loss) ? "" : `loss ${shortNumber(loss, 4)} at ${shortNumber(x)}, ${shortNumber(y)}`,
    );
  }

  turnable(canvas, from, () => view === "turned" && paint());
  canvas.addEventListener("pointermove", ({ offsetX, offsetY }) => point({ x: offsetX, y: offsetY }));
  canvas.addEventListener("pointerleave", () => point(null));
  new ResizeObserver(paint).observe(canvas);
  run.store.watch((state) => state.theme, paint);
  run.onFrame("trajectory", () => awaited && hasPath() && begin());
  // Another run, or another network, is another landscape.
  run.store.watch(
    (state) => `${state.run?.id} ${state.description?.totals.parameters}`,
    () => {
      asked.budget = BUDGET;
      if (newest && figure.clientWidth > 0) begin();
    },
  );
  showOptions();
  begin();
  return {
    element: element("div", { class: "relief-tab" }, figure, side),
    demand: () => [
      ...sharpness.demand(),
      ...(asked.directions === "path" ? [{ kind: "trajectory", hz: 4 }] : []),
    ],
  };
}

/** What a frame of the study shows. @param {Frame} frame @param {string} directions @returns {Relief} */
export function reliefOf({ arrays }, directions) {
  const data = (/** @type {string} */ name) => arrays.get(name)?.data ?? new Float32Array();
  const path = arrays.get("path");
  const centre = arrays.get("centre")?.data[0];
  const ofPath = path?.shape[1] === 2 ? [{ places: path.data, losses: data("path.losses"), dots: true }] : [];
  return {
    x: data("x"),
    y: data("y"),
    losses: data("losses"),
    paths: ofPath,
    marks: [
      { x: 0, y: 0, text: ofPath.length ? "now" : "here", ...(centre === undefined ? {} : { loss: centre }) },
    ],
    axes: directions === "path" ? ["first", "second"] : ["α", "β"],
  };
}
