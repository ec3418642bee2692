/** Play, one step, one epoch, start over. */

/** @import { RunState } from "../../types.d.ts" */
/** @import { RunControl } from "../../run/run.js" */
/** @import { State } from "../../run/state.js" */

import { announce } from "../../core/announce.js";
import { element, icon, iconButton, setAttribute, setIcon, setText } from "../../core/dom.js";
import { wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { epochsMore, whyNoSteps } from "../../run/playback.js";

const TEXTS = texts(import.meta.url, {
  pause: "Pause",
  trainOn: "Train on",
  play: "Play",
  playSpace: "Play (space)",
  space: "{label} (space)",
  training: "Training",
});

const LABELS = texts(import.meta.url, {
  step: "One step (→)",
  epoch: "One epoch (Shift →)",
  reset: "Start over (R)",
  trainOnBy: "Train on, {more} more epochs",
});

/**
 * What can be pressed in a state, and what play does then.
 *
 * @param {RunState | null} state
 */
export function transportOf(state) {
  const training = state === "training" || state === "queued"; // one that waits is to train, too
  const broken = state === null || state === "failed";
  return {
    training,
    label: training ? TEXTS.pause : state === "finished" ? TEXTS.trainOn : TEXTS.play,
    plays: !broken,
    steps: !broken && state !== "finished",
    resets: state !== null,
  };
}

/** What play is called: of a run that has finished, with how many epochs it adds. @param {State} state */
export function playLabel({ status, experiment }) {
  const { label } = transportOf(status?.state ?? null);
  return status?.state === "finished" && experiment
    ? LABELS.trainOnBy({ more: wholeNumber(epochsMore(experiment)) })
    : label;
}

/** @param {RunControl} run */
export function transport(run) {
  const { playback } = run;
  const playIcon = icon("play");
  const play = element(
    "button",
    {
      type: "button",
      class: "play",
      id: "play",
      "aria-label": TEXTS.play,
      title: TEXTS.playSpace,
      onclick: () => playback.toggle(),
    },
    playIcon,
  );
  const step = iconButton("step", LABELS.step, () => playback.step(1), { id: "step" });
  const epoch = iconButton("epoch", LABELS.epoch, () => playback.stepEpochs(1), { id: "epoch" });
  const reset = iconButton("reset", LABELS.reset, () => playback.reset(), { id: "reset" });
  const why = element("span", { class: "visually-hidden", id: "why-no-steps" });
  run.store.watch(
    (state) => state.status?.state ?? null,
    (state) => {
      const { training, plays, resets } = transportOf(state);
      setIcon(playIcon, training ? "pause" : "play");
      play.disabled = !plays;
      reset.disabled = !resets;
    },
  );
  run.store.watch(playLabel, (label) => {
    setAttribute(play, "aria-label", label);
    setAttribute(play, "title", TEXTS.space({ label }));
  });
  run.store.watch(whyNoSteps, (reason) => {
    setText(why, reason ?? "");
    if (reason) announce("steps", () => whyNoSteps(run.state));
    tellWhy(step, LABELS.step, reason);
    tellWhy(epoch, LABELS.epoch, reason);
  });
  const looks = { class: "transport needs-control", role: "group", "aria-label": TEXTS.training };
  return element("div", looks, play, step, epoch, reset, why);
}

/**
 * A button that does nothing now keeps the focus, says why, and says it again when it is pressed.
 *
 * @param {HTMLButtonElement} button @param {string} label @param {string | null} reason null: it can be pressed
 */
function tellWhy(button, label, reason) {
  setAttribute(button, "title", reason ? `${label}. ${reason}` : label);
  setAttribute(button, "aria-disabled", reason && "true");
  setAttribute(button, "aria-describedby", reason && "why-no-steps");
}
