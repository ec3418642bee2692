/** A variant in the list: its picture, its name, how it stands, and the fields in which it differs. */

/** @import { NamedArray } from "../../types.d.ts" */
/** @import { State } from "../../run/state.js" */
/** @import { Variant } from "./race.js" */

import { element, iconButton, setAttribute, setText } from "../../core/dom.js";
import { shortNumber } from "../../core/format.js";
import { strokeIcon } from "../../draw/markers.js";
import { texts } from "../../core/texts.js";
import { choiceFields } from "./fields.js";
import { isOut } from "./race.js";
import { drawThumbnail } from "./thumbnail.js";

const TEXTS = texts(import.meta.url, {
  whatItDoesOtherwise: "What it does otherwise",
  goOneRunOwn: "Go on with this one as a run of its own",
  keep: "Keep",
  dropThisVariant: "Drop this variant",
});

export class VariantRow {
  #loss = element("span", { class: "race-row-loss" });
  #state = element("span", { class: "race-row-state" });
  #picture = element("canvas", {
    class: "race-row-boundary",
    width: 40,
    height: 40,
    hidden: true,
    "aria-hidden": "true",
  });
  #name = element("button", {
    type: "button",
    class: "race-row-name",
    title: TEXTS.whatItDoesOtherwise,
    onclick: () => this.unfold(Boolean(this.#fields.hidden)),
  });
  #fields;
  #variant;

  /**
   * @param {Variant} variant @param {State} state @param {(variant: Variant) => string} nameOf
   * @param {{ keep: () => void, drop: () => void }} actions
   */
  constructor(variant, state, nameOf, { keep, drop }) {
    this.#variant = variant;
    const rename = () => setText(this.#name, nameOf(variant));
    this.#fields = choiceFields(variant.choices, state.catalog, rename);
    rename();
    const body = element("div", { class: "race-row-body" }, this.#head(keep, drop), this.#fields);
    this.element = element("div", { class: "race-row", role: "listitem" }, this.#picture, body);
  }

  /** @param {() => void} keep @param {() => void} drop */
  #head(keep, drop) {
    const chip = strokeIcon(this.#variant.dash, "race-row-chip");
    chip.style.setProperty("--series", this.#variant.color);
    const attributes = {
      type: "button",
      class: "button race-row-keep needs-control",
      title: TEXTS.goOneRunOwn,
      onclick: keep,
    };
    return element(
      "div",
      { class: "race-row-head" },
      chip,
      this.#name,
      this.#loss,
      this.#state,
      element("button", attributes, TEXTS.keep),
      iconButton("trash", TEXTS.dropThisVariant, drop, { class: "icon-button race-row-drop" }),
    );
  }

  /** @param {boolean} open with its fields */
  unfold(open) {
    this.#fields.hidden = !open;
    this.#name.setAttribute("aria-expanded", String(open));
  }

  /** Whether it takes part, and whether it is out. */
  mark() {
    this.element.classList.toggle("raced", this.#variant.slot >= 0);
    this.element.classList.toggle("out", isOut(this.#variant));
  }

  /**
   * How it stands.
   *
   * @param {Map<string, NamedArray>} arrays of the frame
   * @param {string} meaning of its loss
   * @param {State} state
   */
  show(arrays, meaning, state) {
    const { seen, state: stands, slot } = this.#variant;
    setText(this.#loss, Number.isNaN(seen) ? "" : shortNumber(seen));
    setAttribute(this.#loss, "title", meaning);
    setText(this.#state, isOut(this.#variant) ? stands : "");
    drawThumbnail(this.#picture, arrays, slot, state);
  }

  /** @param {boolean} leads */
  lead(leads) {
    this.element.classList.toggle("leads", leads);
  }
}
