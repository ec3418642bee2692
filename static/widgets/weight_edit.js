/** A weight changed by hand: on its edge, or by naming its two units. */

/** @import { RunControl } from "../run/run.js" */
/** @import { Layout, Link, Unit } from "../network/layout.js" */
/** @import { StageView } from "../network/layout.js" */

import { inputNames } from "../catalog/catalog.js";
import { edgeName, unitName } from "../network/names.js";
import { element } from "../core/dom.js";
import { fill, numberProblem, parseNumber } from "../form/number.js";
import { fullNumber, shortNumber } from "../core/format.js";
import { texts } from "../core/texts.js";
import { shownReplica } from "../run/replicas.js";

const TEXTS = texts(import.meta.url, {
  weight: "Weight",
  weightAsANumber: "Weight, as a number",
  unit: "Unit whose weight is set",
  source: "Unit it comes from",
  weightOfUnit: "Weight of unit",
  whatComesFromUnit: "for what comes from unit",
});

/** Half of what the slider spans, at least; a weight beyond it widens it. */
const SPAN = 4;
const PARTS = 400;

/**
 * A weight under a hand: what it is set to is sent one at a time, the newest first; letting go is one step of
 * undo.
 */
class Touch {
  #run;
  #weight;
  #show;
  /** What it was before the hand came. @type {number | null} */
  #before = null;
  /** @type {number | null} */
  #next = null;
  /** What the server has set. */
  #now;
  /** @type {Promise<void> | null} */
  #sending = null;
  #letGo = false;

  /**
   * @param {RunControl} run @param {{ node: string, index: number[] }} weight @param {number} now @param {(value:
   * number) => void} show what it is, where what was wanted is refused
   */
  constructor(run, weight, now, show) {
    this.#run = run;
    this.#weight = weight;
    this.#now = now;
    this.#show = show;
  }

  /** @param {number} value @returns {Promise<void>} when it is answered */
  set(value) {
    this.#next = value;
    this.#sending ??= this.#send();
    return this.#sending;
  }

  async #send() {
    for (let wanted = this.#take(); wanted !== null; wanted = this.#take()) {
      const answer = await this.#run.setWeight({ ...this.#weight, value: wanted });
      if (answer === null) {
        this.#next = null;
        this.#show(this.#now);
        break;
      }
      this.#before ??= answer.before;
      this.#now = wanted;
    }
    this.#sending = null;
    if (this.#letGo) this.end();
  }

  #take() {
    const wanted = this.#next;
    this.#next = null;
    return wanted;
  }

  /** The hand lets go: what is on its way is awaited. */
  end() {
    this.#letGo = this.#sending !== null;
    if (this.#letGo) return;
    const [before, after] = [this.#before, this.#now];
    this.#before = null;
    if (before !== null && before !== after) this.#run.weightSet(this.#weight, before, after);
  }
}

/**
 * Whether a hand may set a node's weights: those of the first replica, one for each edge.
 *
 * @param {RunControl} run @param {string} node
 */
export function isSettable(run, node) {
  return run.control && shownReplica(run.state) === 0 && isDense(run, node);
}

/** @param {RunControl} run @param {string} node */
function isDense(run, node) {
  return run.latest.get("weights")?.arrays.get(`${node}.weight`)?.shape.length === 2;
}

/** @param {RunControl} run @param {Link} link @param {Unit} source @param {Unit} target */
export function weightForm(run, { from, to }, source, target) {
  const now = valueOf(run, to.head, target.index, source.index) ?? 0;
  const control = weightControl(run, { node: to.head, index: [target.index, source.index] }, now);
  const { catalog, experiment } = run.state;
  const inputs = experiment ? inputNames(catalog, experiment) : [];
  const ends = edgeName(unitName(from, source.index, inputs), unitName(to, target.index, inputs));
  const heading = element("p", {}, ends);
  return element("div", { class: "weight-form" }, heading, ...control);
}

/** @param {RunControl} run @param {string} node @param {number} unit @param {number} input */
function valueOf(run, node, unit, input) {
  const array = run.latest.get("weights")?.arrays.get(`${node}.weight`);
  return array?.data[unit * (array.shape[1] ?? 0) + input];
}

/**
 * A slider and a field for one weight.
 *
 * @param {RunControl} run @param {{ node: string, index: number[] }} weight @param {number} now
 * @returns {HTMLElement[]}
 */
function weightControl(run, weight, now) {
  const show = (/** @type {number} */ value) => {
    input.value = shortNumber(value, 4);
    slider.value = String(Math.round((value / span) * PARTS));
    fill(slider);
  };
  const touch = new Touch(run, weight, now, show);
  const span = Math.max(SPAN, Math.ceil(1.5 * Math.abs(now)));
  const slider = element("input", {
    type: "range",
    min: -PARTS,
    max: PARTS,
    step: 1,
    value: Math.round((now / span) * PARTS),
    "aria-label": TEXTS.weight,
  });
  const input = element("input", {
    type: "text",
    class: "number",
    inputmode: "decimal",
    autocomplete: "off",
    value: shortNumber(now, 4),
    title: fullNumber(now),
    "aria-label": TEXTS.weightAsANumber,
  });
  slider.addEventListener("input", () => {
    const value = (Number(slider.value) / PARTS) * span;
    input.value = shortNumber(value, 4);
    fill(slider);
    void touch.set(value);
  });
  slider.addEventListener("change", () => touch.end());
  const commit = async () => {
    const value = parseNumber(input.value, {});
    input.setAttribute("aria-invalid", String(value === null));
    input.title = value === null ? numberProblem(input.value, {}) : fullNumber(value);
    if (value === null) return;
    slider.value = String(Math.round((value / span) * PARTS));
    fill(slider);
    await touch.set(value);
    touch.end();
  };
  input.addEventListener("change", () => void commit());
  fill(slider);
  return [slider, input];
}

/**
 * One weight of a dense layer by the numbers of its two units: the way to it without a pointer.
 *
 * @param {RunControl} run @param {() => Layout | null} layout @returns {HTMLElement}
 */
export function weightRow(run, layout) {
  const control = element("span", { class: "weight-row-value" });
  const number = (/** @type {string} */ label) =>
    element("input", { type: "number", class: "number", min: 1, value: 1, "aria-label": label });
  const [unit, input] = [number(TEXTS.unit), number(TEXTS.source)];
  const row = element(
    "div",
    { class: "weight-row" },
    TEXTS.weightOfUnit,
    unit,
    TEXTS.whatComesFromUnit,
    input,
    control,
  );
  let shown = "";
  const show = () => {
    const column = layout()?.columns.find(({ name }) => name === run.state.selected);
    row.hidden = !column || !isSettable(run, column.head);
    if (!column || row.hidden) return;
    const shape = run.latest.get("weights")?.arrays.get(`${column.head}.weight`)?.shape ?? [];
    [unit, input].forEach((each, axis) => {
      each.max = String(shape[axis] ?? 1);
      each.value = String(Math.min(Number(each.max), Math.max(1, Math.round(Number(each.value)) || 1)));
    });
    const index = [Number(unit.value) - 1, Number(input.value) - 1];
    const wanted = `${column.head} ${index}`;
    if (wanted === shown) return;
    shown = wanted;
    control.replaceChildren(
      ...weightControl(
        run,
        { node: column.head, index },
        valueOf(run, column.head, index[0] ?? 0, index[1] ?? 0) ?? 0,
      ),
    );
  };
  for (const each of [unit, input]) each.addEventListener("change", show);
  // The unit that is chosen here is the one that is selected, and the other way round.
  unit.addEventListener("change", () => run.select(run.state.selected, Number(unit.value) - 1));
  run.store.watch(
    (state) => `${state.selected} ${state.unit}`,
    () => {
      unit.value = String(run.state.unit + 1);
      shown = "";
      show();
    },
  );
  run.onFrame("weights", show);
  return row;
}
