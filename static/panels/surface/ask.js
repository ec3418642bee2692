/** Fields for the two inputs, and the network's answer at that point. */

/** @import { Place, Plane } from "./model.js" */

import { element, setText } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { parseNumber } from "../../form/number.js";
import { inputsAt, placeOf } from "./model.js";

const TEXTS = texts(import.meta.url, {
  toAskAbout: "{name} to ask about",
});

export class InputRow {
  #plane;
  #first = field("x₁");
  #second = field("x₂");
  #answer = element("output", { class: "answer" });
  element = element("div", { class: "ask" }, this.#first, this.#second, this.#answer);

  /** @param {() => Plane} plane @param {(place: Place | null) => void} pin called with a place that is typed */
  constructor(plane, pin) {
    this.#plane = plane;
    const typed = () => {
      const place = this.#place();
      if (place || (this.#first.value === "" && this.#second.value === "")) pin(place);
    };
    for (const input of [this.#first, this.#second]) input.addEventListener("input", typed);
  }

  /** @param {string} text */
  say(text) {
    setText(this.#answer, text);
  }

  /** The fields say where the pin is, unless they are being typed in. @param {Place | null} pinned */
  write(pinned) {
    if (document.activeElement === this.#first || document.activeElement === this.#second) return;
    const inputs = pinned && inputsAt(pinned, this.#plane().half).map((value) => value.toFixed(2));
    [this.#first.value, this.#second.value] = [inputs?.[0] ?? "", inputs?.[1] ?? ""];
  }

  /** The place of what is typed; null where that is not two numbers. */
  #place() {
    const [first, second] = [parseNumber(this.#first.value, {}), parseNumber(this.#second.value, {})];
    return first === null || second === null ? null : placeOf(first, second, this.#plane().half);
  }
}

/** @param {string} name */
function field(name) {
  return element("input", {
    type: "text",
    class: "number",
    inputmode: "decimal",
    "aria-label": TEXTS.toAskAbout({ name }),
    placeholder: name,
    autocomplete: "off",
  });
}
