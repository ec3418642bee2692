/** The inspector as a workspace: below the network, at its right or full, of a size of its own, kept by the browser. */

/** @import { Place } from "./placement.js" */

import { element, icon } from "../../core/dom.js";
import { rememberedPlace, rememberPlace, splitter } from "../panes.js";
import { LEAST_INSPECTOR, LEAST_PAGE, mostOf, placeOn } from "./placement.js";
import { PLACES, WORDS } from "./words.js";

export class Workspace {
  #root;
  #body;
  #wished = rememberedPlace();
  /** @type {Map<Place, HTMLButtonElement>} */
  #buttons = new Map();
  /** @type {(HTMLElement & { refresh: () => void })[]} */
  #separators;
  /** The buttons that choose its place. */
  places = element("div", { class: "inspector-places", role: "group", "aria-label": WORDS.place });

  /** @param {HTMLElement} root @param {HTMLElement} body of it, which scrolls */
  constructor(root, body) {
    this.#root = root;
    this.#body = body;
    for (const [place, label, picture] of PLACES) {
      const onclick = () => this.#wish(place);
      const button = element("button", {
        type: "button",
        class: "icon-button",
        "aria-label": label,
        title: label,
        onclick,
      });
      button.append(icon(picture));
      this.#buttons.set(place, button);
      this.places.append(button);
    }
    this.#separators = [this.#separator("height"), this.#separator("width")];
    root.prepend(...this.#separators);
    matchMedia(`(min-width: ${LEAST_PAGE}px)`).addEventListener("change", () => this.show(!root.hidden));
    new ResizeObserver(() => this.#refresh()).observe(body);
  }

  /** Open or closed. @param {boolean} open */
  show(open) {
    this.#root.hidden = !open;
    const place = placeOn(innerWidth, this.#wished);
    if (open) document.body.dataset["inspector"] = place;
    else delete document.body.dataset["inspector"];
    for (const [each, button] of this.#buttons) button.setAttribute("aria-pressed", String(each === place));
    this.places.hidden = innerWidth < LEAST_PAGE;
    this.#refresh();
  }

  /** The separators' values, which follow from the room there is. */
  #refresh() {
    if (!this.#root.hidden) for (const separator of this.#separators) separator.refresh();
  }

  /** @param {Place} place */
  #wish(place) {
    this.#wished = place;
    rememberPlace(place);
    this.show(true);
  }

  /** @param {"height" | "width"} along */
  #separator(along) {
    const upright = along === "width";
    const side = upright ? "offsetWidth" : "offsetHeight";
    const middle = () => /** @type {HTMLElement} */ (this.#root.parentElement);
    const size = () => (upright ? this.#root : this.#body)[side];
    const head = () => (upright ? 0 : this.#root.offsetHeight - this.#body.offsetHeight);
    const line = splitter({
      name: `inspector-${along}`,
      label: WORDS[along],
      vertical: upright,
      least: LEAST_INSPECTOR[along],
      most: () => mostOf(along, middle()[side], head()),
      size,
      sign: -1,
    });
    line.classList.add(`at-inspector-${along}`);
    line.setAttribute("aria-controls", this.#root.id);
    return line;
  }
}
