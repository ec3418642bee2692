/**
 * Small forms for what a study is asked: labelled choices and numbers beside a picture, and how far it has
 * come.
 */

/** @import { StudyState } from "../core/studies.js" */

import { element, setText, uniqueId } from "../core/dom.js";
import { texts } from "../core/texts.js";
import { typedNumber } from "../form/number.js";

const TEXTS = texts(import.meta.url, {
  progressLabel: "How far it has come",
  cancel: "Cancel",
  itFailed: "It failed.",
});

/**
 * @param {string} label @param {[value: string, label: string][]} choices @param {string} value
 * @param {(value: string) => void} changed @param {string} [help]
 */
export function choose(label, choices, value, changed, help = "") {
  const select = element(
    "select",
    { id: uniqueId("asked") },
    ...choices.map(([each, name]) => element("option", { value: each, selected: each === value }, name)),
  );
  select.addEventListener("change", () => changed(select.value));
  const row = element(
    "div",
    { class: "field asked" },
    element("label", { for: select.id, title: help }, label),
    element("span", { class: "select" }, select),
  );
  return { element: row, select };
}

/**
 * @param {string} label @param {{ value: number, min: number, max: number, step?: number | "any" }} range
 * @param {(value: number) => void} changed called with valid numbers only @param {string} [help]
 */
export function number(label, range, changed, help = "") {
  const input = element("input", {
    type: "text",
    class: "number",
    id: uniqueId("asked"),
    value: range.value,
    autocomplete: "off",
    inputmode: range.step === "any" ? "decimal" : "numeric",
  });
  input.addEventListener("change", () => {
    const typed = typedNumber(input, range);
    if (typed !== null) changed(typed);
  });
  const row = element(
    "div",
    { class: "field asked" },
    element("label", { for: input.id, title: help }, label),
    element("span", { class: "with-unit" }, input),
  );
  return { element: row, input };
}

/**
 * @param {string} label @param {boolean} checked @param {(checked: boolean) => void} changed @param {string}
 * [help]
 */
export function check(label, checked, changed, help = "") {
  const input = element("input", { type: "checkbox", checked });
  input.addEventListener("change", () => changed(input.checked));
  return { element: element("label", { class: "check", title: help }, input, label), input };
}

/**
 * Several ways of which one is taken, as a row of buttons.
 *
 * @param {string} label @param {[value: string, label: string][]} choices @param {string} value
 * @param {(value: string) => void} changed
 */
export function segments(label, choices, value, changed) {
  const buttons = choices.map(([each, name]) =>
    element(
      "button",
      {
        type: "button",
        class: "segment",
        "aria-pressed": String(each === value),
        onclick: () => (mark(each), changed(each)),
      },
      name,
    ),
  );
  const mark = (/** @type {string} */ chosen) =>
    buttons.forEach((button, index) =>
      button.setAttribute("aria-pressed", String(choices[index]?.[0] === chosen)),
    );
  return {
    element: element("div", { class: "segments", role: "group", "aria-label": label }, ...buttons),
    mark,
  };
}

/**
 * A bar that says how far a study has come, with a button that ends it, and why it failed.
 *
 * @param {() => void} cancel
 */
export function progressOf(cancel) {
  const bar = element("progress", { max: 1, value: 0, "aria-label": TEXTS.progressLabel });
  const stop = element("button", { type: "button", class: "button", onclick: cancel }, TEXTS.cancel);
  const status = element("p", { class: "note", role: "status" });
  const complaint = element("p", { class: "complaint", role: "alert", hidden: true });
  const row = element("div", { class: "study-progress" }, bar, stop);
  row.hidden = true;
  return {
    element: element("div", {}, row, status, complaint),
    say: (/** @type {string} */ text) => setText(status, text),
    /** @param {StudyState} state */
    show(state) {
      const busy = state.state === "running" || state.state === "waiting";
      row.hidden = !busy;
      bar.value = state.done;
      complaint.hidden = state.state !== "failed";
      setText(
        complaint,
        state.state === "failed" ? (state.problems?.[0]?.message ?? state.detail ?? TEXTS.itFailed) : "",
      );
    },
  };
}

/** Names and values below each other. @param {[name: string, value: string, help?: string][]} pairs */
export function facts(pairs) {
  return element(
    "dl",
    { class: "study-facts" },
    ...pairs.flatMap(([name, value, help]) => [
      element("dt", { title: help }, name),
      element("dd", {}, value),
    ]),
  );
}
