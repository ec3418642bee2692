/** What happens in a phase to one unit, as lines of an equation with the values in it. Pure. */

/** @import { Frame } from "../../types.d.ts" */
/** @import { Placed } from "../../network/layout.js" */
/** @import { Network } from "./chain.js" */
/** @import { Phase } from "./phases.js" */

import { shortNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { nodeName, unitName } from "../../network/names.js";
import { sourceName } from "./chain.js";
import { arrayOf, lossOf, numberAt, penaltyOf, targetOf, unitNumber } from "./numbers.js";

const TEXTS = texts(import.meta.url, {
  input: "The numbers of the sample stand at the inputs.",
  inputMaps: "The picture stands at the input. At a map stands its largest number.",
  forward:
    "A unit adds up what arrives, times its weights, and its bias; the activation makes its output of the sum.",
  forwardMaps:
    "At a map stands the number of it that is largest in magnitude; Arithmetic shows how each comes about.",
  loss: "The loss compares what the network says with the target.",
  backward:
    "The gradient comes back over the same weights, and is multiplied by the slope of the activation.",
  backwardMaps: "At a map stands the number of its gradient that is largest in magnitude.",
  update: "Each weight changes as the optimizer would have it if this sample were the whole batch.",
  bias: "bias",
  others: "{count} others",
  sum: "z",
  output: "a",
  target: "target",
  penalty: "penalties",
  lossName: "L",
  says: "{node} says",
  byOutput: "∂L/∂a",
  bySum: "∂L/∂z",
  slope: "· slope of {node}",
  biasChange: "bias + Δ",
});

/** Terms that are written out, the largest first. */
const MOST_TERMS = 8;

/** @typedef {{ name: string, text: string, value: number, kind: "" | "total" }} Line */

/**
 * @typedef {object} Step
 * @property {string} words what happens
 * @property {string} unit whose numbers they are; empty where they are nobody's
 * @property {Line[]} lines
 */

/** @typedef {{ column: string | null, unit: number, outputs: string[], classes: string[] }} Chosen */

/** @param {Frame} frame @param {Network} network @param {Phase} phase @param {Chosen} chosen @returns {Step} */
export function stepOf(frame, network, phase, chosen) {
  const column = activeColumn(network, phase, chosen.column);
  if (phase.kind === "loss") return { words: TEXTS.loss, unit: "", lines: lossLines(frame, chosen) };
  if (!column) return { words: TEXTS.update, unit: "", lines: [] };
  const unit = Math.min(chosen.unit, column.units - 1);
  const name = unitName(column, unit, network.inputs);
  switch (phase.kind) {
    case "sample":
      return { words: column.maps ? TEXTS.inputMaps : TEXTS.input, unit: "", lines: [] };
    case "forward":
      return {
        words: column.maps ? TEXTS.forwardMaps : TEXTS.forward,
        unit: name,
        lines: forwardLines(frame, network, column, unit),
      };
    case "backward":
      return {
        words: column.maps ? TEXTS.backwardMaps : TEXTS.backward,
        unit: name,
        lines: backwardLines(frame, network, column, unit),
      };
    default:
      return { words: TEXTS.update, unit: name, lines: updateLines(frame, column, unit) };
  }
}

/**
 * The column that a phase is about: of several of a rank, and for the update, the selected one.
 *
 * @param {Network} network @param {Phase} phase @param {string | null} selected
 */
function activeColumn({ columns }, { kind, rank }, selected) {
  const own = columns.filter((column) => (kind === "update" ? !column.data : column.rank === rank));
  return own.find(({ name }) => name === selected) ?? own.at(-1);
}

/** @param {Frame} frame @param {Network} network @param {Placed} column @param {number} unit @returns {Line[]} */
function forwardLines(frame, network, column, unit) {
  const head = column.members[0];
  const after = column.members.slice(1);
  if (!head || column.maps || !column.tiled) return [];
  const sum = numberAt(frame, "output", head.name, unit);
  const terms = productsOf(frame, network, column, unit);
  const bias = numberAt(frame, "parameter", `${head.name}.bias`, unit);
  return [
    ...terms,
    ...(terms.length > 0 && bias !== null ? [line(TEXTS.bias, "", bias)] : []),
    ...(sum === null ? [] : [line(after.length > 0 ? TEXTS.sum : TEXTS.output, "", sum, "total")]),
    ...after.map(({ name }) =>
      line(nodeName(name), "", numberAt(frame, "output", name, unit) ?? NaN, "total"),
    ),
  ];
}

/**
 * The products of a dense unit, the largest ones written out.
 *
 * @param {Frame} frame @param {Network} network @param {Placed} column @param {number} unit @returns {Line[]}
 */
function productsOf(frame, network, column, unit) {
  const head = column.members[0];
  const weights = arrayOf(frame, "parameter", `${head?.name}.weight`);
  const arrives = arrayOf(frame, "output", head?.inputs[0] ?? "");
  const width = weights?.shape[1] ?? 0;
  if (!weights || weights.shape.length !== 2 || arrives?.data.length !== width) return [];
  const terms = Array.from({ length: width }, (_, source) => {
    const [value, weight] = [arrives.data[source] ?? NaN, weights.data[unit * width + source] ?? NaN];
    return { source, value, weight, product: value * weight };
  }).toSorted((one, other) => Math.abs(other.product) - Math.abs(one.product));
  const [listed, others] = [terms.slice(0, MOST_TERMS), terms.slice(MOST_TERMS)];
  const rest = others.reduce((total, { product }) => total + product, 0);
  return [
    ...listed
      .toSorted((one, other) => one.source - other.source)
      .map(({ source, value, weight, product }) =>
        line(sourceName(network, column, source), `${shortNumber(value)} × ${shortNumber(weight)}`, product),
      ),
    ...(others.length > 0 ? [line(TEXTS.others({ count: others.length }), "", rest)] : []),
  ];
}

/** @param {Frame} frame @param {Network} network @param {Placed} column @param {number} unit @returns {Line[]} */
function backwardLines(frame, network, column, unit) {
  const whole = column.data && column.units === 1;
  const given = unitNumber(frame, "gradient", column.name, unit, whole);
  const after = column.members.slice(1);
  const head = column.members[0];
  if (given === null || !head) return [];
  const slopes = after.toReversed().flatMap(({ name }) => {
    const slope = column.maps ? null : numberAt(frame, "slope", name, unit);
    return slope === null ? [] : [line(TEXTS.slope({ node: nodeName(name) }), "", slope)];
  });
  const sum = unitNumber(frame, "gradient", head.name, unit);
  return [
    line(after.length > 0 ? TEXTS.byOutput : TEXTS.bySum, "", given, "total"),
    ...(after.length > 0 ? slopes : []),
    ...(after.length > 0 && sum !== null ? [line(TEXTS.bySum, "", sum, "total")] : []),
  ];
}

/** @param {Frame} frame @param {Placed} column @param {number} unit @returns {Line[]} */
function updateLines(frame, column, unit) {
  const [bias, change] = [
    numberAt(frame, "parameter", `${column.head}.bias`, unit),
    numberAt(frame, "change", `${column.head}.bias`, unit),
  ];
  if (bias === null || change === null) return [];
  return [line(TEXTS.biasChange, `${shortNumber(bias)} + ${shortNumber(change)}`, bias + change, "total")];
}

/** @param {Frame} frame @param {Chosen} chosen @returns {Line[]} */
function lossLines(frame, { outputs, classes }) {
  const [judged = ""] = outputs;
  const says = arrayOf(frame, "output", judged);
  const target = targetOf(frame);
  const isClass = classes.length > 0 && target.length === 1 && (says?.data.length ?? 0) > 1;
  const numbers = Array.from(says?.data ?? [], Number).slice(0, MOST_TERMS + 2);
  const goal = isClass ? (classes[target[0] ?? 0] ?? "") : target.map((each) => shortNumber(each)).join(", ");
  const penalty = penaltyOf(frame);
  return [
    {
      name: TEXTS.says({ node: nodeName(judged) }),
      text: numbers.map((each) => shortNumber(each)).join(", "),
      value: NaN,
      kind: "",
    },
    { name: TEXTS.target, text: goal, value: NaN, kind: "" },
    line(TEXTS.lossName, "", lossOf(frame), "total"),
    ...(penalty === 0 ? [] : [line(TEXTS.penalty, "", penalty)]),
  ];
}

/** @param {string} name @param {string} text @param {number} value @param {Line["kind"]} [kind] @returns {Line} */
function line(name, text, value, kind = "") {
  return { name, text, value, kind };
}
