/** The path of all weights through training, in the plane that shows most of it, or in others. */

/** @import { JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { Relief } from "../draw/relief.js" */
/** @import { StageView } from "../network/layout.js" */

import { element, onNextFrame, setText } from "../core/dom.js";
import { drawRelief, drawScale, placesOn } from "../draw/relief.js";
import { shortNumber } from "../core/format.js";
import { choose, facts } from "../widgets/study_form.js";
import { color } from "../draw/theme_colors.js";
import { fitCanvas } from "../draw/plot.js";

/** Shares of variance that are drawn as bars. */
const BARS = 6;

/** Room around the path, as a share of what it covers. */
const MARGIN = 0.12;

/**
 * @param {RunControl} run @param {StageView} stage @returns {{ element: HTMLElement, demand: () => JsonObject[]
 * }}
 */
export function trajectoryPanel(run, stage) {
  let plane = "pca";
  const canvas = element("canvas", { class: "relief-canvas", role: "img" });
  const legend = element("canvas", { class: "relief-scale", "aria-hidden": "true" });
  const hint = element("p", { class: "relief-hint" });
  const waiting = element(
    "p",
    { class: "relief-empty" },
    "The path of all weights appears here as training goes on. It is collected from now on: what was " +
      "before is not known.",
  );
  const figure = element("div", { class: "relief-figure" }, canvas, legend, waiting, hint);
  const bars = element("canvas", { class: "variance-bars", role: "img" });
  const known = element("div", {});
  const words = element("p", { class: "note" });
  const side = element(
    "div",
    { class: "relief-side" },
    choose(
      "Plane",
      [
        ["pca", "two principal directions"],
        ["to_final", "to where it is now"],
        ["random", "random"],
      ],
      plane,
      (value) => ((plane = value), paint()),
      "The plane goes through where the network is now.",
    ).element,
    known,
    element(
      "section",
      {},
      element(
        "h3",
        { class: "caption" },
        "Variance explained",
        element("span", { class: "key-null" }, "random walk"),
      ),
      bars,
    ),
    words,
    element(
      "div",
      { class: "relief-actions" },
      element(
        "button",
        {
          type: "button",
          class: "button",
          title: "The loss in this plane, with the path on it: choose “the path's plane” there",
          onclick: () => stage.inspect(run.state.selected ?? "", run.state.unit, "landscape", true),
        },
        "Landscape …",
      ),
    ),
  );
  /** @type {Relief | null} */
  let relief = null;
  /** Where the pointer rests on the path's picture. @type {{ x: number, y: number } | null} */
  let pointer = null;
  const paint = onNextFrame(() => {
    const arrays = run.latest.get("trajectory")?.arrays;
    const path = arrays?.get(`${plane}/path`)?.data;
    if (!arrays || !path) return;
    const data = (/** @type {string} */ name) => arrays.get(name)?.data ?? new Float32Array();
    const steps = data("steps");
    waiting.hidden = steps.length >= 3;
    if (steps.length < 3) return;
    relief = {
      ...extentOf(path),
      losses: [],
      paths: [{ places: path, losses: data("losses"), dots: true }],
      axes: plane === "random" ? ["random", "random"] : ["first", "second"],
    };
    drawRelief(canvas, relief, run.state.theme);
    drawScale(legend, relief, run.state.theme);
    const [explained, distance] = [data(`${plane}/explained`), data(`${plane}/distance`)];
    const farthest = Math.max(...Array.from(distance));
    const across = Math.max(...Array.from(path, Math.abs));
    known.replaceChildren(
      facts([
        [
          "Shown here",
          `${percent(explained[0])} + ${percent(explained[1])}`,
          "Share of the path's variance along each axis",
        ],
        [
          "Out of the plane",
          `at most ${shortNumber(farthest)}`,
          `The path reaches ${shortNumber(across)} within it`,
        ],
        ["Loss now", shortNumber(data("losses").at(-1) ?? NaN, 4)],
        ["Points", `${steps.length}, from step ${(steps[0] ?? 0).toLocaleString("en-US")}`],
      ]),
    );
    drawBars(bars, data("spectrum"), data("null"));
    bars.setAttribute(
      "aria-label",
      `The first two principal directions explain ${percent(data("spectrum")[0])} and ` +
        `${percent(data("spectrum")[1])}; a random walk's would ${percent(data("null")[0])} and ` +
        `${percent(data("null")[1])}`,
    );
    const error = data("error")[0] ?? 0;
    const sketched =
      error > 0
        ? " So large a network leaves sketches of its points, not the points: squared lengths are " +
          `right to about ${percent(error)}, and only the random plane can have its landscape drawn.`
        : "";
    setText(
      words,
      "Any long path looks like this from its own principal plane: compare with the grey bars. " +
        `Colours are the true loss of each point, not the loss in the plane.${sketched}`,
    );
    sayPointed();
    canvas.setAttribute(
      "aria-label",
      `The path of the weights over ${steps.length} points, from step ${steps[0]} to ${steps.at(-1)}`,
    );
  });
  /**
   * The point of the path that is pointed at, by the newest frame: the path grows under a resting pointer.
   */
  function sayPointed() {
    const arrays = run.latest.get("trajectory")?.arrays;
    if (!relief || !arrays || !pointer) return setText(hint, "");
    const { toX, toY } = placesOn(canvas.clientWidth, canvas.clientHeight, relief);
    const places = relief.paths[0]?.places ?? [];
    let [best, least] = [-1, 144];
    for (let index = 0; 2 * index < places.length; index++) {
      const far =
        (toX(places[2 * index] ?? 0) - pointer.x) ** 2 + (toY(places[2 * index + 1] ?? 0) - pointer.y) ** 2;
      if (far < least) [best, least] = [index, far];
    }
    const at = (/** @type {string} */ name) => arrays.get(name)?.data[best] ?? NaN;
    setText(
      hint,
      best < 0
        ? ""
        : `step ${at("steps").toLocaleString("en-US")}: loss ${shortNumber(at("losses"), 4)}, ` +
            `${shortNumber(at(`${plane}/distance`))} out of the plane`,
    );
  }
  /** @param {{ x: number, y: number } | null} place */
  const point = (place) => ((pointer = place), sayPointed());
  canvas.addEventListener("pointermove", ({ offsetX, offsetY }) => point({ x: offsetX, y: offsetY }));
  canvas.addEventListener("pointerleave", () => point(null));
  run.onFrame("trajectory", paint);
  run.store.watch((state) => state.theme, paint);
  for (const each of [canvas, bars]) new ResizeObserver(paint).observe(each);
  return {
    element: element("div", { class: "relief-tab" }, figure, side),
    demand: () => [{ kind: "trajectory", hz: 4 }],
  };
}

/** @param {number | undefined} share */
function percent(share) {
  return share === undefined || Number.isNaN(share)
    ? "–"
    : `${(100 * share).toFixed(share < 0.095 ? 1 : 0)} %`;
}

/** Axes that hold a path with some room. @param {ArrayLike<number>} path */
function extentOf(path) {
  const sides = [0, 1].map((side) => {
    const values = Array.from({ length: path.length / 2 }, (_, index) => path[2 * index + side] ?? 0);
    return [Math.min(...values), Math.max(...values)];
  });
  const widest = Math.max(...sides.map(([low = 0, high = 0]) => high - low), 1e-9);
  const [x, y] = sides.map(([low = 0, high = 0]) => {
    const [middle, half] = [(low + high) / 2, Math.max((high - low) / 2, 0.05 * widest) * (1 + 2 * MARGIN)];
    return [middle - half, middle + half];
  });
  return { x: x ?? [0, 1], y: y ?? [0, 1] };
}

/**
 * Shares of variance of the principal directions, each beside a random walk's. @param {HTMLCanvasElement}
 * canvas @param {ArrayLike<number>} own @param {ArrayLike<number>} chance
 */
function drawBars(canvas, own, chance) {
  const context = canvas.getContext("2d");
  if (!context || canvas.clientWidth < 40) return;
  const { width, height } = fitCanvas(canvas, context);
  context.clearRect(0, 0, width, height);
  const room = width / BARS;
  const tall = height - 16;
  context.font = `11px ${color("font")}`;
  context.textAlign = "center";
  for (let index = 0; index < BARS; index++) {
    const left = index * room;
    for (const [share, style, at] of /** @type {[number, string, number][]} */ ([
      [own[index] ?? 0, color("accent"), 0.12],
      [chance[index] ?? 0, color("line-strong"), 0.5],
    ])) {
      context.fillStyle = style;
      context.fillRect(left + at * room, tall * (1 - share), 0.36 * room, Math.max(1, tall * share));
    }
    context.fillStyle = color("ink-3");
    context.fillText(String(index + 1), left + room / 2, height - 3);
  }
}
