/** The lab of convolution: a filter slides over a picture, and every number can be looked at. */

/** @import { Frame, Json, JsonObject, Located, Schema } from "../types.d.ts" */
/** @import { Context } from "../form/field.js" */
/** @import { Sizes } from "./convolution/numbers.js" */

import { getStudySchema } from "../core/api.js";
import { element, icon, setIcon, setText } from "../core/dom.js";
import { clearProblems, groupControl, showProblems } from "../form/form.js";
import { shortNumber, wholeNumber } from "../core/format.js";
import { isEqual, withValue } from "../core/json.js";
import { Arithmetic } from "./convolution/arithmetic.js";
import { CostCard, numbers, PoolCard, ShiftCard, SizeCard, UseCard } from "./convolution/cards.js";
import { KernelTable } from "./convolution/kernel.js";
import {
  extremes,
  flipped,
  outputAt,
  productsAt,
  resizedKernel,
  resizedPicture,
  sizesOf,
  stroke,
} from "./convolution/numbers.js";
import { Picture, scaleOf } from "./convolution/picture.js";
import { TimingCard } from "./convolution/timing.js";
import { openLab } from "./lab.js";

/**
 * @typedef {object} Settings the study's options
 * @property {string} picture @property {number} size @property {number} digit @property {number[] | null}
 * values
 * @property {string} filter @property {number} side @property {number[] | null} weights @property {string}
 * mode
 * @property {string} padding @property {number} border @property {number} stride @property {number} dilation
 * @property {string} pooling @property {number} window @property {number | null} window_stride
 * @property {[number, number]} shift
 */

/**
 * @typedef {{ frame: Frame, sizes: Sizes, input: ArrayLike<number>, kernel: ArrayLike<number>, output:
 * ArrayLike<number>, settings: Settings }} Result
 */

const lab = openLab();
const still = matchMedia("(prefers-reduced-motion: reduce)");
const schema = await getStudySchema("convolution");

/** Filters that are 3×3 whatever the side. */
const FIXED = new Set(["sharpen", "sobel_x", "sobel_y", "emboss"]);

/** Places a second when the filter slides by itself: the whole picture in about this many seconds. */
const PASS = 14;

const PARTS = {
  Picture: ["picture", "digit", "size"],
  Filter: ["filter", "side", "mode"],
  "Steps and borders": ["padding", "border", "stride", "dilation"],
  Pooling: ["pooling", "window", "window_stride"],
};

// What is set ---------------------------------------------------------------------------------------------

/** @returns {Settings} */
function fresh() {
  const options = Object.entries(schema.properties ?? {}).filter(([name]) => name !== "kind");
  return /** @type {Settings} */ (
    /** @type {unknown} */ (Object.fromEntries(options.map(([name, each]) => [name, each.default ?? null])))
  );
}

/** @type {Settings} */
let settings = { ...fresh(), .../** @type {Partial<Settings>} */ (lab.remembered() ?? {}) };
/** @type {Result | null} */
let result = null;
let place = { row: 0, column: 0 };
let pinned = false;
/** The last place that is shown of the output, while the filter slides by itself. @type {number | null} */
let sliding = null;
let clock = 0;
/** Where the hand drew last. @type {[number, number] | null} */
let pen = null;

// The page ------------------------------------------------------------------------------------------------

/** @type {Context} */
const context = {
  root: schema,
  change: (pointer, value) => change(pointer, value),
  item: () => undefined,
  fields: new Map(),
};

const forms = Object.entries(PARTS).map(([title, names]) => ({
  title,
  form: groupControl(context, "", /** @type {Schema} */ (schema), (name) => names.includes(name)),
}));
const input = new Picture("The picture. Arrow keys move the filter.", (row, column, how, event) =>
  touch(row, column, how, event),
);
const output = new Picture("The output. Arrow keys move the filter.", (row, column, how) =>
  look(row, column, how),
);
const pooledPicture = new Picture("The pooled map");
const kernelTable = new KernelTable((values, side) => own(values, side));
const arithmetic = new Arithmetic();
const size = new SizeCard();
const cost = new CostCard();
const use = new UseCard();
const shift = new ShiftCard((down, right) => move(down, right));
const pool = new PoolCard();
const timing = new TimingCard(lab);

const captions = {
  input: element("figcaption", {}),
  output: element("figcaption", {}),
  pooled: element("figcaption", {}),
};
const flip = element("p", { class: "note kernel-note" });
const refusal = element("p", { class: "refusal", role: "alert", hidden: true });
const playText = element("span", {}, "Slide");
const playIcon = icon("play");
const play = element(
  "button",
  { type: "button", class: "button primary", onclick: () => (sliding === null ? slide() : stop()) },
  playIcon,
  playText,
);
const drawing = element(
  "div",
  { class: "drawing", hidden: true },
  element("p", { class: "note" }, "Draw on the picture; with Shift, rub out."),
  element(
    "button",
    {
      type: "button",
      class: "button",
      onclick: () => set({ values: new Array(settings.size ** 2).fill(0) }),
    },
    "Clear",
  ),
);

lab.root.append(
  element(
    "div",
    { class: "convolution" },
    element(
      "div",
      { class: "convolution-setup" },
      ...forms.map(({ title, form }, index) =>
        element(
          "section",
          { class: "lab-card" },
          element("h2", { class: "caption" }, title),
          form.element,
          index === 0 && drawing,
        ),
      ),
    ),
    element(
      "div",
      { class: "convolution-stage" },
      element(
        "div",
        { class: "equation" },
        element("figure", { class: "operand" }, input.canvas, captions.input),
        element("span", { class: "sign", "aria-hidden": "true" }, "∗"),
        element("figure", { class: "operand kernel" }, kernelTable.element, flip),
        element("span", { class: "sign", "aria-hidden": "true" }, "="),
        element("figure", { class: "operand" }, output.canvas, captions.output),
        element("span", { class: "sign", "aria-hidden": "true" }, "→"),
        element("figure", { class: "operand pooled" }, pooledPicture.canvas, captions.pooled),
      ),
      refusal,
      element(
        "div",
        { class: "stage-foot" },
        play,
        element(
          "p",
          { class: "note" },
          "Move over either picture, or use the arrow keys; a click holds the place. Numbers of the " +
            "filter can be typed over.",
        ),
      ),
      arithmetic.element,
    ),
  ),
  element(
    "div",
    { class: "cards" },
    size.element,
    cost.element,
    use.element,
    shift.element,
    pool.element,
    timing.element,
  ),
);
input.keys(() => place);
output.keys(() => place);
lab.onTheme(() => paint());

// Changes -------------------------------------------------------------------------------------------------

/** @param {string} pointer @param {Json} value */
function change(pointer, value) {
  const name = pointer.slice(1);
  const after = /** @type {Settings} */ (withValue(/** @type {any} */ (settings), pointer, value));
  if (name === "filter" && value === "own") Object.assign(after, written());
  if (name === "side" && settings.filter === "own" && settings.weights)
    after.weights = resizedKernel(settings.weights, settings.side, after.side);
  if (name === "side" && FIXED.has(settings.filter)) return;
  if (name === "picture" && value === "drawn")
    after.values = result
      ? Array.from(result.input, (each) => Number(each.toFixed(2)))
      : new Array(settings.size ** 2).fill(0);
  if (name === "size" && settings.picture === "drawn" && settings.values)
    after.values = resizedPicture(settings.values, settings.size, after.size);
  if (name === "picture" && value !== "drawn") after.values = null;
  if (name === "filter" && value !== "own") after.weights = null;
  set(after);
}

/** The filter as it is written now: turned back where it was flipped. */
function written() {
  if (!result) return { side: 3, weights: [0, 0, 0, 0, 1, 0, 0, 0, 0] };
  const applied = Array.from(result.kernel, (each) => Number(each.toPrecision(6)));
  return {
    side: result.sizes.kernel,
    weights: result.settings.mode === "convolution" ? flipped(applied) : applied,
  };
}

/** @param {number[]} values @param {number} side */
function own(values, side) {
  set({ filter: "own", side, weights: values });
}

/** @param {number} down @param {number} right */
function move(down, right) {
  const bounded = (/** @type {number} */ by) => Math.min(32, Math.max(-32, by));
  const [before, beside] = settings.shift;
  set({ shift: down === 0 && right === 0 ? [0, 0] : [bounded(before + down), bounded(beside + right)] });
}

/** @param {Partial<Settings>} part */
function set(part) {
  settings = { ...settings, ...part };
  stop();
  refresh();
  study();
}

function refresh() {
  for (const { form } of forms) form.update(/** @type {any} */ (settings));
  /** @type {[string, boolean][]} */
  const wanted = [
    ["digit", settings.picture === "digit"],
    ["side", !FIXED.has(settings.filter)],
    ["border", settings.padding === "number"],
  ];
  for (const [name, shown] of wanted) {
    const row = lab.root.querySelector(`[data-pointer="/${name}"]`);
    if (row instanceof HTMLElement) row.hidden = !shown;
  }
  drawing.hidden = settings.picture !== "drawn";
  input.canvas.classList.toggle("drawable", settings.picture === "drawn");
  lab.remember(/** @type {any} */ (settings));
}

// The study -----------------------------------------------------------------------------------------------

function study() {
  const asked = settings;
  lab.latest(/** @type {any} */ ({ kind: "convolution", ...asked }), {
    frame: (frame) => {
      clearProblems(context.fields);
      refusal.hidden = true;
      document.body.removeAttribute("data-refused");
      take(frame, asked);
    },
    state: ({ state, detail, problems }) => {
      if (state === "failed") refuse(problems ?? [], detail ?? "this cannot be done");
    },
  });
}

/** @param {Located[]} problems @param {string} detail */
function refuse(problems, detail) {
  const homeless = showProblems(
    context.fields,
    problems.map(({ pointer, message }) => ({ pointer: pointer.replace(/^\/study/, ""), message })),
  );
  const said = problems.length === 0 ? detail : (homeless[0]?.message ?? "");
  refusal.hidden = said === "";
  setText(refusal, said);
  document.body.setAttribute("data-refused", "");
}

/** @param {Frame} frame @param {Settings} asked */
function take(frame, asked) {
  const sizes = sizesOf(numbers(frame, "sizes"));
  const before = result?.sizes.output;
  result = {
    frame,
    sizes,
    input: numbers(frame, "input"),
    kernel: numbers(frame, "kernel"),
    output: numbers(frame, "output"),
    settings: asked,
  };
  if (before !== sizes.output && !pinned)
    place = { row: Math.floor(sizes.output / 2), column: Math.floor(sizes.output / 2) };
  place = { row: Math.min(place.row, sizes.output - 1), column: Math.min(place.column, sizes.output - 1) };
  paint();
}

// Looking -------------------------------------------------------------------------------------------------

/** A place of the output. @param {number} row @param {number} column @param {string} how */
function look(row, column, how) {
  if (how === "hover" && (pinned || sliding !== null)) return;
  if (how === "press") pinned = !pinned || row !== place.row || column !== place.column;
  if (how !== "hover") stop();
  place = { row, column };
  paintPlace();
}

/**
 * A pixel of the picture: drawn on, or looked at. @param {number} row @param {number} column @param {string}
 * how @param {PointerEvent | KeyboardEvent} event
 */
function touch(row, column, how, event) {
  if (!result) return;
  if (settings.picture === "drawn" && (how === "press" || how === "drag") && settings.values) {
    const value = event.shiftKey ? 0 : 1;
    const drawn = [...settings.values];
    for (const [y, x] of stroke(how === "drag" && pen ? pen : [row, column], [row, column]))
      drawn[y * settings.size + x] = value;
    pen = [row, column];
    if (!isEqual(drawn, settings.values)) set({ values: drawn });
    return;
  }
  if (how === "key")
    look(Math.min(row, result.sizes.output - 1), Math.min(column, result.sizes.output - 1), how);
  else look(outputAt(result.sizes, row), outputAt(result.sizes, column), how === "drag" ? "hover" : how);
}

/** Let the filter slide over the picture, from the first place to the last. */
function slide() {
  if (!result) return;
  const places = result.sizes.output ** 2;
  sliding = 0;
  setText(playText, "Stop");
  setIcon(playIcon, "stop");
  pinned = false;
  const start = performance.now();
  const pace = Math.max(places / PASS, 6);
  const next = () => {
    if (sliding === null || !result) return;
    sliding = Math.min(places - 1, Math.floor(((performance.now() - start) / 1000) * pace));
    place = { row: Math.floor(sliding / result.sizes.output), column: sliding % result.sizes.output };
    paintPlace();
    if (sliding >= places - 1) stop();
    else if (still.matches) clock = window.setTimeout(next, 250);
    else clock = requestAnimationFrame(next);
  };
  next();
}

function stop() {
  if (sliding === null) return;
  cancelAnimationFrame(clock);
  clearTimeout(clock);
  sliding = null;
  setText(playText, "Slide");
  setIcon(playIcon, "play");
  paintPlace();
}

// Painting ------------------------------------------------------------------------------------------------

function paint() {
  if (!result) return;
  const { frame, sizes, kernel, settings: shown } = result;
  const values = Array.from(kernel);
  kernelTable.show(shown.mode === "convolution" ? flipped(values) : values, sizes.kernel);
  setText(
    flip,
    shown.mode === "convolution"
      ? "Convolution: turned half around before it slides, as mathematics writes it."
      : "Cross-correlation: slides as it stands. Layers do this and call it convolution; what is learned is the same.",
  );
  const total = values.reduce((sum, value) => sum + value, 0);
  kernelTable.element.setAttribute(
    "aria-label",
    `Filter, ${sizes.kernel} by ${sizes.kernel}, its numbers add up to ${shortNumber(total)}`,
  );
  setText(
    captions.input,
    `${sizes.input}×${sizes.input}${sizes.padding > 0 ? `, ${sizes.padding} zeros around` : ""}`,
  );
  const { low, high } = extremes(result.output);
  setText(
    captions.output,
    `${sizes.output}×${sizes.output}, from ${shortNumber(low)} to ` +
      `${shortNumber(high)}${scaleOf(result.output) === "diverging" ? ": orange below zero, blue above" : ""}`,
  );
  setText(captions.pooled, `${shown.pooling} pooling, ${sizes.pooled}×${sizes.pooled}`);
  size.show(frame, sizes);
  cost.show(frame, sizes);
  use.show(frame, sizes, lab.theme);
  shift.show(frame, sizes, shown.shift, lab.theme);
  pool.show(frame, sizes, lab.theme);
  timing.paint();
  paintPlace();
}

/** What follows the place that is looked at. */
function paintPlace() {
  if (!result) return;
  const { frame, sizes, input: pixels, kernel, output: sums } = result;
  const { row, column } = place;
  const reach = sizes.dilation * (sizes.kernel - 1) + 1;
  const window_ = {
    row: row * sizes.stride - sizes.padding,
    column: column * sizes.stride - sizes.padding,
    size: reach,
    step: sizes.dilation,
  };
  const top = Math.max(1, extremes(pixels).high);
  input.show({ values: pixels, side: sizes.input, padding: sizes.padding, box: window_, top }, lab.theme);
  output.show({ values: sums, side: sizes.output, box: { row, column, size: 1 }, until: sliding }, lab.theme);
  const pooled = numbers(frame, "pooled");
  const within = (/** @type {number} */ at) => Math.min(sizes.pooled - 1, Math.floor(at / sizes.step));
  pooledPicture.show(
    {
      values: pooled,
      side: sizes.pooled,
      scale: scaleOf(sums),
      box: { row: within(row), column: within(column), size: 1 },
    },
    lab.theme,
  );
  const products = productsAt(sizes, pixels, kernel, row, column);
  arithmetic.show(products, sizes.kernel, place);
  output.name(
    `The output, ${wholeNumber(sizes.output)} by ${wholeNumber(sizes.output)}. Row ${row + 1}, ` +
      `column ${column + 1}: ${shortNumber(sums[row * sizes.output + column] ?? 0)}. Arrow keys move.`,
  );
}

if (!isEqual(/** @type {any} */ (settings), /** @type {any} */ (fresh()))) pinned = false;
refresh();
study();
