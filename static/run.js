/** The run on the page: attached to, commanded, edited. The one place that talks to the server about it. */

/** @import { Catalog, Description, Experiment, Frame, JsonObject, Located, Preset, Run, Schema, Status } from "./types.d.ts" */

import * as api from "./api.js";
import { Edits } from "./edits.js";
import { isEqual, isObject, valueAt } from "./json.js";
import { Disconnected, Live, Refused } from "./live.js";
import { Scrub } from "./scrub.js";
import { Series } from "./series.js";
import { Store } from "./store.js";
import { Studies } from "./studies.js";

/** @import { StudyListener } from "./studies.js" */

/**
 * @typedef {object} State
 * @property {Catalog} catalog
 * @property {Schema} schema
 * @property {Preset[]} presets
 * @property {Run | null} run
 * @property {Status | null} status
 * @property {"connecting" | "open" | "lost" | "gone"} connection
 * @property {number | null} lostAt
 * @property {Experiment | null} experiment as the page shows it, edits included
 * @property {Description | null} description of the network
 * @property {Located[]} problems of the last refused edit
 * @property {{ words: string, near: string[] } | null} refusal what the last refused edit would have made of the network, and
 * the nodes it is about
 * @property {string | null} selected name of a column
 * @property {number} unit of the selected column
 * @property {JsonObject} input the sample that is shown to the network where one is looked at: an item of `inputs`
 * @property {{ x: number, y: number } | null} point of the plane that is pointed at, as shares from the top left
 * @property {{ x: number, y: number } | null} pinned the point that stays when nothing is pointed at
 * @property {number | null} scrubbed the step as which everything is shown; null for live
 * @property {boolean} canUndo
 * @property {boolean} canRedo
 * @property {"light" | "dark"} theme
 * @property {{ text: string, tone: "info" | "error", at: number } | null} notice
 */

/** @typedef {(frame: Frame) => void} FrameListener */

export class RunControl {
  /** @type {Store<State>} */
  store;
  /** @type {Edits | null} */
  #edits = null;
  /** @type {Live | null} */
  #live = null;
  /** @type {Map<string, Set<FrameListener>>} */
  #listeners = new Map();
  /** The newest frame of each probe. @type {Map<string, Frame>} */
  latest = new Map();
  /** @type {{ progress: Series, evaluation: Series } | null} */
  series = null;
  /** @type {Set<() => void>} */
  #rowListeners = new Set();
  /** @type {AbortController | null} */
  #describing = null;
  /** @type {number | null} */
  #firstSpeed = null;
  /** The server's last word. @type {Status | null} */
  #heard = null;
  /** What commands that are under way will change, in their order. @type {Set<Partial<Status>>} */
  #expected = new Set();
  /** What the page wants to see; null where it has not said yet. @type {JsonObject[] | null} */
  #demand = null;
  /** What was asked for, by the server's key for it. @type {Map<string, JsonObject>} */
  #asked = new Map();
  /** Pictures as they were at a step. */
  scrub = new Scrub({
    fetch: (key, step) => this.#recorded(key, step),
    show: (channel, frame) => this.#show(channel, frame),
    changed: () => this.store.set({ scrubbed: this.scrub.shown }),
  });
  /** Computations of their own on a snapshot of the run. */
  studies = new Studies((command) => this.#request(command));

  /** @param {Pick<State, "catalog" | "schema" | "presets" | "theme">} given */
  constructor(given) {
    this.store = new Store(
      /** @type {State} */ ({
        ...given,
        run: null,
        status: null,
        connection: "connecting",
        lostAt: null,
        experiment: null,
        description: null,
        problems: [],
        refusal: null,
        selected: null,
        unit: 0,
        input: { kind: "sample", set: "test", index: 0 },
        point: null,
        pinned: null,
        scrubbed: null,
        canUndo: false,
        canRedo: false,
        notice: null,
      }),
    );
  }

  get state() {
    return this.store.state;
  }

  /** Whether the user may command this run. */
  get control() {
    return this.state.run?.control ?? false;
  }

  // Frames --------------------------------------------------------------------------------------------

  /** @param {string} probe @param {FrameListener} listener called for each new frame, and for the newest now */
  onFrame(probe, listener) {
    const set = this.#listeners.get(probe) ?? new Set();
    this.#listeners.set(probe, set.add(listener));
    const newest = this.latest.get(probe);
    if (newest) listener(newest);
  }

  /** The demand that a frame answers: of one probe there may be several, and late frames of an earlier one. @param {Frame} frame @returns {JsonObject} */
  demandOf(frame) {
    return this.#asked.get(frame.metadata["key"] ?? "") ?? {};
  }

  /** @param {() => void} listener called when rows of a scalar probe came */
  onRows(listener) {
    this.#rowListeners.add(listener);
    listener();
  }

  /** What the page wants to see; asked for again after every reconnection. @param {JsonObject[]} probes */
  watch(probes) {
    if (isEqual(probes, this.#demand)) return;
    this.#demand = probes;
    void this.#sendDemand(probes, 0);
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

  /** The drawing may be ahead of the run: a node just added is not there until its edit is applied. @param {JsonObject[]} probes @param {number} attempt */
  async #sendDemand(probes, attempt) {
    try {
      const { keys } = await this.#request({ type: "watch", probes });
      if (Array.isArray(keys)) keys.forEach((key, index) => probes[index] && this.#asked.set(String(key), probes[index]));
    } catch (error) {
      if (error instanceof Disconnected || probes !== this.#demand) return;
      if (!(error instanceof Refused) || attempt >= WATCH_ATTEMPTS) this.#explain(error);
      else setTimeout(() => void this.#sendDemand(probes, attempt + 1), 250 * (attempt + 1));
    }
  }

  /** A recorded picture. @param {string} key @param {number} step @returns {Promise<Frame | null>} */
  async #recorded(key, step) {
    const { run } = this.state;
    try {
      return (run && (await api.getFrames(run.id, key, step, 1))[0]) ?? null;
    } catch (error) {
      this.notify(`What was recorded cannot be fetched: ${error instanceof Error ? error.message : error}`, "error");
      return null;
    }
  }

  // Attaching -----------------------------------------------------------------------------------------

  /** Start a run and look at it. @param {Experiment} experiment @param {"continue" | "pause"} [unwatched] what it does when nobody watches @returns {Promise<void>} */
  async start(experiment, unwatched = "continue") {
    const speed = speedOf(this.state.catalog, experiment);
    const { id } = await api.startRun(experiment, speed === null ? "playing" : "paused", unwatched);
    this.attach(id, speed);
  }

  /** @param {string} id @param {number | null} [speed] steps a second with which a new run starts */
  attach(id, speed = null) {
    this.#firstSpeed = speed;
    this.#live?.close();
    this.latest.clear();
    this.#asked.clear();
    this.#heard = null;
    this.#expected.clear();
    this.#demand = null;
    this.#edits = null;
    this.studies.clear();
    this.scrub.forget();
    const rowsChanged = () => this.#rowListeners.forEach((listener) => listener());
    this.series = {
      progress: new Series((from) => api.getRows(id, "progress", from), rowsChanged),
      evaluation: new Series((from) => api.getRows(id, "evaluation", from), rowsChanged),
    };
    this.store.set({ run: null, status: null, experiment: null, description: null, selected: null, problems: [], canUndo: false, canRedo: false });
    rowsChanged();
    if (location.pathname !== `/runs/${id}` || location.hash) history.replaceState(null, "", `/runs/${id}`);
    const live = new Live(api.liveAddress(id), {
      hello: (run) => this.#greet(run),
      frame: (frame) => this.#take(frame),
      message: (message) => this.#hear(message),
      connection: (connection, refused) => {
        if (refused) void this.#askWhetherGone(id, live);
        if (connection === "lost") this.studies.lost();
        const lostAt = connection === "open" ? null : (this.state.lostAt ?? Date.now());
        this.store.set({ connection, lostAt });
      },
    });
    this.#live = live;
  }

  /** A refused connection says not why: the run may be deleted, the token wrong, or the server down. @param {string} id @param {Live} live */
  async #askWhetherGone(id, live) {
    try {
      await api.getRun(id);
    } catch (error) {
      const status = error instanceof Refused ? Number(error.answer["status"]) : 0;
      if (!ENDED_BY.has(status) || this.#live !== live) return; // down, or busy: it is tried again
      live.close();
      this.store.set({ connection: "gone" });
    }
  }

  /** @param {Run} run */
  #greet(run) {
    if (this.#edits && this.state.run) {
      this.#edits.rebase(run.experiment, run.revision);
    } else {
      this.#edits = new Edits(run.experiment, run.revision, {
        send: (patch, revision) => this.#request({ type: "edit", revision, patch: /** @type {any} */ (patch) }),
        changed: () => this.#showExperiment(),
        refused: (problems, message, wanted) => {
          this.store.set({ problems, refusal: refusalOf(problems, wanted) });
          if (!document.querySelector(".field.invalid, .callout:not([hidden])")) this.notify(problems[0]?.message ?? message, "error");
        },
        applied: () => this.store.set({ problems: [] }),
        kept: () => this.notify("Somebody else has changed this since. It stays as it is.", "info"),
      });
    }
    const { state, step, epoch, life, revision, device } = run;
    this.#heard = { ...run, state, step, epoch, life, revision, device };
    this.store.set({ run });
    this.#showStatus();
    this.#showExperiment();
    this.#playFirst();
    if (this.#demand) void this.#sendDemand(this.#demand, 0);
    this.studies.connected();
    void this.series?.evaluation.fill();
    void this.series?.progress.fill();
  }

  /** @param {Frame} frame */
  #take(frame) {
    const probe = channelOf(frame);
    if (probe === "progress" || probe === "evaluation") {
      this.series?.[probe].take(frame);
      return;
    }
    if (this.studies.take(frame)) this.#show(probe, frame);
    else this.scrub.take(probe, frame);
  }

  /** @param {string} channel @param {Frame} frame */
  #show(channel, frame) {
    this.latest.set(channel, frame);
    this.#listeners.get(channel)?.forEach((listener) => listener(frame));
  }

  /** @param {JsonObject} message */
  #hear(message) {
    switch (message["type"]) {
      case "status":
        if (this.#heard && message["life"] !== this.#heard.life) this.scrub.forget();
        this.#heard = /** @type {Status} */ (/** @type {unknown} */ (message));
        this.#showStatus();
        this.#playFirst();
        return;
      case "edited":
        this.#edits?.rebase(/** @type {any} */ (message["experiment"]), Number(message["revision"]));
        return;
      case "gap": {
        const probe = message["probe"];
        if (probe === "progress" || probe === "evaluation") void this.series?.[probe].fill();
        return;
      }
      case "study":
        this.studies.hear(message);
        return;
    }
  }

  #showExperiment() {
    const edits = this.#edits;
    if (!edits) return;
    const before = this.state.experiment;
    this.store.set({ experiment: edits.desired, canUndo: edits.canUndo, canRedo: edits.canRedo });
    const { network, data, task } = edits.desired;
    const same = before && isEqual(before.network, network) && isEqual(before.data, data) && isEqual(before.task, task);
    if (!same || !this.state.description) void this.#describe(edits.desired);
  }

  /** @param {Experiment} experiment */
  async #describe(experiment) {
    this.#describing?.abort();
    const { signal } = (this.#describing = new AbortController());
    try {
      this.store.set({ description: await api.describe(experiment, signal) });
    } catch {
      // The edit itself is refused with the reason; the last good drawing stays.
    }
  }

  /** A run that was started for watching waits for its speed before it plays. */
  #playFirst() {
    const speed = this.#firstSpeed;
    if (speed === null || this.state.status?.state !== "paused" || !this.control) return;
    this.#firstSpeed = null;
    void this.command({ type: "speed", steps_per_second: speed }, { speed });
    void this.command({ type: "play" }, { state: "training" });
  }

  // Commands ------------------------------------------------------------------------------------------

  /** @param {JsonObject} command @returns {Promise<JsonObject>} */
  #request(command) {
    return this.#live?.request(command) ?? Promise.reject(new Disconnected("not connected"));
  }

  /**
   * Command the run; what it is expected to do is shown at once, and taken back where it is refused.
   *
   * @param {JsonObject} command @param {Partial<Status>} [expected]
   */
  async command(command, expected = {}) {
    this.#expected.add(expected);
    this.#showStatus();
    try {
      await this.#request(command);
      // What the server says of it may come a moment after the answer.
      setTimeout(() => this.#expect(expected), SETTLED_AFTER);
      return true;
    } catch (error) {
      this.#expect(expected);
      this.#explain(error);
      return false;
    }
  }

  /** No longer. @param {Partial<Status>} expected */
  #expect(expected) {
    this.#expected.delete(expected);
    this.#showStatus();
  }

  /** How the run stands, with what the commands under way are about to change. */
  #showStatus() {
    const heard = this.#heard;
    if (!heard) return;
    // No command mends a failed run at once: that it failed is never hidden behind a hope.
    const hopes = heard.state === "failed" ? [] : [...this.#expected];
    this.store.set({ status: Object.assign({}, heard, ...hopes) });
  }

  async play() {
    const { status, experiment } = this.state;
    if (status?.state === "finished" && experiment) {
      const { epochs } = experiment.training;
      this.edit({ ...experiment, training: { ...experiment.training, epochs: epochs + Math.max(100, Math.round(epochs / 2)) } });
      this.notify(`Goes on to epoch ${epochs + Math.max(100, Math.round(epochs / 2))}`, "info");
      await this.settled();
    }
    await this.command({ type: "play" }, { state: "training" });
  }

  /** All edits are answered. */
  async settled() {
    for (let round = 0; round < 100 && this.#edits && !isEqual(this.#edits.desired, this.#edits.confirmed); round++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  pause() {
    return this.command({ type: "pause" }, { state: "paused" });
  }

  toggle() {
    return this.state.status?.state === "training" ? this.pause() : this.play();
  }

  /** @param {number} steps */
  step(steps) {
    return this.command({ type: "step", steps });
  }

  /** @param {number} epochs */
  stepEpochs(epochs) {
    return this.command({ type: "step", epochs });
  }

  async reset() {
    const playing = this.state.status?.state === "training";
    const done = await this.command({ type: "reset" }, { step: 0, epoch: 0 });
    if (done && playing) await this.command({ type: "play" }, { state: "training" });
  }

  /** @param {number | null} stepsPerSecond */
  setSpeed(stepsPerSecond) {
    localStorage.setItem("speed", String(stepsPerSecond));
    return this.command({ type: "speed", steps_per_second: stepsPerSecond }, { speed: stepsPerSecond });
  }

  /** @param {string} checkpoint */
  rewind(checkpoint) {
    return this.command({ type: "rewind", checkpoint });
  }

  /** Keep the run as it is now under a name. @param {string} name @returns {Promise<boolean>} whether it is kept */
  snapshot(name) {
    return this.command({ type: "snapshot", name });
  }

  // Edits ---------------------------------------------------------------------------------------------

  /** @param {Experiment} after @param {string} [place] for merging steps of undo */
  edit(after, place) {
    if (!this.control) return;
    this.scrub.at(null);
    this.store.set({ problems: [], refusal: null });
    this.#edits?.change(after, place);
  }

  /**
   * Set one weight by hand.
   *
   * @param {{ node: string, index: number[], value: number }} weight
   * @returns {Promise<number | null>} what it was before; null where it was refused
   */
  async setWeight(weight) {
    this.scrub.at(null);
    try {
      return Number((await this.#request({ type: "weight", ...weight }))["before"]);
    } catch (error) {
      this.#explain(error);
      return null;
    }
  }

  /** Something besides edits was done, which Ctrl+Z undoes in its turn. @param {{ undo: () => void, redo: () => void }} act */
  acted(act) {
    this.#edits?.acted(act);
  }

  /** Point at a place of the plane; at none, the one that is pinned counts. @param {{ x: number, y: number } | null} point */
  point(point) {
    const shown = point ?? this.state.pinned;
    if (shown !== this.state.point) this.store.set({ point: shown });
  }

  undo() {
    if (this.control) this.#edits?.undo();
  }

  redo() {
    if (this.control) this.#edits?.redo();
  }

  /** @param {string} title */
  async rename(title) {
    const { run } = this.state;
    if (!run || !title || title === run.title) return;
    this.store.set({ run: { ...run, title } });
    try {
      await api.renameRun(run.id, title);
    } catch (error) {
      this.store.set({ run });
      this.#explain(error);
    }
  }

  /** @param {string | null} selected @param {number} [unit] */
  select(selected, unit = 0) {
    this.store.set({ selected, unit });
  }

  // Words ---------------------------------------------------------------------------------------------

  /** @param {string} text @param {"info" | "error"} tone */
  notify(text, tone) {
    this.store.set({ notice: { text, tone, at: Date.now() } });
  }

  /** @param {unknown} error */
  #explain(error) {
    if (error instanceof Disconnected) this.notify("Not connected: this will work again in a moment", "error");
    else if (error instanceof Refused) this.notify(error.problems[0]?.message ?? error.message, "error");
    else throw error;
  }
}

/** A problem of a node, and what stands near it: the node may be one that never came to be. @param {Located[]} problems @param {Experiment} wanted */
function refusalOf(problems, wanted) {
  for (const { pointer, message } of problems) {
    const [, list = "", index] = /^((?:\/network|\/body|\/\d+(?=\/body))+)\/(\d+)/.exec(pointer) ?? [];
    const nodes = valueAt(/** @type {any} */ (wanted), list);
    if (index === undefined || !Array.isArray(nodes)) continue;
    const [before, node, after] = [-1, 0, 1].map((step) => nodes[Number(index) + step]);
    const names = [node, before, after].map((each) => (isObject(each) ? String(each["name"]) : ""));
    const inputs = isObject(node) && Array.isArray(node["inputs"]) ? node["inputs"].map(String) : [];
    return { words: `${names[0]}: ${message}`, near: [names[0] ?? "", ...inputs, ...names.slice(1)] };
  }
  return null;
}

/** Milliseconds after a command's answer until the server's own word counts again: it comes four times a second. */
const SETTLED_AFTER = 400;

/** Answers over HTTP after which a run is not to be had: no token, no right, no run. */
const ENDED_BY = new Set([401, 403, 404]);

/** How often a refused demand is sent again. */
const WATCH_ATTEMPTS = 4;

/** Full speed takes a small network through all its epochs in seconds: too fast to see it learn. */
const WATCHABLE = 200;

/** What was chosen last; at first, slow enough to watch where there is a plane to watch. @param {Catalog} catalog @param {Experiment} experiment */
function speedOf(catalog, experiment) {
  const chosen = localStorage.getItem("speed");
  if (chosen !== null) return chosen === "null" ? null : Number(chosen);
  return catalog["datasets"]?.find(({ kind }) => kind === experiment.data.kind)?.plane ? WATCHABLE : null;
}

/** The answer alone is asked for at a finer grid than the units: the same probe, another picture. */
export const FINE = 100;

/** @param {Frame} frame @returns {string} its probe, or "answer" for the fine surface */
function channelOf(frame) {
  const probe = frame.metadata["probe"] ?? "";
  return probe === "surface" && frame.arrays.get("output")?.shape[0] === FINE ? "answer" : probe;
}
