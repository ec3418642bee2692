/** The steps of undo and redo: changes of the experiment, and acts besides, each with its name. */

/** @import { Experiment } from "../types.d.ts" */

/** @typedef {{ name: string, before: Experiment, after: Experiment }} ChangeStep */

/**
 * Something besides edits that is done: it stands among the steps at once, so that a quick undo is of it and not of
 * what came before, and goes where `done` turns out false. Either way returns, perhaps later, false where it was
 * refused, and null where it can be done no more.
 *
 * @typedef {{ name: string, done?: Promise<boolean>, undo: () => unknown, redo: () => unknown }} Act
 */

/** @typedef {ChangeStep | Act} Step */

const MOST_STEPS = 200;

/** @param {Step} step @returns {step is Act} */
export const isAct = (step) => "undo" in step;

export class Steps {
  /** @type {Step[]} the newest last */
  past = [];
  /** @type {Step[]} the next to be done again last */
  future = [];
  /** Whether what came before the first of them may still be missing: nothing was done on this page. */
  open = true;

  /** The name of what undo would undo; null where there is nothing. */
  get undoName() {
    return this.past.at(-1)?.name ?? null;
  }

  get redoName() {
    return this.future.at(-1)?.name ?? null;
  }

  /** Something new was done: what was undone before cannot be done again. @param {Step} step */
  remember(step) {
    this.open = false;
    this.past.push(step);
    if (this.past.length > MOST_STEPS) this.past.shift();
    this.future = [];
  }

  /** Have steps remembered that came before all that are here. @param {() => void} remember */
  beneath(remember) {
    const { past, future } = this;
    [this.past, this.future] = [[], []];
    remember();
    [this.past, this.future] = [[...this.past, ...past], future];
  }

  /**
   * Steps of an earlier page, which came before all that are here; what was undone there cannot be done again after
   * something new.
   *
   * @param {Pick<Steps, "past" | "future">} earlier
   */
  precede({ past, future }) {
    this.past = [...past, ...this.past];
    if (this.open) this.future = [...future, ...this.future];
  }

  /** It is undone or done again no more. @param {Step} step */
  forget(step) {
    this.past = this.past.filter((each) => each !== step);
    this.future = this.future.filter((each) => each !== step);
  }

  /** It could not be undone. @param {Step} step */
  keep(step) {
    this.forget(step);
    this.past.push(step);
  }

  /**
   * The experiment that steps knew is now this one: with names and defaults written out, or over the changes
   * of others.
   *
   * @param {Experiment} known @param {Experiment} now
   */
  rewrite(known, now) {
    if (known === now) return;
    for (const step of [...this.past, ...this.future]) {
      if (isAct(step)) continue;
      if (step.before === known) step.before = now;
      if (step.after === known) step.after = now;
    }
  }
}
