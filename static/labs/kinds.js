/**
 * The lab of the three kinds of gradient descent: the same points, the same start, the gradient of all, some,
 * or one.
 */

/** @import { Frame, JsonObject } from "../types.d.ts" */
/** @import { Relief } from "../draw/relief.js" */

import { category } from "../draw/colors.js";
import { drawPlot, fitCanvas } from "../draw/plot.js";
import { drawRelief, placesOn } from "../draw/relief.js";
import { extent, scaleFor, ticks } from "../draw/ticks.js";
import { element, onNextFrame, setText } from "../core/dom.js";
import { shortNumber } from "../core/format.js";
import { number, progressOf, segments } from "../widgets/study_form.js";
import { color, plotInk } from "../draw/theme_colors.js";
import { openLab } from "./lab.js";

const KINDS = /** @type {const} */ (["batch", "mini_batch", "stochastic"]);
const NAMES = { batch: "Batch", mini_batch: "Mini-batch", stochastic: "Stochastic" };
const COLORS = { batch: category(1), mini_batch: category(2), stochastic: category(0) };

/** Milliseconds in which the epochs pass by when a result is new. */
const SHOWN_IN = 5000;

const lab = openLab();
const still = matchMedia("(prefers-reduced-motion: reduce)");

/** @typedef {[number, number]} Pair */

/** Points about y = 1.5 x − 0.5. @returns {Pair[]} */
function somePoints() {
  let state = 7;
  const random = () => (state = (state * 16807) % 2147483647) / 2147483647;
  const normal = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  return Array.from({ length: 40 }, (_, index) => {
    const x = -2 + (4 * index) / 39;
    return /** @type {Pair} */ ([Number(x.toFixed(2)), Number((1.5 * x - 0.5 + 0.6 * normal()).toFixed(2))]);
  });
}

const settings = {
  points: somePoints(),
  start: /** @type {Pair} */ ([-2.5, 3]),
  learning_rate: 0.05,
  decay: 0,
  batch_size: 8,
  epochs: 20,
  seed: 0,
  ...lab.remembered(),
};
let by = "epochs";
/** How much of the path is shown, in epochs. */
let shown = Infinity;
/** @type {Frame | null} */
let newest = null;
let animating = 0;

// The page ------------------------------------------------------------------------------------------------

const scatter = element("canvas", {
  class: "kinds-points",
  tabindex: 0,
  role: "img",
  "aria-label": "The points and the lines fitted to them",
});
const map = element("canvas", {
  class: "kinds-map",
  tabindex: 0,
  role: "application",
  "aria-label": "The loss over slope and intercept; arrow keys move the start",
});
const curve = element("canvas", {
  class: "kinds-curve plot",
  role: "img",
  "aria-label": "Loss of the three kinds",
});
const noise = element("canvas", {
  class: "kinds-curve plot",
  role: "img",
  "aria-label": "Noise of the gradient of the three kinds",
});
const table = element("table", { class: "kinds-table" });
const time = element("input", {
  type: "range",
  min: 0,
  max: 1,
  step: "any",
  value: 1,
  "aria-label": "Epochs shown",
});
const passed = element("output", { class: "kinds-epoch" });
const progress = progressOf(() => lab.cancel());
const again = element("button", { type: "button", class: "button", onclick: () => play() }, "Play again");

const rate = number("Rate η", { value: settings.learning_rate, min: 0.0001, max: 10, step: "any" }, (value) =>
  set({ learning_rate: value }),
);
lab.root.append(
  element(
    "div",
    { class: "kinds" },
    element(
      "section",
      { class: "kinds-side" },
      element("h2", { class: "caption" }, "Points"),
      scatter,
      element(
        "p",
        { class: "note" },
        "Click to add a point, click one to remove it. The lines are where each kind is now.",
      ),
      rate.element,
      number(
        "Decay",
        { value: settings.decay, min: 0, max: 10, step: "any" },
        (value) => set({ decay: value }),
        "η / (1 + decay · epoch): without it, noise never settles",
      ).element,
      number("Mini-batch", { value: settings.batch_size, min: 1, max: 2000 }, (value) =>
        set({ batch_size: value }),
      ).element,
      number("Epochs", { value: settings.epochs, min: 1, max: 500 }, (value) => set({ epochs: value }))
        .element,
      element(
        "div",
        { class: "relief-actions" },
        element(
          "button",
          { type: "button", class: "button", onclick: () => set({ seed: settings.seed + 1 }) },
          "Another order",
        ),
        element(
          "button",
          { type: "button", class: "button", onclick: () => set({ points: somePoints() }) },
          "First points",
        ),
      ),
      progress.element,
    ),
    element(
      "section",
      { class: "kinds-middle" },
      element("h2", { class: "caption" }, "f(m, b) = 1/N Σ (y − (mx + b))²", legend()),
      map,
      element("div", { class: "kinds-time" }, again, time, passed),
      element(
        "p",
        { class: "note" },
        "Drag the start. Batch descent follows the slope of the whole surface; one sample knows only " +
          "a valley of its own.",
      ),
    ),
    element(
      "section",
      { class: "kinds-side" },
      element(
        "h2",
        { class: "caption" },
        "Loss of all points",
        segments(
          "Against",
          [
            ["epochs", "epochs"],
            ["updates", "updates"],
          ],
          by,
          (value) => ((by = value), paint()),
        ).element,
      ),
      curve,
      element("h2", { class: "caption" }, "Noise: distance of each gradient from the mean one"),
      noise,
      table,
    ),
  ),
);

function legend() {
  return element(
    "span",
    { class: "kinds-legend" },
    ...KINDS.map((kind) => {
      const key = element("span", {}, NAMES[kind]);
      key.style.setProperty("--lane", COLORS[kind]);
      return key;
    }),
  );
}

// Asking --------------------------------------------------------------------------------------------------

/** @param {Partial<typeof settings>} changed */
function set(changed) {
  Object.assign(settings, changed);
  lab.remember(/** @type {JsonObject} */ (/** @type {unknown} */ (settings)));
  ask(true);
}

/** @param {boolean} anew whether to show it from the beginning */
function ask(anew) {
  lab.latest(
    { kind: "descent_kinds", .../** @type {JsonObject} */ (/** @type {unknown} */ (settings)) },
    {
      frame: (frame) => {
        const first = newest === null;
        newest = frame;
        if (anew && (frame.metadata["done"] === undefined || Number(frame.metadata["done"]) === 1)) play();
        else if (first || shown === Infinity) paint();
        else paint();
      },
      state: (state) => progress.show(state),
    },
  );
}

/** Let the epochs pass by. */
function play() {
  cancelAnimationFrame(animating);
  if (still.matches) {
    shown = settings.epochs;
    return paint();
  }
  const begun = performance.now();
  const tick = () => {
    shown = Math.min(settings.epochs, (settings.epochs * (performance.now() - begun)) / SHOWN_IN);
    paint();
    if (shown < settings.epochs) animating = requestAnimationFrame(tick);
  };
  tick();
}

time.addEventListener("input", () => {
  cancelAnimationFrame(animating);
  shown = settings.epochs * Number(time.value);
  paint();
});

// Painting ------------------------------------------------------------------------------------------------

/** @param {string} name @returns {ArrayLike<number>} */
function data(name) {
  return newest?.arrays.get(name)?.data ?? [];
}

/** How many places of a kind are shown. @param {string} kind */
function placesShown(kind) {
  const epochs = data(`${kind}/epochs`);
  let count = 1;
  while (count < epochs.length && (epochs[count] ?? 0) <= shown + 1e-6) count++;
  return Math.min(count, epochs.length);
}

/** @returns {Relief | null} */
function relief() {
  if (!newest) return null;
  const paths = [...KINDS].reverse().map((kind) => {
    const count = placesShown(kind);
    return {
      places: Array.from(data(`${kind}/path`)).slice(0, 2 * count),
      losses: Array.from(data(`${kind}/losses`)).slice(0, count),
      color: COLORS[kind],
    };
  });
  const best = data("best");
  return {
    x: data("m"),
    y: data("b"),
    losses: data("surface"),
    paths,
    marks: [{ x: best[0] ?? 0, y: best[1] ?? 0, text: "least squares" }],
    axes: ["slope m", "intercept b"],
  };
}

const paint = onNextFrame(() => {
  const picture = relief();
  if (!picture) return;
  drawRelief(map, picture, lab.theme);
  drawScatter();
  const end = Math.min(settings.epochs, shown);
  time.value = String(end / settings.epochs);
  setText(passed, `epoch ${end.toFixed(1)}`);
  drawCurve(curve, "losses", true);
  drawCurve(noise, "noise", false);
  fillTable();
});

/** @param {HTMLCanvasElement} canvas @param {"losses" | "noise"} name @param {boolean} log */
function drawCurve(canvas, name, log) {
  const lines = [...KINDS].reverse().map((kind) => {
    const count = placesShown(kind) - (name === "noise" ? 1 : 0);
    const x = Float64Array.from(data(`${kind}/${by}`)).subarray(0, count);
    return {
      x,
      y: Float64Array.from(data(`${kind}/${name}`)).subarray(0, count),
      color: COLORS[kind],
      width: kind === "stochastic" ? 1 : 1.75,
    };
  });
  const end =
    by === "epochs"
      ? settings.epochs
      : Math.max(...KINDS.map((kind) => Array.from(data(`${kind}/updates`)).at(-1) ?? 1));
  const all = KINDS.map((kind) => Float64Array.from(data(`${kind}/${name}`)));
  drawPlot(
    canvas,
    {
      lines,
      x: { low: 0, high: Math.max(1, end), log: false },
      y: scaleFor(extent(all, log), log, true),
      cursor: null,
      xLabel: by === "epochs" ? "epoch" : "update",
    },
    plotInk(),
  );
}

function fillTable() {
  const rows = /** @type {[string, (index: number, kind: string) => string][]} */ ([
    ["Updates an epoch", (index) => String(data("per_epoch")[index] ?? "")],
    [
      "Loss in the end",
      (index, kind) =>
        data("diverged")[index]
          ? "diverged"
          : shortNumber(Array.from(data(`${kind}/losses`)).at(-1) ?? NaN, 4),
    ],
    [
      "Mean noise",
      (index) => ((data("spread")[index] ?? NaN) < 1e-9 ? "0" : shortNumber(data("spread")[index] ?? NaN)),
    ],
    ["Time of updating", (index) => `${shortNumber(1000 * (data("seconds")[index] ?? NaN))} ms`],
    [
      "Time of an update",
      (index) => {
        const updates = Math.max(1, settings.epochs * (data("per_epoch")[index] ?? 1));
        return `${shortNumber((1e6 * (data("seconds")[index] ?? NaN)) / updates)} µs`;
      },
    ],
  ]);
  table.replaceChildren(
    element(
      "thead",
      {},
      element(
        "tr",
        {},
        element("td", {}),
        ...KINDS.map((kind) => element("th", { scope: "col" }, NAMES[kind])),
      ),
    ),
    element(
      "tbody",
      {},
      ...rows.map(([name, value]) =>
        element(
          "tr",
          {},
          element("th", { scope: "row" }, name),
          ...KINDS.map((kind, index) => element("td", {}, value(index, kind))),
        ),
      ),
    ),
  );
}

/** @param {ArrayLike<Pair>} points */
function bounds(points) {
  const [xs, ys] = [Array.from(points, ([x]) => x), Array.from(points, ([, y]) => y)];
  const side = (/** @type {number[]} */ values) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const room = Math.max(0.5, 0.12 * (high - low));
    return [low - room, high + room];
  };
  return { x: side(xs), y: side(ys) };
}

function drawScatter() {
  const context = scatter.getContext("2d");
  if (!context || scatter.clientWidth < 40) return;
  const { width, height } = fitCanvas(scatter, context);
  context.clearRect(0, 0, width, height);
  const view = bounds(settings.points);
  const { box, toX, toY } = placesOn(width, height, view);
  context.fillStyle = color("ink-3");
  context.strokeStyle = color("line");
  context.font = `11px ${color("font")}`;
  context.strokeRect(box.left + 0.5, box.top + 0.5, box.width - 1, box.height - 1);
  context.textAlign = "center";
  for (const { value, text } of ticks({ low: view.x[0] ?? 0, high: view.x[1] ?? 1, log: false }, 4))
    context.fillText(text, toX(value), box.top + box.height + 15);
  context.textAlign = "right";
  for (const { value, text } of ticks({ low: view.y[0] ?? 0, high: view.y[1] ?? 1, log: false }, 4))
    context.fillText(text, box.left - 6, toY(value) + 4);
  context.save();
  context.beginPath();
  context.rect(box.left, box.top, box.width, box.height);
  context.clip();
  for (const kind of [...KINDS].reverse()) {
    const path = data(`${kind}/path`);
    const last = 2 * (placesShown(kind) - 1);
    const [m, b] = [path[last] ?? NaN, path[last + 1] ?? NaN];
    context.strokeStyle = COLORS[kind];
    context.lineWidth = 2;
    context.beginPath();
    for (const x of view.x) context.lineTo(toX(x), toY(m * x + b));
    context.stroke();
  }
  context.fillStyle = color("ink-2");
  context.strokeStyle = color("paper");
  context.lineWidth = 1;
  for (const [x, y] of settings.points) {
    context.beginPath();
    context.arc(toX(x), toY(y), 4, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }
  context.restore();
}

// Hands ---------------------------------------------------------------------------------------------------

scatter.addEventListener("click", (event) => {
  const { toX, toY, fromX, fromY } = placesOn(
    scatter.clientWidth,
    scatter.clientHeight,
    bounds(settings.points),
  );
  const near = settings.points.findIndex(
    ([x, y]) => Math.hypot(toX(x) - event.offsetX, toY(y) - event.offsetY) < 8,
  );
  const points =
    near >= 0
      ? settings.points.filter((_, index) => index !== near)
      : [
          ...settings.points,
          /** @type {Pair} */ ([
            Number(fromX(event.offsetX).toFixed(2)),
            Number(fromY(event.offsetY).toFixed(2)),
          ]),
        ];
  if (new Set(points.map(([x]) => x)).size < 2)
    return lab.notify("Two points at two places are the least", "error");
  set({ points });
});

let dragging = false;
/** @param {PointerEvent} event @param {boolean} done */
function dragStart(event, done) {
  const picture = relief();
  if (!picture) return;
  const { fromX, fromY } = placesOn(map.clientWidth, map.clientHeight, picture);
  const start = /** @type {Pair} */ ([
    Number(fromX(event.offsetX).toFixed(3)),
    Number(fromY(event.offsetY).toFixed(3)),
  ]);
  Object.assign(settings, { start });
  shown = Infinity;
  cancelAnimationFrame(animating);
  if (done) set({ start });
  else ask(false);
}
map.addEventListener("pointerdown", (event) => {
  dragging = true;
  map.setPointerCapture(event.pointerId);
  dragStart(event, false);
});
map.addEventListener("pointermove", (event) => dragging && dragStart(event, false));
map.addEventListener("pointerup", (event) => {
  if (dragging) dragStart(event, true);
  dragging = false;
});
map.addEventListener("keydown", (event) => {
  const step = /** @type {Record<string, Pair>} */ ({
    ArrowLeft: [-0.2, 0],
    ArrowRight: [0.2, 0],
    ArrowUp: [0, 0.2],
    ArrowDown: [0, -0.2],
  })[event.key];
  if (!step) return;
  event.preventDefault();
  set({
    start: [
      Number((settings.start[0] + step[0]).toFixed(3)),
      Number((settings.start[1] + step[1]).toFixed(3)),
    ],
  });
});

for (const canvas of [scatter, map, curve, noise]) new ResizeObserver(paint).observe(canvas);
lab.onTheme(paint);
ask(true);
