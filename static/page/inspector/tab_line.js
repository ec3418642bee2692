/** One line of tabs below their name: those that find no room stand in a menu at its end. */

import { element, setAttribute } from "../../core/dom.js";
import { PHONE } from "../../core/screen.js";
import { texts } from "../../core/texts.js";
import { openMenu } from "../../widgets/menu.js";
import { fitting } from "./fitting.js";

const TEXTS = texts(import.meta.url, {
  more: "More",
  moreOf: "More of {group}: {count}",
});

/** @typedef {{ button: HTMLButtonElement, title: string, time: HTMLElement, choose: () => void }} LineTab */

export class TabLine {
  #name;
  #caption;
  /** @type {LineTab[]} */
  #tabs = [];
  #more = element(
    "button",
    {
      type: "button",
      class: "more-tabs",
      "aria-haspopup": "dialog",
      "aria-expanded": "false",
      hidden: true,
      onclick: () => this.#open(),
    },
    TEXTS.more,
  );

  /** @param {string} name */
  constructor(name) {
    this.#name = name;
    this.#caption = element("span", { class: "caption", "aria-hidden": "true" }, name);
    this.list = element("div", { class: "inspector-tabs", role: "tablist", "aria-label": name });
    this.element = element("div", { class: "tab-group" }, this.#caption, this.list, this.#more);
  }

  /** @param {LineTab} tab */
  add(tab) {
    this.#tabs.push(tab);
    this.list.append(tab.button);
  }

  /** Leave in the line what has room in so many pixels, and the chosen tab. @param {number} width */
  fit(width) {
    const offered = this.#tabs.filter(({ button }) => !button.hidden);
    this.#more.hidden = false; // to be measured
    const widths = offered.map(({ button }) => button.offsetWidth);
    const chosen = offered.findIndex(({ button }) => button.ariaSelected === "true");
    const rooms = { all: width - this.#caption.offsetWidth, more: this.#more.offsetWidth };
    // On a phone a finger moves the whole line.
    const fits = PHONE.matches ? widths.map(() => true) : fitting(widths, rooms, chosen);
    offered.forEach(({ button }, index) => button.toggleAttribute("data-beyond", !fits[index]));
    const count = fits.filter((fit) => !fit).length;
    this.#more.hidden = count === 0;
    setAttribute(this.#more, "aria-label", TEXTS.moreOf({ group: this.#name, count }));
  }

  #open() {
    const beyond = this.#tabs.filter(({ button }) => !button.hidden && button.hasAttribute("data-beyond"));
    const entries = beyond.map(({ button, title, time, choose }) => ({
      label: title,
      detail: time.textContent ?? "",
      run: () => (choose(), button.focus()),
    }));
    openMenu(this.#more, this.#name, entries);
  }
}
