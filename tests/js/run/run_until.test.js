/** What a panel watches ends with the panel; the run itself goes on. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Store } from "../../../static/core/store.js";
import { NewestFrames } from "../../../static/run/newest_frames.js";
import { Rows } from "../../../static/run/rows.js";
import { runUntil } from "../../../static/run/run_until.js";
import { frame } from "../support.js";

/** @import { RunControl } from "../../../static/run/run.js" */
/** @import { FrameListener } from "../../../static/run/newest_frames.js" */

/** As much of a run as is watched, with private parts as the whole one has. */
class Watched {
  store = new Store({ theme: "light" });
  #frames = new NewestFrames();
  #rows = new Rows();

  get state() {
    return this.store.state;
  }

  /** @param {string} probe @param {FrameListener} listener @param {AbortSignal} [signal] */
  onFrame(probe, listener, signal) {
    this.#frames.listen(probe, listener, signal);
  }

  /** @param {() => void} listener @param {AbortSignal} [signal] */
  onRows(listener, signal) {
    this.#rows.listen(listener, signal);
  }

  /** Everything happens once. */
  turn() {
    this.store.set({ theme: `${this.state.theme}er` });
    this.#frames.show("transfer", frame({}));
    this.#rows.changed();
  }
}

/** @param {RunControl} run @param {string[]} heard @param {AbortSignal} [own] */
function listen(run, heard, own) {
  run.store.watch(
    ({ theme }) => theme,
    () => heard.push("state"),
    own,
  );
  run.onFrame("transfer", () => heard.push("frame"), own);
  run.onRows(() => heard.push("rows"), own);
}

test("all that was watched through it ends with the signal, and with a signal of its own", () => {
  const run = new Watched();
  const whole = /** @type {RunControl} */ (/** @type {unknown} */ (run));
  const [panel, own] = [new AbortController(), new AbortController()];
  const scoped = runUntil(whole, panel.signal);
  /** @type {string[][]} */
  const [ofRun, ofPanel, ofPart] = [[], [], []];
  listen(whole, ofRun ?? []);
  listen(scoped, ofPanel ?? []);
  listen(scoped, ofPart ?? [], own.signal);
  const heard = () => {
    for (const each of [ofRun, ofPanel, ofPart]) each?.splice(0);
    run.turn();
    return [ofRun, ofPanel, ofPart].map((each) => each?.length);
  };
  assert.deepEqual(heard(), [3, 3, 3]);
  own.abort();
  assert.deepEqual(heard(), [3, 3, 0]);
  panel.abort();
  assert.deepEqual(heard(), [3, 0, 0]);
  listen(scoped, ofPanel ?? []);
  assert.deepEqual(heard(), [3, 0, 0]);
  assert.equal(scoped.state, run.state);
  scoped.store.set({ theme: "dark" });
  assert.equal(run.state.theme, "dark");
});
