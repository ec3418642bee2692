/** The card of an explanation, which one label at a time may have open. */

/** @import { Explanation } from "../../core/explained.js" */

import { at } from "../../core/address.js";
import { element, uniqueId } from "../../core/dom.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  more: "More in the reference",
});

/** Pixels between a mark and its card, and from the card to the edge of the screen. */
const [GAP, EDGE] = [6, 8];

export class Card {
  /** Manual: it is opened while a finger is down, whose lifting would dismiss any other popover. */
  #element = element("div", { class: "explanation", popover: "manual", role: "note", tabindex: -1 });
  /** The mark whose card is open. @type {HTMLElement | null} */
  #mark = null;
  /** What has the focus again once the card is closed; null: the mark. @type {HTMLElement | null} */
  #from = null;

  /** @param {() => void} left called when the pointer or the page's focus leaves the card */
  constructor(left) {
    this.#element.id = uniqueId("explanation");
    this.#element.addEventListener("pointerleave", left);
    this.#element.addEventListener("focusout", left);
  }

  get isOpen() {
    return this.#mark !== null;
  }

  /** Whether the pointer or the page's focus is on the card or on its mark. */
  get isUsed() {
    const used = [this.#element, this.#mark].filter((part) => part !== null);
    return used.some((part) => part.matches(":hover") || part.contains(document.activeElement));
  }

  /** Whether an element is the card, its mark, or within them. @param {EventTarget | null} target */
  holds(target) {
    return (
      target instanceof Node && (this.#element.contains(target) || Boolean(this.#mark?.contains(target)))
    );
  }

  /** @param {HTMLElement} mark @param {Explanation} explanation */
  open(mark, explanation) {
    if (this.#mark === mark) return;
    this.close();
    this.#element.replaceChildren(...contentOf(explanation));
    document.body.append(this.#element);
    this.#mark = mark;
    mark.setAttribute("aria-expanded", "true");
    mark.setAttribute("aria-details", this.#element.id);
    // The mark is the source: the card follows it in the order of focus.
    const { showPopover } = /** @type {{ showPopover: (options: { source: HTMLElement }) => void }} */ (
      /** @type {unknown} */ (this.#element)
    );
    showPopover.call(this.#element, { source: mark });
    place(this.#element, mark);
  }

  /** The page's focus goes to the card, and later back. @param {Element | null} [from] left out: to the mark */
  enter(from = null) {
    this.#from = from instanceof HTMLElement ? from : null;
    if (this.#mark) (this.#element.querySelector("a") ?? this.#element).focus({ preventScroll: true });
  }

  /** Close the card; where it has the page's focus, that goes back to where it came from. */
  close() {
    const mark = this.#mark;
    if (!mark) return;
    if (this.#element.contains(document.activeElement)) (this.#from ?? mark).focus({ preventScroll: true });
    this.#mark = this.#from = null;
    mark.setAttribute("aria-expanded", "false");
    mark.removeAttribute("aria-details");
    this.#element.remove();
  }
}

/** @param {Explanation} explanation @returns {HTMLElement[]} */
function contentOf({ label, description, formula, page }) {
  const lines = formula ? formula.split(/;?\s{2,}/) : [];
  const parts = [
    element("strong", {}, label),
    ...lines.map((line) => element("p", { class: "formula" }, line)),
    element("p", {}, description),
  ];
  if (page) parts.push(element("a", { href: at(page) }, TEXTS.more));
  return parts;
}

/**
 * Below the mark, or above it where there is no room; always on the screen.
 *
 * @param {HTMLElement} card @param {Element} mark
 */
function place(card, mark) {
  const box = mark.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = card;
  const left = Math.max(EDGE, Math.min(innerWidth - width - EDGE, box.left - 12));
  const below = box.bottom + GAP;
  const top = below + height <= innerHeight - EDGE ? below : Math.max(EDGE, box.top - height - GAP);
  card.style.setProperty("left", `${left}px`);
  card.style.setProperty("top", `${top}px`);
}
