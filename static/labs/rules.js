/** The way down through a ReLU by three rules, side by side, on numbers the reader can change. */

import { byId, element, setText } from "../core/dom.js";
import { texts } from "../core/texts.js";
import { parseNumber } from "../form/number.js";

const TEXTS = texts(import.meta.url, {
  gradient: "Gradient",
  deconvnet: "Deconvnet",
  guidedBackprop: "Guided backprop",
  xPlace: "x, place {place}",
  firstPlace: "R, place {place}",
  downThroughRelu: "Down through a ReLU: change the numbers",
  whatReluSees: "what the ReLU sees on the way up",
  whatItPassesOn: "what it passes on",
  signalComesDown: "the signal that comes down to it",
});

/**
 * What becomes of a signal R at a ReLU that saw x, by each rule.
 *
 * @type {{ name: string, title: string, formula: string, rule: (signal: number, seen: number) => number }[]}
 */
export const RULES = [
  {
    name: "saliency",
    title: TEXTS.gradient,
    formula: "R · [x > 0]",
    rule: (signal, seen) => (seen > 0 ? signal : 0),
  },
  { name: "deconvnet", title: TEXTS.deconvnet, formula: "max(R, 0)", rule: (signal) => Math.max(signal, 0) },
  {
    name: "guided",
    title: TEXTS.guidedBackprop,
    formula: "max(R, 0) · [x > 0]",
    rule: (signal, seen) => (seen > 0 ? Math.max(signal, 0) : 0),
  },
];

const SEEN = [1.5, -0.5, 2, -2, 0.5];
const SIGNAL = [2, 3, -1, -1.5, 0.5];

/** @param {HTMLElement} root */
function build(root) {
  const seen = SEEN.map((value, place) => field(value, TEXTS.xPlace({ place: place + 1 })));
  const signal = SIGNAL.map((value, place) => field(value, TEXTS.firstPlace({ place: place + 1 })));
  const up = SEEN.map(() => element("output", {}));
  const down = RULES.map(() => SEEN.map(() => element("output", {})));
  const show = () => {
    SEEN.forEach((_, place) => {
      const [x, r] = [typed(seen[place]), typed(signal[place])];
      say(up[place], Math.max(x, 0));
      RULES.forEach(({ rule }, index) => say(down[index]?.[place], rule(r, x)));
    });
  };
  for (const input of [...seen, ...signal]) input.addEventListener("input", show);
  const row = (
    /** @type {string} */ title,
    /** @type {string} */ description,
    /** @type {HTMLElement[]} */ cells,
    /** @type {boolean} */ mine = false,
  ) =>
    element(
      "tr",
      { class: mine ? "this" : "" },
      element("th", { scope: "row" }, element("b", {}, title), description),
      ...cells.map((cell) => element("td", {}, cell)),
    );
  const gap = () => element("tr", { class: "gap" }, element("td", { colspan: SEEN.length + 1 }));
  root.replaceChildren(
    element("h2", {}, TEXTS.downThroughRelu),
    element(
      "table",
      { class: "rules" },
      element(
        "tbody",
        {},
        row("x", TEXTS.whatReluSees, seen),
        row("max(x, 0)", TEXTS.whatItPassesOn, up),
        gap(),
        row("R", TEXTS.signalComesDown, signal),
        gap(),
        ...RULES.map(({ name, title, formula }, index) =>
          row(title, formula, down[index] ?? [], name === root.dataset["method"]),
        ),
      ),
    ),
  );
  show();
}

/** @param {number} value @param {string} label */
function field(value, label) {
  return element("input", {
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    value,
    "aria-label": label,
  });
}

/** @param {HTMLInputElement | undefined} input */
function typed(input) {
  return parseNumber(input?.value ?? "", {}) ?? NaN;
}

/** @param {HTMLOutputElement | undefined} output @param {number} value */
function say(output, value) {
  if (!output) return;
  const shown = Number.isFinite(value) ? value + 0 : 0; // no −0
  setText(output, String(shown).replace("-", "−"));
  output.className = shown > 0 ? "above" : shown < 0 ? "below" : "";
}

if (typeof document !== "undefined") build(byId("rules"));
