/**
 * The run on the page, and the only place that commands it. Each of its parts is a file in `run/`; here they
 * are
 * put together, and what the server says is given to the part it concerns.
 */

/** @import { Catalog, Experiment, Frame, JsonObject, Run, Status } from "../types.d.ts" */
/** @import { FrameListener } from "./newest_frames.js" */
/** @import { State } from "./state.js" */
/** @import { StudyListener } from "../core/studies.js" */

import { at } from "../core/address.js";
import { getFrames, renameRun, startRun } from "../core/api.js";
import { Attachment } from "./attachment.js";
import { Demand, unreadable } from "./demand.js";
import { Draft } from "./draft.js";
import { explain, notify } from "./notice.js";
import { channelOf, NewestFrames } from "./newest_frames.js";
import { Playback } from "./playback.js";
import { isScalar, Rows } from "./rows.js";
import { Scrub } from "./scrub.js";
import { firstSpeed } from "./speed.js";
import { initialState, NO_RUN } from "./state.js";
import { OptimisticStatus } from "./status.js";
import { Store } from "../core/store.js";
import { Studies } from "../core/studies.js";

/**
 * Milliseconds after a command's answer until the server's own word counts again: it comes four times a
 * second.
 */
const SETTLED_AFTER = 400;

/**
 * The catalogue with entries of items that are not installed any more, which a run brings along.
 *
 * @param {Catalog} catalog @param {Catalog} more @returns {Catalog}
 */
function withEntries(catalog, more) {
  const added = Object.entries(more).map(([family, entries]) => {
    const known = catalog[family] ?? [];
    const kinds = new Set(known.map(({ kind }) => kind));
    return [family, [...known, ...entries.filter(({ kind }) => !kinds.has(kind))]];
  });
  return added.length ? { ...catalog, ...Object.fromEntries(added) } : catalog;
}

export class RunControl {
  /** @type {Store<State>} */
  store;
  #attachment;
  #draft;
  #demand;
  #newestFrames = new NewestFrames();
  #rows = new Rows();
  #status = new OptimisticStatus((status) => this.store.set({ status }));
  /** Pictures as they were at a step. */
  scrub = new Scrub({
    fetch: (key, step) => this.#recorded(key, step),
    show: (channel, frame) => this.#newestFrames.show(channel, frame),
    changed: () => this.store.set({ scrubbed: this.scrub.shown }),
  });
  /** Computations of their own on a snapshot of the run. */
  studies = new Studies((command) => this.#attachment.request(command));
  playback;

  /** @param {Pick<State, "catalog" | "schema" | "presets" | "theme">} given */
  constructor(given) {
    const store = (this.store = new Store(initialState(given)));
    const attachment = (this.#attachment = new Attachment(store, {
      hello: (run) => this.#greet(run),
      frame: (frame) => this.#take(frame),
      message: (message) => this.#hear(message),
      lost: () => this.studies.lost(),
    }));
    this.#draft = new Draft(store, (command) => attachment.request(command));
    this.#demand = new Demand(
      (command) => attachment.request(command),
      (error) => this.#refuseDemand(error),
    );
    store.watch(
      (state) => state.description,
      () => this.#demand.askAgain(),
    );
    this.playback = new Playback({
      store,
      command: (command, expected) => this.command(command, expected),
      extend: (epochs) => this.#extend(epochs),
    });
  }

  get state() {
    return this.store.state;
  }

  /** Whether the user may command this run. */
  get control() {
    return this.state.run?.control ?? false;
  }

  // Attaching -----------------------------------------------------------------------------------------

  /**
   * Start a run and look at it.
   *
   * @param {Experiment} experiment
   * @param {import("../core/api.js").Unwatched} [unwatched] what it does without viewers
   * @returns {Promise<void>}
   */
  async start(experiment, unwatched = "continue") {
    const speed = firstSpeed(this.state.catalog, experiment);
    const { id } = await startRun(experiment, speed === null ? "playing" : "paused", unwatched);
    this.attach(id, speed);
  }

  /** @param {string} id @param {number | null} [speed] steps a second with which a new run starts */
  attach(id, speed = null) {
    this.#attachment.close();
    this.playback.attached(speed);
    for (const part of [this.#newestFrames, this.#demand, this.#status, this.#draft]) part.forget();
    this.studies.clear();
    this.scrub.forget();
    this.#rows.attached(id);
    this.store.set(NO_RUN);
    this.#rows.changed();
    const address = at(`/runs/${id}`);
    if (location.pathname !== address || location.hash) history.replaceState(null, "", address);
    this.#attachment.open(id);
  }

  /** Connected, for the first time or again. @param {Run} run */
  #greet(run) {
    this.store.set({ run, catalog: withEntries(this.state.catalog, run.catalog ?? {}) });
    this.#status.hear(run);
    this.#draft.greet(run);
    this.playback.begin();
    this.#demand.connected();
    this.studies.connected();
    this.#rows.connected();
  }

  /** @param {Frame} frame */
  #take(frame) {
    const channel = channelOf(frame);
    if (isScalar(channel)) this.#rows.take(channel, frame);
    else if (this.studies.take(frame)) this.#newestFrames.show(channel, frame);
    else this.scrub.take(channel, frame);
  }

  /** @param {JsonObject} message */
  #hear(message) {
    switch (message["type"]) {
      case "status": {
        const { heard } = this.#status;
        if (heard && message["life"] !== heard.life) this.scrub.forget();
        this.#status.hear(/** @type {Status} */ (/** @type {unknown} */ (message)));
        this.playback.begin();
        return;
      }
      case "edited":
        this.#draft.rebase(/** @type {any} */ (message["experiment"]), Number(message["revision"]));
        return;
      case "gap":
        if (isScalar(message["probe"])) this.#rows.fill(message["probe"]);
        return;
      case "study":
        this.studies.hear(message);
        return;
      case "unwatched":
        this.#demand.lapsed(String(message["probe"]), String(message["detail"]));
        return;
      case "refused":
        this.notify(`The ${message["command"]} that waited was refused: ${message["detail"]}`, "error");
        return;
    }
  }

  // Looking -------------------------------------------------------------------------------------------

  /** The newest frame of each probe. */
  get latest() {
    return this.#newestFrames.latest;
  }

  /**
   * @param {string} probe @param {FrameListener} listener called for each new frame, and for the newest now
   */
  onFrame(probe, listener) {
    this.#newestFrames.listen(probe, listener);
  }

  /** The rows of each scalar probe. */
  get series() {
    return this.#rows.series;
  }

  /** @param {() => void} listener called when rows of a scalar probe came @param {AbortSignal} [signal] ends it */
  onRows(listener, signal) {
    this.#rows.listen(listener, signal);
  }

  /** What the page wants to see; asked for again after every reconnection. @param {JsonObject[]} probes */
  watch(probes) {
    this.#demand.watch(probes);
  }

  /**
   * Probes of a kind that some runs refuse: what the run says of it is told, and all else is watched.
   *
   * @param {string} kind @param {(reason: string | null) => void} listener called with null where it is watched
   */
  mayRefuse(kind, listener) {
    this.#demand.optional(kind, listener);
  }

  /**
   * The demand that a frame answers: of one probe there may be several, and late frames of an earlier one.
   * @param {Frame} frame @returns {JsonObject}
   */
  demandOf(frame) {
    return this.#demand.of(frame);
  }

  /**
   * Begin a study on a snapshot of the run: `frame` is called with its frames, `state` with how it stands.
   * `studies.newest()` is for documents that follow a slider.
   *
   * @param {JsonObject} document `{ kind, … }` @param {StudyListener} listener
   * @param {string | null} [checkpoint] what it looks at; left out: the run as it is now
   * @returns {{ cancel: () => void }}
   */
  study(document, listener, checkpoint = null) {
    return this.studies.study(document, listener, checkpoint);
  }

  /**
   * Said beside the file where one has been chosen, and else at the edge of the page.
   *
   * @param {unknown} error
   */
  #refuseDemand(error) {
    const reason = unreadable(error);
    if (reason !== null) this.store.set({ unreadable: { reason } });
    if (reason === null || !document.querySelector(".chosen-file:not([hidden])")) explain(this.store, error);
  }

  /** A recorded picture. @param {string} key @param {number} step @returns {Promise<Frame | null>} */
  async #recorded(key, step) {
    const { run } = this.state;
    try {
      return (run && (await getFrames(run.id, key, step, 1))[0]) ?? null;
    } catch (error) {
      this.notify(
        `What was recorded cannot be fetched: ${error instanceof Error ? error.message : error}`,
        "error",
      );
      return null;
    }
  }

  /** @param {string | null} selected @param {number} [unit] */
  select(selected, unit = 0) {
    this.store.set({ selected, unit });
  }

  /**
   * Point at a place of the plane; at none, the one that is pinned counts.
   *
   * @param {{ x: number, y: number } | null} point
   */
  point(point) {
    const shown = point ?? this.state.pinned;
    if (shown !== this.state.point) this.store.set({ point: shown });
  }

  // Commands ------------------------------------------------------------------------------------------

  /**
   * Command the run; what it is expected to do is shown at once, and taken back where it is refused.
   *
   * @param {JsonObject} command @param {Partial<Status>} [expected]
   */
  async command(command, expected = {}) {
    this.#status.expect(expected);
    try {
      const answer = await this.#attachment.request(command);
      if (answer["queued"]) {
        this.#status.withdraw(expected);
        this.#tellQueued(command);
        return true;
      }
      // What the server says of it may come a moment after the answer.
      setTimeout(() => this.#status.withdraw(expected), SETTLED_AFTER);
      return true;
    } catch (error) {
      this.#status.withdraw(expected);
      explain(this.store, error);
      return false;
    }
  }

  /**
   * A command that is carried out later; of one that makes the run train, its state tells.
   *
   * @param {JsonObject} command
   */
  #tellQueued({ type }) {
    if (type !== "play" && type !== "step")
      this.notify("The run waits for its turn; this is done then.", "info");
  }

  /**
   * Keep the run as it is now under a name.
   *
   * @param {string} name @returns {Promise<boolean>} whether it is kept
   */
  snapshot(name) {
    return this.command({ type: "snapshot", name });
  }

  /**
   * Set one weight by hand.
   *
   * @param {{ node: string, index: number[], value: number }} weight
   * @returns {Promise<number | null>} what it was before; null where it was refused, or is set later
   */
  async setWeight(weight) {
    this.scrub.at(null);
    try {
      const answer = await this.#attachment.request({ type: "weight", ...weight });
      if (!answer["queued"]) return Number(answer["before"]);
      this.#tellQueued({ type: "weight" });
      return null;
    } catch (error) {
      explain(this.store, error);
      return null;
    }
  }

  /** @param {string} title */
  async rename(title) {
    const { run } = this.state;
    if (!run || !title || title === run.title) return;
    this.store.set({ run: { ...run, title } });
    try {
      await renameRun(run.id, title);
    } catch (error) {
      this.store.set({ run });
      explain(this.store, error);
    }
  }

  /** @param {string} text @param {"info" | "error"} tone */
  notify(text, tone) {
    notify(this.store, text, tone);
  }

  // Edits ---------------------------------------------------------------------------------------------

  /** @param {Experiment} after @param {string} [place] for merging steps of undo */
  edit(after, place) {
    if (!this.control) return;
    this.scrub.at(null);
    this.#draft.change(after, place);
  }

  /** All edits are answered. */
  settled() {
    return this.#draft.settled();
  }

  /** Let the training have so many epochs, and say so. @param {number} epochs */
  async #extend(epochs) {
    const { experiment } = this.state;
    if (!experiment) return;
    this.edit({ ...experiment, training: { ...experiment.training, epochs } });
    this.notify(`Goes on to epoch ${epochs}`, "info");
    await this.settled();
  }

  undo() {
    if (this.control) this.#draft.undo();
  }

  redo() {
    if (this.control) this.#draft.redo();
  }

  /**
   * Something besides edits was done, which Ctrl+Z undoes in its turn.
   *
   * @param {{ undo: () => void, redo: () => void }} act
   */
  acted(act) {
    this.#draft.acted(act);
  }
}
