/** Arithmetic both ways: forward, and of convolutions and poolings backward, which is fetched when it is opened. */

/** @import { JsonObject } from "../../types.d.ts" */
/** @import { RunControl } from "../../run/run.js" */
/** @import { StageView } from "../../network/layout.js" */
/** @import { Panel } from "../../widgets/lazy_panel.js" */

import { element, setAttribute } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { demandChanged, lazily } from "../../widgets/lazy_panel.js";

const TEXTS = texts(import.meta.url, {
  way: "Which way",
  forward: "Forward",
  backward: "Backward",
});

/** What a window slides over: what these nodes do is shown backward, too. */
const WINDOWED = new Set(["convolution", "max_pooling", "average_pooling"]);

export class TwoWays {
  #run;
  #stage;
  #forward;
  #backward = lazily(async () => {
    const { backwardPanel } = await import("../backward_arithmetic.js");
    return (run, stage) => {
      const made = backwardPanel(run, stage);
      // Once it stands in the page: in what does not, nothing can have the focus.
      queueMicrotask(() => this.#shownBackward && this.#placeBar(made.element));
      return made;
    };
  });
  /** @type {HTMLElement | null} */
  #built = null;
  #isBackward = false;
  #ways = [false, true].map((backward) =>
    element(
      "button",
      { type: "button", class: "mark", onclick: () => this.#turn(backward) },
      backward ? TEXTS.backward : TEXTS.forward,
    ),
  );
  #bar = element("div", { class: "marks", role: "group", "aria-label": TEXTS.way }, ...this.#ways);

  /** @param {RunControl} run @param {StageView} stage @param {Panel} forward */
  constructor(run, stage, forward) {
    this.#run = run;
    this.#stage = stage;
    this.#forward = forward;
    this.element = element("div", {}, this.#bar, forward.element);
    run.store.watch(
      (state) => state.selected,
      () => this.#show(),
    );
  }

  /** @returns {JsonObject[]} */
  demand() {
    const demand = this.#shownBackward ? this.#backward.demand : undefined;
    return demand ? demand(this.#run, this.#stage) : this.#forward.demand();
  }

  get #isWindowed() {
    const column = this.#stage.layout?.columns.find(({ name }) => name === this.#run.state.selected);
    return Boolean(column?.maps && !column.folded && WINDOWED.has(String(column.members[0]?.role)));
  }

  get #shownBackward() {
    return this.#isBackward && this.#isWindowed;
  }

  /** @param {boolean} backward */
  #turn(backward) {
    this.#isBackward = backward;
    this.#show();
    demandChanged();
  }

  #show() {
    const backward = this.#shownBackward;
    this.#bar.hidden = !this.#isWindowed;
    this.#ways.forEach((button, index) =>
      setAttribute(button, "aria-pressed", String(backward === (index === 1))),
    );
    if (backward && !this.#built) {
      this.#built = this.#backward.build(this.#run, this.#stage);
      this.element.append(this.#built);
    }
    this.#forward.element.hidden = backward;
    if (this.#built) this.#built.hidden = !backward;
    this.#placeBar(backward ? this.#built : this.#forward.element);
  }

  /** The choice stands in the head of what is shown; until that has come, above it. @param {Element | null} shown */
  #placeBar(shown) {
    const result = shown?.querySelector(".arithmetic-result");
    const focused = this.#ways.find((button) => button === document.activeElement);
    if (result) result.before(this.#bar);
    else this.element.prepend(this.#bar);
    focused?.focus(); // moving takes it away
  }
}
