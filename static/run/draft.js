/**
 * The experiment as the page shows it: changed here first, then on the server, and drawn as the network it
 * describes.
 */

/** @import { Experiment, JsonObject, Located, Run } from "../types.d.ts" */
/** @import { Store } from "../core/store.js" */
/** @import { State } from "./state.js" */
/** @import { Act } from "./steps.js" */

import { describe, describeRun } from "../core/api.js";
import { isEqual, patched } from "../core/json.js";
import { keptInWindow, WORK } from "../core/storage.js";
import { texts } from "../core/texts.js";
import { editWords } from "./change_words.js";
import { Edits } from "./edits.js";
import { growthOf } from "./growth.js";
import { merged } from "./merge.js";
import { notify } from "./notice.js";
import { refusalOf } from "./refusal.js";

/** Runs whose steps of undo are kept while another is shown. */
const MOST_KEPT = 20;

const TEXTS = texts(import.meta.url, {
  kept: "Another user has changed this since. It stays as it is.",
  mended: "Changed. The run has finished: Train on goes on with it.",
  sentAgain: "The server is back. Sent again: {changes}",
});

/** What notices on a layer that grew are about. */
const GROWTH = "growth";

export class Draft {
  #store;
  #request;
  /** @type {Edits | null} */
  #edits = null;
  /** What keeps the work, once there is some. @type {typeof import("./kept_work.js") | null} */
  #work = null;
  /** The kept steps of the run are among its steps, or there are none. */
  takenUp = Promise.resolve();
  /** The run that they are of. */
  #id = "";
  /** Of the runs that were shown, the newest last. @type {Map<string, Edits>} */
  #kept = new Map();
  /**
   * Steps that a run begins with when it is next shown.
   *
   * @type {Map<string, { stack: "past" | "future", act: Act }>}
   */
  #arriving = new Map();
  /** The description that is on its way. @type {{ of: Experiment, end: AbortController } | null} */
  #describing = null;
  /** What the description is of. @type {Experiment | null} */
  #described = null;

  /**
   * @param {Store<State>} store is told of it @param {(command: JsonObject) => Promise<JsonObject>} request
   */
  constructor(store, request) {
    this.#store = store;
    this.#request = request;
    // There is something to keep, and a page that is left does not wait for a script.
    const worth = (/** @type {State} */ { selected, undoes }) => selected !== null || undoes !== null;
    store.watch(worth, (any) => any && void this.#loadWork());
  }

  /** Another run. */
  forget() {
    this.keepWork();
    this.#edits = this.#described = null;
    this.#endDescribing();
  }

  /** Connected, for the first time or again. @param {Run} run */
  greet({ id, experiment, revision }) {
    if (!experiment) return; // of a damaged run: there is nothing to draw
    const arrived = this.#edits === null;
    const edits = this.#edits ?? this.#kept.get(id) ?? this.#of(experiment, revision);
    if (arrived) this.takenUp = keptInWindow(WORK) === null ? Promise.resolve() : this.#takeUp(id, edits);
    const arriving = this.#arriving.get(id);
    this.#arriving.delete(id);
    if (arriving) edits.steps[arriving.stack].push(arriving.act);
    const waiting = edits.unconfirmed;
    this.#keep(id, edits);
    this.#edits = edits;
    this.#id = id;
    edits.rebase(experiment, revision);
    if (waiting.length > 0) notify(this.#store, TEXTS.sentAgain({ changes: waiting.join(", ") }), "info");
    this.#show();
  }

  /** What keeps the work; null without a server, where no other page can be gone to either. */
  async #loadWork() {
    this.#work ??= await import("./kept_work.js").catch(() => null);
    return this.#work;
  }

  /** Keep the work on this run for the next page of this window that shows it. */
  keepWork() {
    const { selected, unit } = this.#store.state;
    if (this.#edits) this.#work?.keepWork(this.#id, { steps: this.#edits.steps, selected, unit });
  }

  /**
   * Go on with the work on a run: the unit that was open, and the steps that lead to the experiment.
   *
   * @param {string} id @param {Edits} edits
   */
  async #takeUp(id, edits) {
    const known = this.#kept.has(id);
    const { confirmed } = edits; // an edit that is made meanwhile comes after these steps
    const keeper = await this.#loadWork();
    const work = keeper?.keptWork(id);
    if (!keeper || !work || this.#edits !== edits) return;
    const { steps, selected, unit } = work;
    if (!known) edits.steps.precede(keeper.leadingTo(steps, confirmed));
    if (selected !== null && this.#store.state.selected === null) this.#store.set({ selected, unit });
    this.#show();
  }

  /** @param {string} id @param {Edits} edits */
  #keep(id, edits) {
    this.#kept.delete(id);
    this.#kept.set(id, edits);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_KEPT) return;
      this.#kept.delete(oldest);
    }
  }

  /** The user has edited. @param {Experiment} experiment @param {number} revision */
  rebase(experiment, revision) {
    this.#edits?.rebase(experiment, revision);
  }

  /** @param {Experiment} after @param {string} [place] for merging steps of undo */
  change(after, place) {
    this.#forgetSaid();
    this.#edits?.change(after, place);
  }

  undo() {
    this.#forgetSaid();
    this.#edits?.undo();
  }

  redo() {
    this.#forgetSaid();
    this.#edits?.redo();
  }

  /** What was said of the edit before may be true no more. */
  #forgetSaid() {
    const notices = this.#store.state.notices.filter(({ about }) => about !== GROWTH);
    this.#store.set({ problems: [], refusal: null, notices });
  }

  /** Something besides edits was done, which undo undoes in its turn. @param {Act} act */
  acted(act) {
    this.#edits?.acted(act);
  }

  /**
   * One goes on with a run that was made of another: undo goes back to that, and redo comes here again.
   *
   * @param {string} from @param {string} to @param {string} name
   * @param {(id: string) => void} attach show a run
   */
  takeOver(from, to, name, attach) {
    const undo = () => {
      const redo = () => (attach(to), null);
      this.#arriving.set(from, { stack: "future", act: { name, undo: () => null, redo } });
      attach(from);
      return false; // in the other run it is still what came before
    };
    this.#arriving.set(to, { stack: "past", act: { name, undo, redo: () => null } });
  }

  /** What is shown is drawn again: a control shows what was refused. */
  redraw() {
    const { experiment } = this.#store.state;
    if (experiment) this.#store.set({ experiment: { ...experiment } });
  }

  /** Whether nothing has been done on this page with the run, which is here. */
  get untouched() {
    return this.#edits?.steps.open ?? false;
  }

  /** Have steps remembered that came before all that are here. @param {() => void} remember */
  beneath(remember) {
    this.#edits?.steps.beneath(remember);
    this.#show();
  }

  /** All edits are answered. */
  async settled() {
    for (
      let round = 0;
      round < 100 && this.#edits && !isEqual(this.#edits.desired, this.#edits.confirmed);
      round++
    ) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** @param {Experiment} experiment @param {number} revision */
  #of(experiment, revision) {
    return new Edits(experiment, revision, {
      send: (patch, revision) => this.#request({ type: "edit", revision, patch: /** @type {any} */ (patch) }),
      changed: () => this.#show(),
      refused: (problems, message, wanted) => this.#refused(problems, message, wanted),
      applied: (_, answer, before, after) => {
        // What is said of an edit that was refused stays: another may be answered right after it.
        this.#store.set({ applied: this.#edits?.confirmed ?? null });
        this.#tellGrowth(growthOf(this.#store.state.catalog, before, after, answer));
      },
      kept: () => notify(this.#store, TEXTS.kept, "info"),
      nameOf: (before, after) => editWords(this.#store.state.catalog, before, after).long,
    });
  }

  /**
   * Said at the field or the node it is about, and else at the edge of the page.
   *
   * @param {Located[]} problems @param {string} message @param {Experiment} wanted
   */
  #refused(problems, message, wanted) {
    const base = this.#edits?.desired ?? wanted;
    const mendable = problems.map((problem) => this.#mendable(problem, base, wanted));
    this.#store.set({ problems: mendable, refusal: refusalOf(mendable, wanted) });
    if (!document.querySelector(".field.invalid, .list > .complaint:not([hidden]), .callout:not([hidden])"))
      notify(this.#store, problems[0]?.message ?? message, "error");
  }

  /**
   * A problem that a press can mend: the remedy is a patch of `of`, and what has changed since `base` stays.
   *
   * @param {Located} problem @param {Experiment} base @param {Experiment} [of]
   */
  #mendable(problem, base, of = base) {
    const { remedy } = problem;
    if (!remedy) return problem;
    const mend = () => {
      this.change(merged(base, this.#edits?.desired ?? base, patched(of, remedy.patch)));
      // As after every edit of a run that has finished; who presses a remedy expects to see it work.
      if (this.#store.state.status?.state === "finished") notify(this.#store, TEXTS.mended, "info");
    };
    return { ...problem, mend };
  }

  /** @param {ReturnType<typeof growthOf>} growth */
  #tellGrowth({ message, fresh }) {
    if (message) notify(this.#store, message, "info", GROWTH);
    if (fresh.length > 0) this.#store.set({ fresh });
  }

  #show() {
    const edits = this.#edits;
    if (!edits) return;
    this.#store.set({
      experiment: edits.desired,
      undoes: edits.steps.undoName,
      redoes: edits.steps.redoName,
      unconfirmed: edits.unconfirmed,
    });
    if (isSameNetwork(this.#described, edits.desired)) this.#endDescribing();
    else if (!isSameNetwork(this.#describing?.of ?? null, edits.desired)) void this.#describe(edits.desired);
  }

  #endDescribing() {
    this.#describing?.end.abort();
    this.#describing = null;
  }

  /** @param {Experiment} experiment */
  async #describe(experiment) {
    this.#endDescribing();
    const mine = (this.#describing = { of: experiment, end: new AbortController() });
    const { signal } = mine.end;
    try {
      const { run } = this.#store.state;
      const asked = run && !run.control ? describeRun(run.id, signal) : describe(experiment, signal);
      const description = await asked;
      if (signal.aborted) return;
      this.#described = experiment;
      const warnings = description.warnings?.map((warning) => this.#mendable(warning, experiment));
      this.#store.set({ description: warnings ? { ...description, warnings } : description });
    } catch {
      // The edit itself is refused with the reason; the last good drawing stays. With the server away, it is
      // described when that is back.
    } finally {
      if (this.#describing === mine) this.#describing = null;
    }
  }
}

/**
 * Whether two experiments have one description.
 *
 * @param {Experiment | null} one @param {Experiment} other
 */
function isSameNetwork(one, { network, data, task }) {
  return one !== null && isEqual(one.network, network) && isEqual(one.data, data) && isEqual(one.task, task);
}
