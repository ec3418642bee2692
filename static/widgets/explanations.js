/**
 * Labels that explain themselves: a quiet ⓘ at each, and a card with the formula, a sentence or two and the way to the
 * reference, opened by pointing, focus, tap, a long press on the label itself, or F1 on what it labels.
 *
 * Marks are no stops of the Tab key, as there are dozens: F1 opens that of what has the focus, and again the next one
 * of the same part of the page.
 *
 * What a label means is said by whoever made it (`core/explained.js`), by `data-term`, or found by its words.
 */

/** @import { Catalog } from "../types.d.ts" */
/** @import { Explanation } from "../core/explained.js" */

import { element, setAttribute, uniqueId } from "../core/dom.js";
import { texts } from "../core/texts.js";
import { Card } from "./explanations/card.js";
import { isLabel, labelAfter, labelOf, labelsIn } from "./explanations/labels.js";
import { nameByWords, putMark, wordsOf } from "./explanations/labels.js";

const TEXTS = texts(import.meta.url, {
  mark: "About {label}",
  none: "No explanation of this is known.",
  unknown: "The explanation cannot be fetched: {message}. Point again to try again.",
});

/** Milliseconds that a pointer rests on a mark before its card opens, and may be away before it closes. */
const [REST, AWAY] = [180, 260];
/** Milliseconds of a long press, and until its click would have come; pixels that a finger may move in it. */
const [PRESS, CLICK, STILL] = [500, 400, 10];

/**
 * Explain the labels of a page, and those that it shows later. The words are fetched when the first is opened.
 *
 * @param {Catalog | null} [catalog] where the page has it
 */
export function explainLabels(catalog = null) {
  new Explanations(catalog);
}

class Explanations {
  #catalog;
  #card = new Card(() => this.#leave());
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {WeakMap<Element, HTMLElement>} marks by their labels */
  #marks = new WeakMap();

  /** The mark whose card is wanted. @type {HTMLElement | null} */
  #wanted = null;
  /** The label whose card was opened last. @type {Element | null} */
  #explained = null;
  /** What had the focus when F1 was first pressed. @type {Element | null} */
  #from = null;
  #closing = false;

  /** @param {Catalog | null} catalog */
  constructor(catalog) {
    this.#catalog = catalog;
    for (const label of labelsIn(document.body)) this.#mark(label);
    new MutationObserver((changes) => this.#follow(changes)).observe(document.body, {
      childList: true,
      subtree: true,
    });
    document.addEventListener("pointerdown", (event) => {
      if (!this.#card.holds(event.target)) this.#close();
      this.#press(event);
    });
    document.addEventListener("keydown", (event) => this.#escape(event), { capture: true });
    document.addEventListener("keydown", (event) => event.key === "F1" && this.#explain(event));
  }

  /** @param {MutationRecord[]} changes */
  #follow(changes) {
    for (const { target, addedNodes, removedNodes } of changes) {
      for (const gone of removedNodes)
        if (gone instanceof Element && !gone.isConnected) this.#marks.get(gone)?.remove();
      if (target instanceof Element && isLabel(target)) this.#mark(target); // its text is another
      for (const node of addedNodes)
        if (node instanceof Element) labelsIn(node).forEach((label) => this.#mark(label));
    }
  }

  /** Give a label its mark, where it says something. @param {Element} label */
  #mark(label) {
    if (!label.isConnected) return;
    const mark = this.#marks.get(label) ?? (wordsOf(label).trim() === "" ? null : this.#made(label));
    if (!mark) return;
    this.#marks.set(label, mark);
    mark.title = TEXTS.mark({ label: wordsOf(label).trim() });
    putMark(mark, label);
    nameByWords(label);
    label.classList.add("explained");
  }

  /** @param {Element} label */
  #made(label) {
    setAttribute(label, "id", label.id || uniqueId("label"));
    const mark = element("button", {
      type: "button",
      class: "explain",
      "aria-describedby": label.id,
      tabindex: -1,
      "aria-expanded": "false",
      onclick: () => void this.#open(label, mark).then(() => this.#card.enter()),
      onpointerenter: (/** @type {PointerEvent} */ event) => {
        hush(mark);
        if (event.pointerType !== "touch") this.#later(REST, () => void this.#open(label, mark));
      },
      onpointerleave: () => (nameAgain(mark), this.#leave()),
      onfocus: () => this.#closing || (mark.matches(":focus-visible") && void this.#open(label, mark)),
      onblur: () => this.#leave(),
    });
    return mark;
  }

  /** @param {Element} label @param {HTMLElement} mark */
  async #open(label, mark) {
    clearTimeout(this.#timer);
    this.#wanted = mark;
    this.#explained = label;
    const explanation = await this.#explanationOf(label);
    if (this.#wanted === mark) this.#card.open(mark, explanation); // unless another, or none, is wanted by now
  }

  /** @param {Element} label @returns {Promise<Explanation>} */
  async #explanationOf(label) {
    const words = { label: wordsOf(label).trim() };
    try {
      const { explanationOf } = await import("./explanations/lookup.js");
      return (await explanationOf(label, this.#catalog)) ?? { ...words, description: TEXTS.none };
    } catch (error) {
      return {
        ...words,
        description: TEXTS.unknown({ message: error instanceof Error ? error.message : String(error) }),
      };
    }
  }

  /** Close the card unless it is used. */
  #leave() {
    this.#later(AWAY, () => this.#card.isUsed || this.#close());
  }

  /** Close the card; the focus that then returns to the mark opens none. */
  #close() {
    this.#wanted = null;
    this.#closing = true;
    this.#card.close();
    this.#closing = false;
  }

  /** @param {number} delay @param {() => void} then */
  #later(delay, then) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, delay);
  }

  /** A finger that stays on a label opens its card, and presses nothing. @param {PointerEvent} down */
  #press(down) {
    if (down.pointerType !== "touch" || !(down.target instanceof Element)) return;
    const label = down.target.closest(".explained");
    const mark = label && this.#marks.get(label);
    if (!label || !mark) return;
    const over = new AbortController();
    const { signal } = over;
    let pressed = false;
    const timer = setTimeout(() => ((pressed = true), this.#open(label, mark)), PRESS);
    const end = () => (clearTimeout(timer), setTimeout(() => over.abort(), CLICK));
    const moved = (/** @type {PointerEvent} */ { clientX, clientY }) =>
      Math.hypot(clientX - down.clientX, clientY - down.clientY) > STILL && end();
    const dropped = (/** @type {Event} */ event) =>
      pressed && event.target instanceof Node && label.contains(event.target) && event.preventDefault();
    document.addEventListener("pointerup", end, { signal });
    document.addEventListener("pointercancel", end, { signal });
    document.addEventListener("pointermove", moved, { signal });
    document.addEventListener("click", dropped, { signal, capture: true });
    document.addEventListener("contextmenu", dropped, { signal });
  }

  /**
   * F1 opens the card of what has the focus, which gets it back; in a card, that of the next label.
   *
   * @param {KeyboardEvent} event
   */
  #explain(event) {
    const { activeElement } = document;
    if (!activeElement || event.defaultPrevented) return;
    const has = (/** @type {Element} */ label) => this.#marks.has(label);
    const within = this.#card.holds(activeElement) ? this.#explained : null;
    const from = within ? this.#from : activeElement;
    const label = within ? labelAfter(within, has) : labelOf(activeElement, has);
    const mark = label && this.#marks.get(label);
    if (!label || !mark) return;
    event.preventDefault();
    this.#from = from;
    void this.#open(label, mark).then(() => this.#card.enter(from));
  }

  /** Escape closes the card and nothing else. @param {KeyboardEvent} event */
  #escape(event) {
    if (event.key !== "Escape" || !this.#card.isOpen) return;
    event.stopPropagation();
    this.#close();
  }
}

/**
 * While a pointer is on a mark its card opens, beside which the browser would show its name.
 *
 * @param {HTMLElement} mark
 */
function hush(mark) {
  mark.setAttribute("aria-label", mark.title);
  mark.removeAttribute("title");
}

/** @param {HTMLElement} mark */
function nameAgain(mark) {
  mark.title ||= mark.getAttribute("aria-label") ?? "";
  mark.removeAttribute("aria-label");
}
