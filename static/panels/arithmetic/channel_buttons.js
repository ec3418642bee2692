/** The channels that are read, a button each; there are none where there is one channel. */

/** @import { Channel } from "./model.js" */

import { element, setAttribute, setText } from "../../core/dom.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  channelsThatAreRead: "Channels that are read",
});

export class ChannelButtons {
  element = element("div", { class: "channels", role: "group", "aria-label": TEXTS.channelsThatAreRead });
  /** @type {HTMLButtonElement[]} */
  #buttons = [];
  #choose;

  /** @param {(index: number) => void} choose */
  constructor(choose) {
    this.#choose = choose;
  }

  /** @param {Channel[]} channels */
  paint(channels) {
    this.element.hidden = channels.length === 1;
    if (this.#buttons.length !== channels.length) this.#build(channels);
    channels.forEach(({ label, title, chosen }, index) => {
      const button = this.#buttons[index];
      if (!button) return;
      setText(button, label);
      setAttribute(button, "aria-pressed", String(chosen));
      setAttribute(button, "title", title);
    });
  }

  /** @param {Channel[]} channels */
  #build(channels) {
    this.#buttons = channels.map(({ label }, index) =>
      element("button", { type: "button", class: "mark", onclick: () => this.#choose(index) }, label),
    );
    this.element.replaceChildren(...this.#buttons);
  }
}
