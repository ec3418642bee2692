/**
 * The run on the page, and the only place that commands it. Each of its parts is a file in `run/`; here they are put
 * together, and what the server says is given to the part it concerns.
 */

/** @import { Experiment, Frame, JsonObject, Run, Status } from "../types.d.ts" */
/** @import { FrameListener } from "./newest_frames.js" */
/** @import { State } from "./state.js" */
/** @import { WeightPlace } from "./commands.js" */
/** @import { Act } from "./steps.js" */
/** @import { StudyListener } from "../core/studies.js" */

import { getChanges, startRun } from "../core/api.js";
import { withEntries } from "../catalog/catalog.js";
import { Attachment } from "./attachment.js";
import { Changes } from "./changes.js";
import { Commands } from "./commands.js";
import { Demand, unreadable } from "./demand.js";
import { enterAddress } from "./address.js";
import { Draft } from "./draft.js";
import { hear } from "./messages.js";
import { explain, notify } from "./notice.js";
import { channelOf, NewestFrames } from "./newest_frames.js";
import { Playback } from "./playback.js";
import { recordedFrame } from "./recorded.js";
import { isScalar, Rows } from "./rows.js";
import { Scrub } from "./scrub.js";
import { firstSpeed } from "./speed.js";
import { initialState, NO_RUN } from "./state.js";
import { OptimisticStatus } from "./status.js";
import { Disconnected } from "../core/live.js";
import { Store } from "../core/store.js";
import { Studies } from "../core/studies.js";
import { texts } from "../core/texts.js";
import { UntilArrival } from "./until_arrival.js";
import { WaysBack } from "./ways_back.js";

const TEXTS = texts(import.meta.url, {
  notConnected: "not connected",
  extended: "Goes on to epoch {epochs}",
});

export class RunControl {
  /** @type {Store<State>} */
  store;
  #attachment;
  /** The run that the page shows, or is about to. @type {string | null} */
  id = null;
  #draft;
  #demand;
  #newestFrames = new NewestFrames();
  #rows = new Rows();
  #commands;
  /** What was changed by hand. */
  changes = new Changes({
    fetch: () => getChanges(this.state.run?.id ?? "", this.signal),
    catalog: () => this.state.catalog,
    changed: () => {
      this.#follow();
      this.store.set({ findings: this.changes.findings });
    },
  });
  #follow = () => this.#rows.follow(this.changes.lives, this.state.status?.life ?? 0);
  #status = new OptimisticStatus((status) => this.store.set({ status }));
  #waysBack;
  #untilArrival = new UntilArrival(
    () => this.id !== null && this.state.run === null,
    () => this.state.connection === "gone",
  );
  /** Pictures as they were at a step. */
  scrub = new Scrub({
    fetch: (key, step) => recordedFrame(this.store, key, step, this.signal),
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
    const request = (/** @type {JsonObject} */ command) => attachment.request(command);
    this.#draft = new Draft(store, request);
    this.#commands = new Commands({
      store,
      status: this.#status,
      request,
      acted: (act) => this.acted(act),
    });
    this.#demand = new Demand(
      (command) => attachment.request(command),
      (error) => this.#refuseDemand(error),
    );
    this.#demand.learnt = (keys) => this.#newestFrames.showAgain(keys);
    store.watch(
      (state) => state.description,
      () => this.#demand.askAgain(),
    );
    this.playback = new Playback({
      store,
      command: (command, expected) => this.command(command, expected),
      extend: (epochs) => this.#extend(epochs),
      acted: (act) => this.acted(act),
      wayBack: (life) => this.#waysBack.find(life),
      notify: (text, tone) => this.notify(text, tone),
    });
    this.#waysBack = new WaysBack({
      store,
      changes: this.changes,
      draft: this.#draft,
      canGoBack: (beginning) => this.playback.canGoBack(beginning),
    });
    store.watch((state) => state.status?.life, this.#follow);
  }

  get state() {
    return this.store.state;
  }

  /** Whether the user may command this run. */
  get control() {
    return this.state.run?.control ?? false;
  }

  /** Ends what is asked of the run over HTTP, once it is left or gone. */
  get signal() {
    return this.#attachment.signal;
  }

  // Attaching -----------------------------------------------------------------------------------------

  /**
   * Start a run and look at it.
   *
   * @param {Experiment} experiment @param {import("../core/api.js").Beginning} [beginning]
   * @returns {Promise<string>} its id
   */
  async start(experiment, beginning = {}) {
    const speed = firstSpeed(this.state.catalog, experiment);
    const { id } = await startRun(experiment, { speed, ...beginning });
    this.attach(id);
    return id;
  }

  /** Show a run in the place of the one before, which Back returns to. @param {string} id */
  attach(id) {
    this.#untilArrival.forget();
    this.#goTo(id);
  }

  /** @param {string} id */
  #goTo(id) {
    enterAddress(id, this.id);
    this.id = id;
    this.#attachment.close();
    for (const part of [this.#newestFrames, this.#demand, this.#status, this.#draft]) part.forget();
    this.studies.clear();
    this.scrub.forget();
    this.#rows.attached(id, this.signal);
    this.changes.forget();
    this.store.set(NO_RUN);
    this.#rows.changed();
    this.#attachment.open(id);
  }

  /** The page is left: what was worked on is there when this window shows the run again. */
  leave() {
    this.#draft.keepWork();
  }

  /** Go on with another run that was made of this one: undo goes back. @param {string} id @param {string} name */
  takeOver(id, name) {
    this.#draft.takeOver(this.state.run?.id ?? id, id, name, (to) => this.#goTo(to));
    this.attach(id);
  }

  /** Connected, for the first time or again. @param {Run} run */
  #greet(run) {
    this.store.set({ run, catalog: withEntries(this.state.catalog, run.catalog ?? {}) });
    this.#status.hear(run);
    this.#draft.greet(run);
    this.#demand.connected();
    this.studies.connected();
    this.#rows.connected();
    void this.#arrive(run);
  }

  /** Its steps of undo are here too: what was pressed on the way is done. @param {Run} run */
  async #arrive(run) {
    await this.#waysBack.read(run);
    if (this.state.run?.id === run.id) this.#untilArrival.carryOut();
  }

  /** Do what was pressed; where the page is on its way to a run, when that is here. @param {() => unknown} act */
  onArrival(act) {
    this.#untilArrival.do(act);
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
    hear(message, {
      store: this.store,
      status: this.#status,
      draft: this.#draft,
      demand: this.#demand,
      rows: this.#rows,
      changes: this.changes,
      scrub: this.scrub,
      studies: this.studies,
    });
  }

  // Looking -------------------------------------------------------------------------------------------

  /** The newest frame of each probe. */
  get latest() {
    return this.#newestFrames.latest;
  }

  /** @param {string} probe @param {FrameListener} listener told the newest too @param {AbortSignal} [signal] ends it */
  onFrame(probe, listener, signal) {
    this.#newestFrames.listen(probe, listener, signal);
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

  /** Said beside the file where one has been chosen, and else at the edge of the page. @param {unknown} error */
  #refuseDemand(error) {
    const reason = unreadable(error);
    if (reason !== null) this.store.set({ unreadable: { reason } });
    if (reason === null || !document.querySelector(".chosen-file:not([hidden])")) explain(this.store, error);
  }

  /** @param {string | null} selected @param {number} [unit] */
  select(selected, unit = 0) {
    this.store.set({ selected, unit });
  }

  /** Point at a place of the plane, or at what is pinned. @param {{ x: number, y: number } | null} point */
  point(point) {
    const shown = point ?? this.state.pinned;
    if (shown !== this.state.point) this.store.set({ point: shown });
  }

  // Commands ------------------------------------------------------------------------------------------

  /**
   * Command the run; what it is expected to do is shown at once, and taken back where it is refused.
   *
   * @param {JsonObject} command @param {Partial<Status>} [expected] @returns {Promise<JsonObject | null>} the
   * answer; null where it was refused
   */
  command(command, expected) {
    return this.#commands.command(command, expected);
  }

  /** Keep the run as it is under a name. @param {string} name @returns {Promise<boolean>} whether it is kept */
  async snapshot(name) {
    return (await this.command({ type: "snapshot", name })) !== null;
  }

  /** Set one weight by hand. @param {WeightPlace & { value: number }} weight */
  setWeight(weight) {
    this.scrub.at(null);
    return this.#commands.setWeight(weight);
  }

  /**
   * A hand has set a weight, and let go: one step of undo.
   *
   * @param {WeightPlace} place @param {number} before @param {number} after
   */
  weightSet(place, before, after) {
    this.#commands.weightSet(place, before, after);
  }

  /** @param {string} title */
  rename(title) {
    return this.#commands.rename(title);
  }

  /** @param {string} text @param {"info" | "error"} tone */
  notify(text, tone) {
    notify(this.store, text, tone);
  }

  // Edits ---------------------------------------------------------------------------------------------

  /** @param {Experiment} after @param {string} [place] for merging steps of undo */
  edit(after, place) {
    if (!this.#mayChange()) return;
    this.scrub.at(null);
    this.#draft.change(after, place);
  }

  /** Whether a change can be sent now; where the server is away, that is said, and nothing is drawn of it. */
  #mayChange() {
    if (!this.control || this.state.connection === "open") return this.control;
    this.explain(new Disconnected(TEXTS.notConnected));
    return false;
  }

  /** Why something was not done is said, and the controls show what is. @param {unknown} error */
  explain(error) {
    explain(this.store, error);
    this.redraw();
  }

  /** Controls show again what is, and not what was refused. */
  redraw() {
    this.#draft.redraw();
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
    notify(this.store, TEXTS.extended({ epochs }), "info", "epochs");
    await this.settled();
  }

  undo() {
    this.onArrival(() => this.#mayChange() && this.#draft.undo());
  }

  redo() {
    this.onArrival(() => this.#mayChange() && this.#draft.redo());
  }

  /** Something besides edits was done, which Ctrl+Z undoes in its turn. @param {Act} act */
  acted(act) {
    this.#draft.acted(act);
  }
}
