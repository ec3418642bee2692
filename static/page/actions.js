/** What can be done with a run, each action once: its key, the palette's entry and the list of keys are made of it. */

/** @import { Offer } from "../core/offers.js" */
/** @import { RunControl } from "../run/run.js" */

import { hasCommand, isPlain } from "../core/key_target.js";
import { texts } from "../core/texts.js";
import { playLoss, toggleTrainingSound } from "../widgets/loss_sound.js";
import { transportOf } from "./bar/transport.js";
import { shareEntries } from "./share.js";

/** The texts of this module. */
const TEXTS = texts(import.meta.url, {
  group: "This run",
  step: "One step",
  epoch: "One epoch",
  reset: "Reset: start over",
  undo: "Undo",
  redo: "Redo",
  hear: "Hear the loss so far",
  hearTraining: "Hear the loss while training, or no more",
  close: "Close the inspector",
  noRun: "no run is open yet",
  watched: "you watch this run; only its owner can",
  failed: "the run has failed: correct it, or start over",
  finished: "the run has finished: train on with play",
  nothingUndone: "nothing has been changed",
  nothingRedone: "nothing has been undone",
  nothingOpen: "no unit is selected",
});

/**
 * @typedef {object} Action
 * @property {string} id
 * @property {string | ((run: RunControl) => string)} label
 * @property {string[]} keys
 * @property {(event: KeyboardEvent) => boolean} matches
 * @property {(run: RunControl) => string | null} reason why it cannot be done now
 * @property {(run: RunControl) => void} act
 */

/** @param {RunControl} run @param {"plays" | "steps" | "resets"} what */
function untransported(run, what) {
  const state = run.state.status?.state ?? null;
  if (state === null) return TEXTS.noRun;
  if (!run.control) return TEXTS.watched;
  if (transportOf(state)[what]) return null;
  return state === "finished" ? TEXTS.finished : TEXTS.failed;
}

/** @param {KeyboardEvent} event @param {string} key */
const isKey = (event, key) => event.key.toLowerCase() === key;

/**
 * @param {string} verb
 * @param {string | null} what
 */
const named = (verb, what) => (what ? `${verb}: ${what}` : verb);

/** @type {Action[]} */
export const ACTIONS = [
  {
    id: "play",
    label: (run) => transportOf(run.state.status?.state ?? null).label,
    keys: ["Space"],
    matches: (event) => isPlain(event) && event.key === " ",
    reason: (run) => untransported(run, "plays"),
    act: (run) => run.onArrival(() => run.playback.toggle()),
  },
  {
    id: "step",
    label: TEXTS.step,
    keys: ["→"],
    matches: (event) => isPlain(event) && event.key === "ArrowRight" && !event.shiftKey,
    reason: (run) => untransported(run, "steps"),
    act: (run) => run.onArrival(() => run.playback.step(1)),
  },
  {
    id: "epoch",
    label: TEXTS.epoch,
    keys: ["Shift", "→"],
    matches: (event) => isPlain(event) && event.key === "ArrowRight" && event.shiftKey,
    reason: (run) => untransported(run, "steps"),
    act: (run) => run.onArrival(() => run.playback.stepEpochs(1)),
  },
  {
    id: "reset",
    label: TEXTS.reset,
    keys: ["R"],
    matches: (event) => isPlain(event) && isKey(event, "r"),
    reason: (run) => untransported(run, "resets"),
    act: (run) => run.onArrival(() => run.playback.reset()),
  },
  {
    id: "undo",
    label: (run) => named(TEXTS.undo, run.state.undoes),
    keys: ["Ctrl", "Z"],
    matches: (event) => hasCommand(event) && isKey(event, "z") && !event.shiftKey,
    reason: (run) => (run.state.undoes === null ? TEXTS.nothingUndone : null),
    act: (run) => run.undo(),
  },
  {
    id: "redo",
    label: (run) => named(TEXTS.redo, run.state.redoes),
    keys: ["Ctrl", "Shift", "Z"],
    matches: (event) => hasCommand(event) && (isKey(event, "y") || (isKey(event, "z") && event.shiftKey)),
    reason: (run) => (run.state.redoes === null ? TEXTS.nothingRedone : null),
    act: (run) => run.redo(),
  },
  {
    id: "hear",
    label: TEXTS.hear,
    keys: ["L"],
    matches: (event) => isPlain(event) && isKey(event, "l") && !event.shiftKey,
    reason: () => null,
    act: playLoss,
  },
  {
    id: "hear-training",
    label: TEXTS.hearTraining,
    keys: ["Shift", "L"],
    matches: (event) => isPlain(event) && isKey(event, "l") && event.shiftKey,
    reason: () => null,
    act: toggleTrainingSound,
  },
  {
    id: "close",
    label: TEXTS.close,
    keys: ["Esc"],
    matches: (event) => isPlain(event) && event.key === "Escape",
    reason: (run) => (run.state.selected === null ? TEXTS.nothingOpen : null),
    act: (run) => run.select(null),
  },
];

/**
 * What can be done with a run now, for the palette and the list of keys.
 *
 * @param {RunControl} run
 * @returns {Offer[]}
 */
export function runOffers(run) {
  return [
    ...ACTIONS.map(({ id, label, keys, reason, act }) => ({
      id,
      group: TEXTS.group,
      label: typeof label === "string" ? label : label(run),
      keys,
      reason: reason(run),
      act: () => act(run),
    })),
    ...shareEntries(run).map(({ label, detail, run: act }) => ({
      id: label,
      group: TEXTS.group,
      label,
      ...(detail ? { detail } : {}),
      reason: run.state.run ? null : TEXTS.noRun,
      act,
    })),
  ];
}
