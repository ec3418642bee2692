/** The two states of a run that a line joins: the present or a checkpoint, and a checkpoint. */

/** @import { RunControl } from "../run/run.js" */

import { deleteCheckpoint } from "../core/api.js";
import { element } from "../core/dom.js";
import { texts } from "../core/texts.js";
import { listChoices, offer } from "./checkpoint_choices.js";
import { choose } from "./study_form.js";

const TEXTS = texts(import.meta.url, {
  from: "From",
  now: "now",
  zeroEnd: "Where 0 is: the network as it is now, or a checkpoint",
  to: "To",
  chooseOne: "choose one …",
  whereIs: "Where 1 is",
  deleteCheckpointChosen: "Delete the checkpoint that is chosen as the other end",
  deleteIt: "Delete it",
  noneYet: "none yet",
  keepNetworkNow: "Keep the network as it is now as a checkpoint, to draw a line from or to",
  keepThisState: "Keep this state",
});

/** @param {RunControl} run @param {() => void} changed called when both ends are known, and one is another */
export function lineEnds(run, changed) {
  return new LineEnds(run, changed);
}

/**
 * A name for the next checkpoint that none has yet.
 *
 * @param {Iterable<string>} taken @returns {string} such as state-3
 */
export function nextName(taken) {
  const names = new Set(taken);
  let number = 1;
  while (names.has(`state-${number}`)) number += 1;
  return `state-${number}`;
}

class LineEnds {
  #run;
  #changed;
  #from = choose(TEXTS.from, [["", TEXTS.now]], "", () => this.#choose(), TEXTS.zeroEnd);
  #to = choose(TEXTS.to, [["", TEXTS.chooseOne]], "", () => this.#choose(), TEXTS.whereIs);
  #remove = element(
    "button",
    {
      type: "button",
      class: "button quiet needs-control",
      title: TEXTS.deleteCheckpointChosen,
      disabled: true,
      onclick: () => void this.#removeChosen(),
    },
    TEXTS.deleteIt,
  );

  /** @param {RunControl} run @param {() => void} changed */
  constructor(run, changed) {
    this.#run = run;
    this.#changed = changed;
    const actions = element("div", { class: "relief-actions" }, this.#keepButton(), this.#remove);
    this.element = element("div", { class: "line-ends" }, this.#from.element, this.#to.element, actions);
  }

  /** Null for the present. */
  get from() {
    return this.#from.select.value || null;
  }

  /** Null where none is chosen yet. */
  get to() {
    return this.#to.select.value || null;
  }

  /** Offer the checkpoints that there are by now. */
  async fill() {
    const known = await listChoices(this.#run);
    if (!known) return;
    offer(this.#from.select, [["", TEXTS.now], ...known]);
    offer(this.#to.select, [["", known.length ? TEXTS.chooseOne : TEXTS.noneYet], ...known]);
    this.#remove.disabled = this.to === null;
  }

  #keepButton() {
    return element(
      "button",
      {
        type: "button",
        class: "button needs-control",
        title: TEXTS.keepNetworkNow,
        onclick: () => void this.#keep(),
      },
      TEXTS.keepThisState,
    );
  }

  #choose() {
    this.#remove.disabled = this.to === null;
    if (this.to !== null) this.#changed();
  }

  async #keep() {
    const taken = Array.from(this.#to.select.options, ({ value }) => value);
    if (await this.#run.snapshot(nextName(taken))) await this.fill();
  }

  async #removeChosen() {
    const { run: shown } = this.#run.state;
    if (!shown || !this.to) return;
    try {
      await deleteCheckpoint(shown.id, this.to);
      await this.fill();
    } catch (error) {
      this.#run.notify(error instanceof Error ? error.message : String(error), "error");
    }
  }
}
