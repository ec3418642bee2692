/** The bar: the name, play and its kin, speed, how far training is, and menus. */

/** @import { RunControl } from "../run/run.js" */
/** @import { State } from "../run/state.js" */

import { element, icon, iconButton, setAttribute, setIcon, setText } from "../core/dom.js";
import { fill } from "../form/number.js";
import { shortNumber, wholeNumber } from "../core/format.js";
import { showKeys } from "./keyboard.js";
import { openShareMenu } from "./share.js";
import { openPlaces, openPresets, openRuns } from "./runs.js";

/** Steps a second the slider offers; the last is full speed. */
const SPEEDS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, null];

/** What the states are called. @type {Record<string, string>} */
const STATES = {
  queued: "waiting for its turn",
  starting: "starting",
  training: "training",
  paused: "paused",
  finished: "finished",
  failed: "failed",
  stopped: "stopped",
  interrupted: "interrupted",
  damaged: "damaged",
};

/** @param {HTMLElement} root @param {RunControl} run @param {{ toggleTheme: () => void }} page */
export function buildBar(root, run, page) {
  const { store } = run;
  const title = element("input", {
    class: "title",
    "aria-label": "Title of the run",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: 200,
  });
  title.addEventListener("change", () => run.rename(title.value.trim()));
  title.addEventListener("keydown", (event) => {
    if (event.key === "Enter") title.blur();
    if (event.key === "Escape") {
      title.value = run.state.run?.title ?? "";
      title.blur();
    }
  });
  store.watch(
    (state) => state.run?.title ?? "",
    (text) => {
      title.value = text;
      document.title = text ? `${text} · Glassnet` : "Glassnet";
    },
  );
  store.watch(
    (state) => state.run?.control ?? false,
    (allowed) => (title.disabled = !allowed),
  );

  const undo = iconButton("undo", "Undo (Ctrl+Z)", () => run.undo(), {
    class: "icon-button needs-control wide",
  });
  const redo = iconButton("redo", "Redo (Ctrl+Shift+Z)", () => run.redo(), {
    class: "icon-button needs-control wide",
  });
  store.watch(
    (state) => state.canUndo,
    (can) => (undo.disabled = !can),
  );
  store.watch(
    (state) => state.canRedo,
    (can) => (redo.disabled = !can),
  );

  root.append(
    element(
      "h1",
      {},
      element(
        "a",
        { class: "brand", href: "/", title: "Start anew" },
        icon("logo"),
        element("span", {}, "Glassnet"),
      ),
    ),
    title,
    element("span", { class: "break" }),
    transport(run),
    speedControl(run),
    readout(run),
    element(
      "div",
      { class: "bar-end" },
      undo,
      redo,
      element("span", { class: "divider needs-control" }),
      iconButton("presets", "Examples", (event) => openPresets(anchorOf(event), run), {
        "aria-haspopup": "dialog",
      }),
      iconButton("runs", "Runs", (event) => openRuns(anchorOf(event), run), { "aria-haspopup": "dialog" }),
      iconButton("labs", "Labs", (event) => openPlaces(anchorOf(event)), {
        class: "icon-button wide",
        "aria-haspopup": "dialog",
      }),
      iconButton("share", "Share, save and export", (event) => openShareMenu(anchorOf(event), run), {
        "aria-haspopup": "dialog",
      }),
      element("span", { class: "divider" }),
      iconButton("help", "Keyboard (?)", () => showKeys(), { class: "icon-button wide" }),
      iconButton("theme", "Light or dark", page.toggleTheme, { class: "icon-button wide" }),
    ),
  );
}

/** @param {MouseEvent} event */
function anchorOf(event) {
  return /** @type {HTMLElement} */ (event.currentTarget);
}

/** @param {RunControl} run */
function transport(run) {
  const playIcon = icon("play");
  const play = element(
    "button",
    {
      type: "button",
      class: "play",
      id: "play",
      "aria-label": "Play",
      title: "Play (space)",
      onclick: () => run.playback.toggle(),
    },
    playIcon,
  );
  const step = iconButton("step", "One step (→)", () => run.playback.step(1), { id: "step" });
  const epoch = iconButton("epoch", "One epoch (Shift →)", () => run.playback.stepEpochs(1), { id: "epoch" });
  const reset = iconButton("reset", "Start over (R)", () => run.playback.reset(), { id: "reset" });
  run.store.watch(
    (state) => state.status?.state ?? null,
    (state) => {
      const training = state === "training" || state === "queued"; // one that waits is to train, too
      const words = training ? "Pause" : state === "finished" ? "Train on" : "Play";
      setIcon(playIcon, training ? "pause" : "play");
      setAttribute(play, "aria-label", words);
      setAttribute(play, "title", `${words} (space)`);
      play.disabled = state === null || state === "failed";
      step.disabled = epoch.disabled = state === null || state === "failed" || state === "finished";
      reset.disabled = state === null;
    },
  );
  return element(
    "div",
    { class: "transport needs-control", role: "group", "aria-label": "Training" },
    play,
    step,
    epoch,
    reset,
  );
}

/** @param {RunControl} run */
function speedControl(run) {
  const slider = element("input", {
    type: "range",
    min: 0,
    max: SPEEDS.length - 1,
    step: 1,
    id: "speed",
    "aria-label": "Speed",
  });
  const output = element("output", { for: "speed" });
  const show = (/** @type {number | null} */ speed) => {
    const words = speed === null ? "full speed" : `${wholeNumber(speed)} step${speed === 1 ? "" : "s"}/s`;
    setText(output, words);
    slider.setAttribute("aria-valuetext", words);
    fill(slider);
  };
  slider.addEventListener("input", () => show(SPEEDS[Number(slider.value)] ?? null));
  slider.addEventListener("change", () => run.playback.setSpeed(SPEEDS[Number(slider.value)] ?? null));
  run.store.watch(
    (state) => state.status?.speed ?? null,
    (speed) => {
      const index = SPEEDS.findIndex((each) => each !== null && speed !== null && each >= speed);
      slider.value = String(speed === null || index < 0 ? SPEEDS.length - 1 : index);
      show(speed);
    },
  );
  return element("div", { class: "speed needs-control", title: "How fast steps are taken" }, slider, output);
}

/** @param {RunControl} run */
function readout(run) {
  const cell = (
    /** @type {string} */ name,
    /** @type {string} */ before,
    /** @type {string} */ after = "",
  ) => {
    const value = element("b", {});
    const whole = element("span", { class: name }, before, value, after);
    return { whole, value };
  };
  const lamp = element("span", { class: "lamp" });
  const step = cell("step", "step ");
  const epoch = cell("epoch", "epoch ");
  const rate = cell("rate", "", " samples/s");
  const device = cell("device", "");
  const loss = cell("loss", "loss ");
  run.store.watch(
    (state) => state.status,
    (status) => {
      if (!status) return;
      setText(step.value, wholeNumber(status.step));
      setText(epoch.value, wholeNumber(Math.floor(status.epoch)));
      rate.whole.hidden = !status.samples_per_second || status.state !== "training";
      setText(rate.value, shortNumber(status.samples_per_second ?? 0, 2));
      setText(device.value, status.device ?? "");
      const { test_loss: testLoss } = status.metrics ?? {};
      setText(loss.value, testLoss === undefined ? "–" : shortNumber(testLoss));
    },
  );
  run.store.watch(lampWords, (words) => setText(lamp, words));
  return element(
    "div",
    { class: "readout" },
    lamp,
    step.whole,
    epoch.whole,
    loss.whole,
    rate.whole,
    device.whole,
  );
}

/** How the run stands; whether it can be heard of comes first. @param {State} state */
function lampWords({ connection, run, status }) {
  if (connection === "lost" || (connection === "connecting" && run)) return "reconnecting";
  if (connection === "gone") return "this run is gone";
  if (!status) return "";
  const { state, queue_position: position } = status;
  return state === "queued" && position ? `number ${position} in the queue` : (STATES[state] ?? state);
}
