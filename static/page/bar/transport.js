/** Play, one step, one epoch, start over. */

/** @import { RunState } from "../../types.d.ts" */
/** @import { RunControl } from "../../run/run.js" */

import { element, icon, iconButton, setAttribute, setIcon } from "../../core/dom.js";

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
    words: training ? "Pause" : state === "finished" ? "Train on" : "Play",
    plays: !broken,
    steps: !broken && state !== "finished",
    resets: state !== null,
  };
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
      "aria-label": "Play",
      title: "Play (space)",
      onclick: () => playback.toggle(),
    },
    playIcon,
  );
  const step = iconButton("step", "One step (→)", () => playback.step(1), { id: "step" });
  const epoch = iconButton("epoch", "One epoch (Shift →)", () => playback.stepEpochs(1), { id: "epoch" });
  const reset = iconButton("reset", "Start over (R)", () => playback.reset(), { id: "reset" });
  run.store.watch(
    (state) => state.status?.state ?? null,
    (state) => {
      const { training, words, plays, steps, resets } = transportOf(state);
      setIcon(playIcon, training ? "pause" : "play");
      setAttribute(play, "aria-label", words);
      setAttribute(play, "title", `${words} (space)`);
      play.disabled = !plays;
      step.disabled = epoch.disabled = !steps;
      reset.disabled = !resets;
    },
  );
  const looks = { class: "transport needs-control", role: "group", "aria-label": "Training" };
  return element("div", looks, play, step, epoch, reset);
}
