/**
 * The small forms in which studies are asked for: a number, one of several, yes or no; how far they are; what
 * they found.
 */

/** @import { StudyState } from "../studies.js" */

import { element, setText, uniqueId } from "../dom.js";
import { typedNumber } from "../form/number.js";
import { chosen } from "../form/simple.js";

/** @param {string} label @param {HTMLElement} input @param {HTMLElement} shown @param {string} [help] */
function row(label, input, shown, help = "") {
  input.id = uniqueId("asked");
  return element(
    "div",
    { class: "field asked", title: help },
    element("label", { for: input.id }, label),
    shown,
  );
}

/**
 * A number, taken when it is one and lies within its bounds.
 *
 * @param {string} label @param {{ value: number, min: number, max: number, step?: number | "any" }} options
 * @param {(value: number) => void} changed @param {string} [help]
 */
export function number(label, { value, min, max, step }, changed, help) {
  const input = element("input", {
    type: "text",
    inputmode: step === "any" ? "decimal" : "numeric",
    class: "number",
    autocomplete: "off",
    value,
  });
  input.addEventListener("change", () => {
    const typed = typedNumber(input, { min, max, step: step ?? 1 });
    if (typed !== null) changed(typed);
  });
  return { element: row(label, input, input, help), input };
}

/**
 * One of several. @param {string} label @param {[string, string][]} options values and words @param {string}
 * value @param {(value: string) => void} changed @param {string} [help]
 */
export function choose(label, options, value, changed, help) {
  const select = element(
    "select",
    {},
    ...options.map(([each, words]) => element("option", { value: each, selected: each === value }, words)),
  );
  select.addEventListener("change", () => changed(select.value));
  return { element: row(label, select, chosen(select), help), select };
}

/**
 * Yes or no. @param {string} words @param {boolean} checked @param {(checked: boolean) => void} changed
 * @param {string} [help]
 */
export function check(words, checked, changed, help = "") {
  const input = element("input", { type: "checkbox", checked });
  input.addEventListener("change", () => changed(input.checked));
  return { element: element("label", { class: "check", title: help }, input, words), input };
}

/**
 * One of a few, all in sight. @param {string} label @param {[string, string][]} options @param {string} value
 * @param {(value: string) => void} changed
 */
export function segments(label, options, value, changed) {
  const buttons = options.map(([each, words]) =>
    element(
      "button",
      {
        type: "button",
        class: "segment",
        "aria-pressed": String(each === value),
        onclick: () => turnTo(each),
      },
      words,
    ),
  );
  const turnTo = (/** @type {string} */ wanted) => {
    buttons.forEach((button, index) =>
      button.setAttribute("aria-pressed", String(options[index]?.[0] === wanted)),
    );
    changed(wanted);
  };
  return { element: element("div", { class: "segments", role: "group", "aria-label": label }, ...buttons) };
}

/** How far a study is, with a way to end it; and what is to be said of it. @param {() => void} cancel */
export function progressOf(cancel) {
  const bar = element("progress", { max: 1, value: 0, "aria-label": "How far it is" });
  const words = element("span", { class: "note", role: "status" });
  const stop = element("button", { type: "button", class: "button", onclick: cancel }, "Cancel");
  const whole = element("div", { class: "study-progress", hidden: true }, bar, words, stop);
  return {
    element: whole,
    /** @param {StudyState} state */
    show({ state, done, detail }) {
      const under = state === "waiting" || state === "running";
      whole.hidden = state === "cancelled" && words.textContent === "";
      bar.hidden = stop.hidden = !under;
      bar.value = done;
      words.classList.toggle("error", state === "failed");
      if (state === "failed") setText(words, detail ?? "It failed.");
    },
    /** @param {string} text */
    say(text) {
      whole.hidden = false;
      setText(words, text);
    },
  };
}

/** Names and values, with what they mean for who asks. @param {[string, string, string?][]} pairs */
export function facts(pairs) {
  return element(
    "dl",
    { class: "study-facts" },
    ...pairs.flatMap(([name, value, help = ""]) => [
      element("dt", { title: help }, name),
      element("dd", { title: help }, value),
    ]),
  );
}
