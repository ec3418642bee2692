/** The lab of convolution: a filter slides over a picture, and every number can be looked at. */

/** @import { Frame, Located } from "../types.d.ts" */
/** @import { How } from "./convolution/equation.js" */
/** @import { Place, Result, Settings } from "./convolution/result.js" */

import { getStudySchema } from "../core/api.js";
import { element, setText } from "../core/dom.js";
import { isEqual } from "../core/json.js";
import { texts } from "../core/texts.js";
import { Arithmetic } from "./convolution/arithmetic.js";
import { CostCard, PoolCard, ShiftCard, SizeCard, UseCard } from "./convolution/cards.js";
import { Equation } from "./convolution/equation.js";
import { outputAt, productsAt } from "./convolution/numbers.js";
import { placeIn, resultOf } from "./convolution/result.js";
import { changed, defaults, drawn, shifted } from "./convolution/settings.js";
import { Setup } from "./convolution/setup.js";
import { Sliding } from "./convolution/sliding.js";
import { TimingCard } from "./convolution/timing.js";
import { openLab } from "./lab.js";

const TEXTS = texts(import.meta.url, {
  moveOverEither: [
    "Move over either picture, or use the arrow keys; a click holds the place. Numbers of the filter",
    "can be typed over.",
  ],
  thisCannotBeDone: "this cannot be done",
});

const lab = openLab();
const schema = await getStudySchema("convolution");

/** @type {Settings} */
let settings = { ...defaults(schema), .../** @type {Partial<Settings>} */ (lab.remembered() ?? {}) };
/** @type {Result | null} */
let result = null;
/** @type {Place} */
let place = { row: 0, column: 0 };
/** Whether the place stays where it is while the pointer moves. */
let held = false;
/** Where the hand drew last. @type {[number, number] | null} */
let pen = null;

// The page ------------------------------------------------------------------------------------------------

const setup = new Setup(
  schema,
  (name, value) => change(changed(settings, result, name, value)),
  () => set({ values: new Array(settings.size ** 2).fill(0) }),
);
const equation = new Equation({
  touch,
  look,
  place: () => place,
  write: (weights, side) => set({ filter: "own", side, weights }),
});
const sliding = new Sliding(() => (result ? result.sizes.output ** 2 : 0), follow);
const arithmetic = new Arithmetic();
const size = new SizeCard();
const cost = new CostCard();
const use = new UseCard();
const shift = new ShiftCard((down, right) => set({ shift: shifted(settings.shift, down, right) }));
const pool = new PoolCard();
const timing = new TimingCard(lab);
const refusal = element("p", { class: "refusal", role: "alert", hidden: true });
const hint = TEXTS.moveOverEither;

lab.root.append(
  element(
    "div",
    { class: "convolution" },
    setup.element,
    element(
      "div",
      { class: "convolution-stage" },
      equation.element,
      refusal,
      element("div", { class: "stage-foot" }, sliding.button, element("p", { class: "note" }, hint)),
      arithmetic.element,
    ),
  ),
  element("div", { class: "cards" }, ...[size, cost, use, shift, pool, timing].map((each) => each.element)),
);
lab.onTheme(() => paint());

// The study -----------------------------------------------------------------------------------------------

/** @param {Settings} after */
function change(after) {
  if (after !== settings) set(after);
}

/** @param {Partial<Settings>} part */
function set(part) {
  settings = { ...settings, ...part };
  sliding.stop();
  refresh();
  study();
}

function refresh() {
  setup.show(settings);
  equation.drawable = settings.picture === "drawn";
  lab.remember(/** @type {any} */ (settings));
}

function study() {
  const asked = settings;
  lab.latest(/** @type {any} */ ({ kind: "convolution", ...asked }), {
    frame: (frame) => {
      setup.accept();
      refusal.hidden = true;
      document.body.removeAttribute("data-refused");
      take(frame, asked);
    },
    state: ({ state, detail, problems }) => {
      if (state === "failed") refuse(problems ?? [], detail ?? TEXTS.thisCannotBeDone);
    },
  });
}

/** @param {Located[]} problems @param {string} detail where no field is to blame */
function refuse(problems, detail) {
  const homeless = setup.refuse(problems);
  const message = problems.length === 0 ? detail : (homeless ?? "");
  refusal.hidden = message === "";
  setText(refusal, message);
  document.body.setAttribute("data-refused", "");
}

/** @param {Frame} frame @param {Settings} asked */
function take(frame, asked) {
  const before = result?.sizes.output;
  result = resultOf(frame, asked);
  place = placeIn(place, before, result.sizes.output, held);
  paint();
}

// Looking -------------------------------------------------------------------------------------------------

/** A place of the output. @param {Place} to @param {How} how */
function look(to, how) {
  if (how === "hover" && (held || sliding.at !== null)) return;
  if (how === "press") held = !held || !isEqual(to, place);
  if (how !== "hover") sliding.stop();
  place = to;
  paintPlace();
}

/**
 * A pixel of the picture: drawn on, or looked at.
 *
 * @param {Place} pixel @param {How} how @param {PointerEvent | KeyboardEvent} event
 */
function touch({ row, column }, how, event) {
  if (!result) return;
  const { sizes } = result;
  if (how === "press" || how === "drag") {
    const from = how === "drag" && pen ? pen : /** @type {[number, number]} */ ([row, column]);
    const values = drawn(settings, from, [row, column], event.shiftKey ? 0 : 1);
    if (values) {
      pen = [row, column];
      if (!isEqual(values, settings.values)) set({ values });
      return;
    }
  }
  const last = sizes.output - 1;
  if (how === "key") look({ row: Math.min(row, last), column: Math.min(column, last) }, how);
  else look({ row: outputAt(sizes, row), column: outputAt(sizes, column) }, how === "drag" ? "hover" : how);
}

/** The filter slides by itself, and takes the place with it; it has come further, or rests. */
function follow() {
  if (sliding.at !== null && result) {
    held = false;
    place = {
      row: Math.floor(sliding.at / result.sizes.output),
      column: sliding.at % result.sizes.output,
    };
  }
  paintPlace();
}

// Painting ------------------------------------------------------------------------------------------------

function paint() {
  if (!result) return;
  const { frame, sizes, settings: shown } = result;
  equation.show(result);
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
  const { sizes, input, kernel } = result;
  equation.paint(result, place, sliding.at, lab.theme);
  arithmetic.show(productsAt(sizes, input, kernel, place.row, place.column), sizes.kernel, place);
}

refresh();
study();
