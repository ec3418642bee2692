/**
 * Edits of the experiment: shown at once, sent when the one before is answered, taken back where refused; undo
 * and redo.
 *
 * What the page shows is the server's experiment with the changes that it has not confirmed laid over it, one
 * after the other. They are sent together; where the server refuses several, they are sent one by one, so that
 * only those are lost that it will not have.
 */

/** @import { Experiment, JsonObject, Located, PatchOperation } from "../types.d.ts" */
/** @import { Act, ChangeStep, Step } from "./steps.js" */

import { difference, isEqual, patched } from "../core/json.js";
import { Disconnected, Refused } from "../core/live.js";
import { merged } from "./merge.js";
import { isAct, Steps } from "./steps.js";

/**
 * @typedef {object} Host
 * @property {(patch: PatchOperation[], revision: number) => Promise<JsonObject>} send
 * @property {() => void} changed `desired`, or what can be undone or redone, is another
 * @property {(problems: Located[], message: string, wanted: Experiment) => void} refused
 * @property {(how: string, answer: JsonObject, before: Experiment, after: Experiment) => void} applied "live" or
 * "rebuilt", the whole answer, and the server's experiment before and after
 * @property {() => void} kept what was to be undone or redone stays: another user has changed it since
 * @property {(before: Experiment, after: Experiment) => string} [nameOf] a change, in words
 */

/**
 * A change that the server has not confirmed, and the step of undo that it belongs to.
 *
 * @typedef {{ before: Experiment, after: Experiment, step: ChangeStep }} Change
 */

/** Changes of one place within this many milliseconds are one step of undo. */
const MERGE_WITHIN = 900;

export class Edits {
  #host;
  /** @type {Experiment} what the server has */
  confirmed;
  /** @type {Experiment} what the page shows */
  desired;
  revision = 0;
  steps = new Steps();
  /** In the order in which they were made. @type {Change[]} */
  #waiting = [];
  /** How many of the first of them are under way. */
  #flying = 0;
  /** How many of the first of them were refused together, and are sent one by one. */
  #apart = 0;
  #sending = false;
  /**
   * Told while an edit is under way; it may be of that very edit, so its answer is awaited first.
   *
   * @type {{ experiment: Experiment, revision: number } | null}
   */
  #news = null;
  #last = { place: "", at: -Infinity };

  /** @param {Experiment} experiment @param {number} revision @param {Host} host */
  constructor(experiment, revision, host) {
    this.#host = host;
    this.confirmed = this.desired = experiment;
    this.revision = revision;
  }

  get canUndo() {
    return this.steps.past.length > 0;
  }

  get canRedo() {
    return this.steps.future.length > 0;
  }

  /** The names of the changes that the server has not confirmed. @returns {string[]} */
  get unconfirmed() {
    return [...new Set(this.#waiting.map(({ step }) => step.name))];
  }

  /**
   * The server's experiment as of now: after a reconnection, or when someone else edited. What is not
   * yet sent is laid over it.
   *
   * @param {Experiment} experiment @param {number} revision
   */
  rebase(experiment, revision) {
    if (this.#sending) this.#news = { experiment, revision };
    else this.#layOver(experiment, revision);
    void this.#flush();
  }

  /** @param {Experiment} experiment @param {number} revision */
  #layOver(experiment, revision) {
    this.confirmed = experiment;
    this.revision = revision;
    this.#settle();
    this.#host.changed();
  }

  /** Lay the changes that wait over the server's experiment, one after the other. */
  #settle() {
    let base = this.confirmed;
    for (const change of this.#waiting) {
      const after = merged(change.before, base, change.after);
      this.steps.rewrite(change.before, base);
      this.steps.rewrite(change.after, after);
      change.before = base;
      change.after = base = after;
    }
    this.desired = base;
  }

  /**
   * Change the experiment.
   *
   * @param {Experiment} after @param {string} [place] where, so that a dragged slider is one step of undo
   * @param {number} [now] milliseconds
   */
  change(after, place = "", now = Date.now()) {
    const before = this.desired;
    if (isEqual(after, before)) return;
    const last = this.steps.past.at(-1);
    const same = place !== "" && place === this.#last.place && now - this.#last.at < MERGE_WITHIN;
    this.#last = { place, at: now };
    if (same && last && !isAct(last)) {
      last.after = after;
      last.name = this.#nameOf(last.before, after);
      this.#show({ before, after, step: last });
    } else {
      const step = { name: this.#nameOf(before, after), before, after };
      this.steps.remember(step);
      this.#show({ before, after, step });
    }
  }

  /** @param {Experiment} before @param {Experiment} after */
  #nameOf(before, after) {
    return this.#host.nameOf?.(before, after) ?? "";
  }

  /** Something else was done; undoing it takes its turn among the changes. @param {Act} act */
  acted(act) {
    this.steps.remember(act);
    this.#last.place = "";
    this.#host.changed();
    void act.done?.then((done) => {
      if (done) return;
      this.steps.forget(act);
      this.#host.changed();
    });
  }

  undo() {
    const step = this.steps.past.pop();
    if (!step) return;
    this.#last.place = "";
    if (isAct(step)) void this.#act(step, step.undo, "future", "past");
    else
      this.#go(step.after, step.before, this.steps.future, (before, after) => ({
        name: step.name,
        before: after,
        after: before,
      }));
  }

  redo() {
    const step = this.steps.future.pop();
    if (!step) return;
    this.#last.place = "";
    if (isAct(step)) void this.#act(step, step.redo, "past", "future");
    else
      this.#go(step.before, step.after, this.steps.past, (before, after) => ({
        name: step.name,
        before,
        after,
      }));
  }

  /**
   * Undo an act, or do it again; where that is refused, it stays as it was.
   *
   * @param {Act} act @param {() => unknown} way @param {"past" | "future"} to the stack where it stands then
   * @param {"past" | "future"} from
   */
  async #act(act, way, to, from) {
    this.steps[to].push(act);
    this.#host.changed();
    const done = !act.done || (await act.done) ? await way() : null;
    if (done !== false && done !== null) return;
    if (!this.steps[to].includes(act)) return;
    this.steps.forget(act);
    if (done === false) this.steps[from].push(act);
    this.#host.changed();
  }

  /**
   * Go from one of our experiments to another; what another user has changed meanwhile stays.
   *
   * @param {Experiment} from @param {Experiment} to
   * @param {Step[]} stack where the way back is kept @param {(before: Experiment, after: Experiment) =>
   * ChangeStep} stepOf
   */
  #go(from, to, stack, stepOf) {
    const before = this.desired;
    const after = merged(from, before, to, (theirs) => theirs);
    if (isEqual(after, before)) {
      this.#host.kept();
      this.#host.changed();
      return;
    }
    const step = stepOf(before, after);
    stack.push(step);
    this.#show({ before, after, step });
  }

  /** @param {Change} change */
  #show(change) {
    const last = this.#waiting.at(-1);
    if (last && last.step === change.step && this.#waiting.length > this.#flying) last.after = change.after;
    else this.#waiting.push(change);
    this.desired = change.after;
    this.#host.changed();
    void this.#flush();
  }

  async #flush() {
    if (this.#sending) return;
    this.#sending = true;
    try {
      while (this.#waiting.length > 0) {
        await this.#sendNext();
        const news = this.#news;
        this.#news = null;
        if (news && news.revision > this.revision) this.#layOver(news.experiment, news.revision);
      }
    } catch (error) {
      if (!(error instanceof Disconnected)) throw error;
      // Sent again, over the then current experiment, when the connection is back.
    } finally {
      this.#sending = false;
      this.#flying = 0;
      this.#news = null;
    }
  }

  async #sendNext() {
    const count = this.#apart > 0 ? 1 : this.#waiting.length;
    const sent = this.#waiting[count - 1]?.after ?? this.confirmed;
    if (isEqual(sent, this.confirmed)) {
      this.#answered(count);
      this.#settle();
      this.#host.changed();
      return;
    }
    this.#flying = count;
    const patch = difference(this.confirmed, sent);
    try {
      this.#confirm(await this.#host.send(patch, this.revision), count, patched(this.confirmed, patch));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#takeBack(error, patch, count);
    } finally {
      this.#flying = 0;
    }
  }

  /** So many of the first need not be sent any more. @param {number} count @returns {Change[]} those */
  #answered(count) {
    this.#apart = Math.max(0, this.#apart - count);
    return this.#waiting.splice(0, count);
  }

  /** @param {JsonObject} answer @param {number} count of changes @param {Experiment} sent */
  #confirm(answer, count, sent) {
    const before = this.confirmed;
    const known = this.#answered(count).at(-1)?.after ?? sent;
    this.confirmed = /** @type {Experiment} */ (/** @type {unknown} */ (answer["experiment"])) ?? sent;
    this.revision = Number(answer["revision"] ?? this.revision + 1);
    this.steps.rewrite(known, this.confirmed);
    this.#settle();
    this.#host.applied(String(answer["applied"] ?? "rebuilt"), answer, before, this.confirmed);
    this.#host.changed();
  }

  /** @param {Refused} error @param {PatchOperation[]} patch @param {number} count of changes in it */
  #takeBack(error, patch, count) {
    const { experiment, revision } = error.answer;
    if (experiment && typeof revision === "number" && revision !== this.revision) {
      // Someone else was first: lay the changes over theirs and try again.
      this.#layOver(/** @type {Experiment} */ (/** @type {unknown} */ (experiment)), revision);
      return;
    }
    if (count > 1) {
      this.#apart = count; // which of them it will not have is seen when each is sent alone
      return;
    }
    const [refused] = this.#answered(1);
    if (!refused) return;
    const { step, before, after } = refused;
    // Of a dragged slider, what came before it stands, and what comes after it.
    const alone = !this.#waiting.some((change) => change.step === step);
    if (alone && step.before === after) this.steps.keep(step);
    else if (alone && step.before === before) this.steps.forget(step);
    else this.steps.rewrite(after, before);
    this.#settle();
    this.#host.changed();
    this.#host.refused(
      placed(error.problems, patch, error.answer["experiment_pointers"]),
      error.message,
      after,
    );
  }
}

/**
 * Problems of a patch as problems of the experiment: `/patch/0/value/units` → `/network/1/units`. A problem
 * of
 * a node that the patch does not touch has no place in it; where the server says a place in the experiment,
 * that counts.
 *
 * @param {Located[]} problems @param {PatchOperation[]} patch @param {import("../types.d.ts").Json} [places]
 * one for each problem
 * @returns {Located[]}
 */
export function placed(problems, patch, places = null) {
  return problems.map((problem, index) => {
    const { pointer } = problem;
    const place = Array.isArray(places) ? places[index] : null;
    if (typeof place === "string") return { ...problem, pointer: place };
    const found = /^\/patch\/(\d+)(?:\/(?:value|path|op))?(.*)$/.exec(pointer);
    if (!found) return { ...problem, pointer: pointer.replace(/^\/patch$|^\/experiment(?=\/|$)/, "") };
    return { ...problem, pointer: (patch[Number(found[1])]?.path ?? "") + found[2] };
  });
}
