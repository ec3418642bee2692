/** Edits of the experiment: shown at once, sent one at a time, taken back where refused; undo and redo. */

/** @import { Experiment, JsonObject, Located, PatchOperation } from "../types.d.ts" */

import { difference, isEqual, patched } from "../core/json.js";
import { Disconnected, Refused } from "../core/live.js";
import { merged } from "./merge.js";

/**
 * @typedef {object} Host
 * @property {(patch: PatchOperation[], revision: number) => Promise<JsonObject>} send
 * @property {() => void} changed `desired`, `canUndo` or `canRedo` is another
 * @property {(problems: Located[], message: string, wanted: Experiment) => void} refused
 * @property {(how: string) => void} applied "live" or "rebuilt"
 * @property {() => void} kept what was to be undone or redone stays: another user has changed it since
 */

/**
 * One step of undo: of the experiment, or something else that was done and can be undone.
 *
 * @typedef {{ before: Experiment, after: Experiment } | { undo: () => void, redo: () => void }} Step
 */

/** Changes of one place within this many milliseconds are one step of undo. */
const MERGE_WITHIN = 900;
const MOST_STEPS = 200;

export class Edits {
  #host;
  /** @type {Experiment} what the server has */
  confirmed;
  /** @type {Experiment} what the page shows */
  desired;
  revision = 0;
  /** @type {Step[]} */
  #past = [];
  /** @type {Step[]} */
  #future = [];
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
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
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
    this.desired = merged(this.confirmed, experiment, this.desired);
    this.confirmed = experiment;
    this.revision = revision;
    this.#host.changed();
  }

  /**
   * Change the experiment.
   *
   * @param {Experiment} after @param {string} [place] where, so that a dragged slider is one step of undo
   * @param {number} [now] milliseconds
   */
  change(after, place = "", now = Date.now()) {
    if (isEqual(after, this.desired)) return;
    const last = this.#past.at(-1);
    const same = place !== "" && place === this.#last.place && now - this.#last.at < MERGE_WITHIN;
    if (same && last && "after" in last) last.after = after;
    else this.#remember({ before: this.desired, after });
    this.#last = { place, at: now };
    this.#show(after);
  }

  /**
   * Something else was done; undoing it takes its turn among the changes.
   *
   * @param {{ undo: () => void, redo: () => void }} act
   */
  acted(act) {
    this.#remember(act);
    this.#last.place = "";
    this.#host.changed();
  }

  /** @param {Step} step */
  #remember(step) {
    this.#past.push(step);
    if (this.#past.length > MOST_STEPS) this.#past.shift();
    this.#future = [];
  }

  undo() {
    const step = this.#past.pop();
    if (!step) return;
    this.#last.place = "";
    if ("undo" in step) {
      this.#future.push(step);
      step.undo();
      this.#host.changed();
    } else {
      this.#go(step.after, step.before, this.#future, (before, after) => ({ before: after, after: before }));
    }
  }

  redo() {
    const step = this.#future.pop();
    if (!step) return;
    this.#last.place = "";
    if ("redo" in step) {
      this.#past.push(step);
      step.redo();
      this.#host.changed();
    } else {
      this.#go(step.before, step.after, this.#past, (before, after) => ({ before, after }));
    }
  }

  /**
   * Go from one of our experiments to another; what another user has changed meanwhile stays.
   *
   * @param {Experiment} from @param {Experiment} to
   * @param {Step[]} stack where the way back is kept @param {(before: Experiment, after: Experiment) => Step}
   * step
   */
  #go(from, to, stack, step) {
    const before = this.desired;
    const after = merged(from, before, to, (theirs) => theirs);
    if (isEqual(after, before)) {
      this.#host.kept();
      this.#host.changed();
      return;
    }
    stack.push(step(before, after));
    this.#show(after);
  }

  /** @param {Experiment} experiment */
  #show(experiment) {
    this.desired = experiment;
    this.#host.changed();
    void this.#flush();
  }

  async #flush() {
    if (this.#sending) return;
    this.#sending = true;
    try {
      while (!isEqual(this.desired, this.confirmed)) {
        await this.#sendOne();
        const news = this.#news;
        this.#news = null;
        if (news && news.revision > this.revision) this.#layOver(news.experiment, news.revision);
      }
    } catch (error) {
      if (!(error instanceof Disconnected)) throw error;
      // Sent again, over the then current experiment, when the connection is back.
    } finally {
      this.#sending = false;
      this.#news = null;
    }
  }

  async #sendOne() {
    const sent = this.desired;
    const patch = difference(this.confirmed, sent);
    try {
      const answer = await this.#host.send(patch, this.revision);
      const stored =
        /** @type {Experiment} */ (/** @type {unknown} */ (answer["experiment"])) ??
        patched(this.confirmed, patch);
      this.confirmed = stored;
      this.revision = Number(answer["revision"] ?? this.revision + 1);
      const shown = this.desired;
      this.desired = merged(sent, stored, shown);
      this.#written(sent, stored);
      this.#written(shown, this.desired);
      this.#host.applied(String(answer["applied"] ?? "rebuilt"));
      this.#host.changed();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#takeBack(error, patch, sent);
    }
  }

  /**
   * The server writes out names and defaults: what the steps of undo knew is now this.
   *
   * @param {Experiment} known @param {Experiment} now
   */
  #written(known, now) {
    for (const step of [...this.#past, ...this.#future]) {
      if (!("after" in step)) continue;
      if (step.before === known) step.before = now;
      if (step.after === known) step.after = now;
    }
  }

  /** @param {Refused} error @param {PatchOperation[]} patch @param {Experiment} sent */
  #takeBack(error, patch, sent) {
    const { experiment, revision } = error.answer;
    if (experiment && typeof revision === "number" && revision !== this.revision) {
      // Someone else was first: lay the changes over theirs and try again.
      this.#layOver(/** @type {Experiment} */ (/** @type {unknown} */ (experiment)), revision);
      return;
    }
    this.desired = merged(sent, this.confirmed, this.desired);
    this.#forget(sent);
    this.#host.changed();
    this.#host.refused(
      placed(error.problems, patch, error.answer["experiment_pointers"]),
      error.message,
      sent,
    );
  }

  /**
   * The server would not have it: no step of undo leads there, or began there.
   *
   * @param {Experiment} refused
   */
  #forget(refused) {
    /** @type {Step[]} */
    const past = [];
    for (const step of this.#past) {
      if ("undo" in step) past.push(step);
      else if (!isEqual(step.after, refused)) {
        const [before, after] = isEqual(step.before, refused)
          ? [this.confirmed, merged(refused, this.confirmed, step.after)]
          : [step.before, step.after];
        if (!isEqual(before, after)) past.push({ before, after });
      }
    }
    this.#past = past;
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
  return problems.map(({ pointer, message }, index) => {
    const place = Array.isArray(places) ? places[index] : null;
    if (typeof place === "string") return { pointer: place, message };
    const found = /^\/patch\/(\d+)(?:\/(?:value|path|op))?(.*)$/.exec(pointer);
    if (!found) return { pointer: pointer.replace(/^\/patch$|^\/experiment(?=\/|$)/, ""), message };
    return { pointer: (patch[Number(found[1])]?.path ?? "") + found[2], message };
  });
}
