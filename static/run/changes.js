/**
 * What was changed by hand, or ended by a stop, from the run's journal and as it is told: a mark for each, and the
 * lives that resets and rewinds began. The same for all viewers, and after a reload.
 */

/** @import { Catalog, Experiment, JsonObject, PatchOperation } from "../types.d.ts" */
/** @import { SetWeight, Told } from "./change_words.js" */
/** @import { Life } from "./lives.js" */

import { isEqual, patched } from "../core/json.js";
import { ofLineage } from "./lives.js";
import { editWords, resetWords, rewindWords, stopWords, weightWords } from "./change_words.js";

/**
 * A change as the journal has it.
 *
 * @typedef {object} Change
 * @property {"edit" | "weight" | "reset" | "rewind" | "stop" | "finding"} type
 * @property {number} step
 * @property {number} life in which it was made, or which it began
 * @property {number} [revision]
 * @property {PatchOperation[]} [patch]
 * @property {Experiment} [experiment]
 * @property {string | null} [left] the checkpoint of where the run stood before
 * @property {number | null} [of_life]
 * @property {Record<string, number>} [rows]
 * @property {string} [stop] the kind of the stop that ended the run
 * @property {string} [detail] why it did
 */

/** @typedef {{ experiment?: Experiment, changes: Change[] }} Journal */

/** @typedef {Exclude<Change["type"], "finding">} Marked what has a mark on the curves */

/** A change, in words. @typedef {Told & { type: Marked, step: number, life: number }} Mark */

/**
 * What the diagnosis has found, with its cures.
 *
 * @typedef {object} Finding
 * @property {string} trouble
 * @property {number} life
 * @property {number} revision of the experiment
 * @property {number} step
 * @property {string} [node]
 * @property {string} title
 * @property {string} detail
 * @property {{ what: string, value: number, relation: "<" | ">", bound: number }[]} evidence
 * @property {{ kind: string, label: string, patch: PatchOperation[] }[]} cures
 */

export class Changes {
  #fetch;
  #catalog;
  #changed;
  /** @type {Mark[]} in order */
  marks = [];
  /** @type {Map<number, Life>} */
  lives = new Map();
  /** The resets and rewinds that have left something, and were not taken back. @type {Change[]} */
  beginnings = [];
  /** The findings of the diagnosis, in order. @type {Finding[]} */
  findings = [];
  /** @type {Experiment | null} */
  #experiment = null;
  #revision = -1;
  /** The weight that the last mark is of. @type {JsonObject | null} */
  #weight = null;
  /** What was told while the journal is on its way. @type {(() => void)[] | null} */
  #held = null;
  #asked = 0;

  /**
   * @param {{ fetch: () => Promise<Journal>, catalog: () => Catalog, changed: () => void }} host
   */
  constructor({ fetch, catalog, changed }) {
    this.#fetch = fetch;
    this.#catalog = catalog;
    this.#changed = changed;
  }

  /** The changes that led to where a life stands. @param {number} life */
  leadingTo(life) {
    return ofLineage(this.marks, this.lives, life);
  }

  /** Another run. */
  forget() {
    this.#asked++;
    this.#held = null;
    this.#begin();
    this.#changed();
  }

  #begin() {
    this.marks = [];
    this.lives = new Map();
    this.beginnings = [];
    this.findings = [];
    this.#experiment = this.#weight = null;
    this.#revision = -1;
  }

  /**
   * The connection is there (again): read the journal.
   *
   * @param {Experiment} experiment as it is now
   * @param {number} revision
   * @returns {Promise<boolean>} whether it could be read
   */
  async connected(experiment, revision) {
    const mine = ++this.#asked;
    this.#held = [];
    const journal = await this.#fetch().catch(() => null); // the connection tells, and it is asked again then
    if (mine !== this.#asked) return false;
    if (journal) {
      this.#begin();
      this.#experiment = journal.experiment ?? null;
      for (const change of journal.changes) this.#take(change);
    }
    this.#experiment = experiment;
    this.#revision = Math.max(revision, this.#revision);
    const held = this.#held;
    this.#held = null;
    for (const take of held) take();
    this.#changed();
    return journal !== null;
  }

  /** The server says that the experiment was edited. @param {JsonObject} message */
  edited(message) {
    const { experiment, revision, step } = /** @type {any} */ (message);
    this.#hear(() => {
      if (revision <= this.#revision) return;
      this.#take({ type: "edit", step, life: this.#life, revision, experiment });
    });
  }

  /** The server tells of a weight, a reset or a rewind. @param {Change} change */
  heard(change) {
    this.#hear(() => {
      if (isBeginning(change) && this.lives.has(change.life)) return;
      this.#take(change);
    });
  }

  get #life() {
    return Math.max(0, ...this.lives.keys());
  }

  /** @param {() => void} take */
  #hear(take) {
    if (this.#held) this.#held.push(take);
    else {
      take();
      this.#changed();
    }
  }

  /** @param {Change} change */
  #take(change) {
    const { type } = change;
    if (type === "finding") return this.#find(change);
    const told = this.#told({ ...change, type });
    const place = change.type === "weight" ? placeOf(change) : null;
    if (place && isEqual(place, this.#weight)) this.marks.pop(); // one that is dragged is one mark
    this.#weight = place;
    this.marks.push({ ...told, type, step: change.step, life: change.life });
    if (!isBeginning(change)) return;
    const { life, step, of_life: of = null, rows = null } = change;
    this.lives.set(life, { life, step, of: change.type === "reset" ? null : of, rows });
    if (change.left) this.beginnings.push(change);
    else this.beginnings.pop();
  }

  /** A finding changes nothing, and has no mark. @param {Change} change */
  #find(change) {
    const finding = /** @type {Finding} */ (/** @type {unknown} */ (change));
    const same = (/** @type {Finding} */ { trouble, life, revision }) =>
      trouble === finding.trouble && life === finding.life && revision === finding.revision;
    if (!this.findings.some(same)) this.findings = [...this.findings, finding];
  }

  /** @param {Change & { type: Marked }} change @returns {Told} */
  #told(change) {
    switch (change.type) {
      case "edit":
        return this.#toldEdit(change);
      case "weight":
        return weightWords(/** @type {SetWeight} */ (/** @type {unknown} */ (change)));
      case "reset":
        return resetWords;
      case "rewind":
        return rewindWords(change.step);
      case "stop":
        return stopWords(this.#catalog(), change.stop ?? "", change.detail ?? "");
    }
  }

  /** @param {Change} change @returns {Told} */
  #toldEdit({ patch, experiment, revision }) {
    const before = this.#experiment;
    const after = experiment ?? (before && patch ? patchedOrNull(before, patch) : null);
    if (after) this.#experiment = after;
    this.#revision = revision ?? this.#revision + 1;
    return editWords(this.#catalog(), before ?? after, after);
  }
}

/** Whether a change began a life. @param {Change} change */
const isBeginning = ({ type }) => type === "reset" || type === "rewind";

/** Which weight a change is of. @param {Change} change */
function placeOf(change) {
  const { node, parameter, index, life } = /** @type {any} */ (change);
  return { node, parameter, index, life };
}

/** @param {Experiment} before @param {PatchOperation[]} patch */
function patchedOrNull(before, patch) {
  try {
    return patched(before, patch);
  } catch {
    return null; // a journal that was damaged: what follows has whole experiments again
  }
}
