/** Edits of the experiment: shown at once, sent one at a time, taken back where refused; undo and redo. */

/** @import { Experiment, JsonObject, Located, PatchOperation } from "./types.d.ts" */

import { difference, isEqual, patched } from "./json.js";
import { Disconnected, Refused } from "./live.js";

/**
 * @typedef {object} Host
 * @property {(patch: PatchOperation[], revision: number) => Promise<JsonObject>} send
 * @property {() => void} changed `desired`, `canUndo` or `canRedo` is another
 * @property {(problems: Located[], message: string) => void} refused
 * @property {(how: string) => void} applied "live" or "rebuilt"
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
  /** @type {Experiment[]} */
  #past = [];
  /** @type {Experiment[]} */
  #future = [];
  #sending = false;
  /** Told while an edit is under way; it may be of that very edit, so its answer is awaited first. @type {{ experiment: Experiment, revision: number } | null} */
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
    const own = difference(this.confirmed, this.desired);
    this.confirmed = experiment;
    this.revision = revision;
    this.desired = own.length > 0 ? layered(experiment, own) : experiment;
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
    const merge = place !== "" && place === this.#last.place && now - this.#last.at < MERGE_WITHIN;
    if (!merge) this.#past.push(this.desired);
    if (this.#past.length > MOST_STEPS) this.#past.shift();
    this.#last = { place, at: now };
    this.#future = [];
    this.#show(after);
  }

  undo() {
    const before = this.#past.pop();
    if (!before) return;
    this.#future.push(this.desired);
    this.#last.place = "";
    this.#show(before);
  }

  redo() {
    const after = this.#future.pop();
    if (!after) return;
    this.#past.push(this.desired);
    this.#last.place = "";
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
      const stored = /** @type {Experiment} */ (/** @type {unknown} */ (answer["experiment"])) ?? patched(this.confirmed, patch);
      this.confirmed = stored;
      this.revision = Number(answer["revision"] ?? this.revision + 1);
      this.desired = this.desired === sent ? stored : layered(stored, difference(sent, this.desired));
      this.#host.applied(String(answer["applied"] ?? "rebuilt"));
      this.#host.changed();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#takeBack(error, patch, sent);
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
    const later = difference(sent, this.desired);
    this.desired = later.length > 0 ? layered(this.confirmed, later) : this.confirmed;
    this.#past = this.#past.filter((each) => !isEqual(each, this.confirmed));
    this.#host.changed();
    this.#host.refused(placed(error.problems, patch), error.message);
  }
}

/** A patch over a document that may have changed beneath it; what no longer fits is dropped. @param {Experiment} document @param {PatchOperation[]} patch */
function layered(document, patch) {
  try {
    return patched(document, patch);
  } catch {
    return document;
  }
}

/**
 * Problems of a patch as problems of the experiment: `/patch/0/value/units` → `/network/1/units`.
 *
 * @param {Located[]} problems @param {PatchOperation[]} patch
 * @returns {Located[]}
 */
export function placed(problems, patch) {
  return problems.map(({ pointer, message }) => {
    const found = /^\/patch\/(\d+)(?:\/(?:value|path|op))?(.*)$/.exec(pointer);
    if (!found) return { pointer: pointer.replace(/^\/patch$|^\/experiment(?=\/|$)/, ""), message };
    return { pointer: (patch[Number(found[1])]?.path ?? "") + found[2], message };
  });
}
