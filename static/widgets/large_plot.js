/**
 * A plot opened large: a button, and a window over the whole page in which Plotly draws what the plot shows, to be
 * zoomed, turned, read off and taken away. What draws is loaded when first needed.
 */

/** @import { Figure } from "../draw/figure.js" */
/** @import { LargeView } from "./large_plot/view.js" */

import { element, icon, iconButton } from "../core/dom.js";
import { onTheme } from "../core/theme.js";
import { texts } from "../core/texts.js";
import { DrawThrottle } from "./large_plot/draw_throttle.js";

const TEXTS = texts(import.meta.url, {
  openLarge: "Open large: {name}",
  openLargeZoom: "Open large: zoom, read off, take away",
  tryAgain: "Try again",
  closeEsc: "Close (Esc)",
  loadingRenderer: "Loading what draws it …",
  drawingNotLoaded: "What draws it was not loaded: {message}",
  nothingYet: "Nothing to show yet: it appears here with the first numbers.",
});

/**
 * @template Shown
 * @typedef {object} Source
 * @property {string} name of the plot
 * @property {() => string} title of what it is a plot of: the run's
 * @property {(shown: Shown, view: string) => Figure} figure what Plotly draws of it
 * @property {[view: string, label: string][]} [views] the ways to see it, the first at first
 */

/** @template Shown */
export class LargePlot {
  #source;
  /** What the plot shows; null while it shows nothing. @type {Shown | null} */
  #shown = null;
  /** @type {LargeWindow<Shown> | null} */
  #window = null;
  button;

  /** @param {Source<Shown>} source */
  constructor(source) {
    this.#source = source;
    this.button = element(
      "button",
      {
        type: "button",
        class: "icon-button open-large",
        "aria-label": TEXTS.openLarge({ name: source.name }),
        "aria-haspopup": "dialog",
        title: TEXTS.openLargeZoom,
        onclick: () => this.#open(),
      },
      icon("enlarge"),
    );
  }

  /** The plot is of something else. @param {string} name */
  rename(name) {
    if (this.#source.name === name) return;
    this.#source.name = name;
    this.button.setAttribute("aria-label", TEXTS.openLarge({ name }));
  }

  /** The plot shows something else. @param {Shown | null} shown */
  show(shown) {
    this.#shown = shown;
    this.#window?.changed();
  }

  #open() {
    this.#window = new LargeWindow(this.#source, () => this.#shown);
    this.#window.element.addEventListener("close", () => {
      this.#window = null;
      this.button.focus();
    });
  }
}

/** @template Shown */
class LargeWindow {
  #source;
  #shown;
  #ended = new AbortController();
  /** @type {LargeView | null} */
  #view = null;
  #status = element("p", { class: "large-status", role: "status" });
  #again = element(
    "button",
    { type: "button", class: "button", onclick: () => void this.#load() },
    TEXTS.tryAgain,
  );
  #waiting = element("div", { class: "large-waiting" }, this.#status, this.#again);
  #body = element("div", { class: "large-body" }, this.#waiting);
  #throttle = new DrawThrottle(() => this.#draw());
  element;

  /** @param {Source<Shown>} source @param {() => Shown | null} shown */
  constructor(source, shown) {
    this.#source = source;
    this.#shown = shown;
    const close = iconButton("remove", TEXTS.closeEsc, () => this.element.close());
    const heading = element("h2", {}, source.name, element("small", {}, source.title()));
    const head = element("header", { class: "large-head" }, heading, close);
    this.element = element("dialog", { class: "large-plot", "aria-label": source.name }, head, this.#body);
    this.element.addEventListener("close", () => this.#end());
    document.body.append(this.element);
    this.element.showModal();
    onTheme(() => this.#throttle.now(), this.#ended.signal); // a choice of the user's: no rest before it
    void this.#load();
  }

  /** What the plot shows, or how, is another. */
  changed() {
    this.#throttle.ask();
  }

  async #load() {
    this.#say(TEXTS.loadingRenderer);
    try {
      const { LargeView } = await import("./large_plot/view.js");
      const view = await LargeView.open(this.#source, this.#throttle);
      if (this.#ended.signal.aborted) return view.end();
      this.#view = view;
      this.#body.replaceChildren(this.#waiting, view.element);
      this.changed();
    } catch (error) {
      this.#say(
        TEXTS.drawingNotLoaded({ message: error instanceof Error ? error.message : String(error) }),
        true,
      );
    }
  }

  async #draw() {
    const shown = this.#shown();
    if (!this.#view) return;
    this.#waiting.hidden = shown !== null;
    this.#view.element.hidden = shown === null;
    if (shown === null) return this.#say(TEXTS.nothingYet);
    await this.#view.draw(shown);
  }

  /** @param {string} message @param {boolean} [failed] */
  #say(message, failed = false) {
    this.#waiting.hidden = false;
    this.#status.textContent = message;
    this.#again.hidden = !failed;
  }

  #end() {
    this.#ended.abort();
    this.#throttle.end();
    this.#view?.end();
    this.element.remove();
  }
}

/** What a run's plots are titled. @param {{ state: { experiment: { title: string } | null } }} run */
export function titleOf({ state }) {
  return state.experiment?.title ?? "";
}
