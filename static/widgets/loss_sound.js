/** The loss, heard: its curves so far on request, and where it stands while training, where that is wanted. */

/** @import { RunControl } from "../run/run.js" */
/** @import { Tones } from "./loss_sound/tones.js" */

import { announce } from "../core/announce.js";
import { iconButton, setAttribute } from "../core/dom.js";
import { shortNumber } from "../core/format.js";
import { texts } from "../core/texts.js";
import { breaksOf, unitOf } from "../draw/curve_axis.js";
import { openMenu } from "./menu.js";

const TEXTS = texts(import.meta.url, {
  button: "Hear the loss",
  play: "Play the loss so far (L)",
  what: "train left, test right; an octave lower is a tenth of the loss",
  follow: "Sound while training (Shift L)",
  silence: "No sound while training (Shift L)",
  nothing: "There is no loss to hear yet.",
  following: "The loss sounds while training.",
  silent: "Training is silent.",
});

/** How each set sounds: told apart by side and by timbre. */
const SOUNDS = /** @type {const} */ ({
  train: { pan: -0.6, type: "sine", gain: 0.16 },
  test: { pan: 0.6, type: "triangle", gain: 0.12 },
});
const SETS = /** @type {const} */ (["train", "test"]);

/** Seconds in which a tone that follows the training glides to the next loss. */
const GLIDE = 0.06;

/** The page's loudspeaker; none until a sound is asked for. @type {AudioContext | null} */
let speaker = null;

/** @returns {AudioContext} */
function opened() {
  speaker ??= new AudioContext();
  void speaker.resume();
  return speaker;
}

/** A tone of a set, silent at first. @param {AudioContext} context @param {"train" | "test"} set */
function tone(context, set) {
  const { pan, type } = SOUNDS[set];
  const source = new OscillatorNode(context, { type });
  const volume = new GainNode(context, { gain: 0 });
  source.connect(volume).connect(new StereoPannerNode(context, { pan })).connect(context.destination);
  source.start();
  return { source, volume };
}

/** @param {RunControl} run */
function lossOf(run) {
  const evaluation = run.series?.evaluation;
  const column = (/** @type {string} */ name) => evaluation?.values(name) ?? new Float64Array();
  const unit = unitOf(breaksOf(column("step"), column("epoch")));
  return { unit, x: column(unit), train: column("train_loss"), test: column("test_loss") };
}

/** The tones that sound now, where a curve is played. @type {ReturnType<typeof tone>[]} */
let playing = [];

/** @param {Tones} tones */
function sound({ seconds, voices }) {
  const context = opened();
  for (const { source } of playing) source.stop();
  const begin = context.currentTime + 0.05;
  playing = voices.map(({ set, pitches, loudness }) => {
    const made = tone(context, set);
    made.source.frequency.setValueCurveAtTime(pitches, begin, seconds);
    const volumes = loudness.map((share) => share * SOUNDS[set].gain);
    made.volume.gain.setValueCurveAtTime(volumes, begin, seconds);
    made.source.stop(begin + seconds);
    return made;
  });
}

/** Play the loss so far, and say what is heard. @param {RunControl} run */
export async function playLoss(run) {
  const { tonesOf } = await import("./loss_sound/tones.js");
  const tones = tonesOf(lossOf(run), shortNumber);
  announce("sound", tones?.description ?? TEXTS.nothing);
  if (tones) sound(tones);
  else run.notify(TEXTS.nothing, "info");
}

/** The runs whose training sounds, and what ends it. @type {WeakMap<RunControl, () => void>} */
const followed = new WeakMap();
/** @type {Set<() => void>} */
const buttons = new Set();

/** Let training sound, or be silent again. @param {RunControl} run */
export function toggleTrainingSound(run) {
  const end = followed.get(run);
  if (end) {
    followed.delete(run);
    end();
  } else followed.set(run, follow(run));
  announce("sound", end ? TEXTS.silent : TEXTS.following);
  run.notify(end ? TEXTS.silent : TEXTS.following, "info");
  buttons.forEach((show) => show());
}

/** @param {RunControl} run @returns {() => void} ends it */
function follow(run) {
  const context = opened();
  const tones = SETS.map((set) => ({ set, ...tone(context, set) }));
  const ends = new AbortController();
  const show = async () => {
    const { pitchOf } = await import("./loss_sound/tones.js");
    if (ends.signal.aborted) return;
    const losses = lossOf(run);
    for (const { set, source, volume } of tones) {
      const pitch = run.state.status?.state === "training" ? pitchOf(losses[set].at(-1) ?? NaN) : null;
      if (pitch !== null) source.frequency.setTargetAtTime(pitch, context.currentTime, GLIDE);
      volume.gain.setTargetAtTime(pitch === null ? 0 : SOUNDS[set].gain / 2, context.currentTime, GLIDE);
    }
  };
  run.onRows(() => void show(), ends.signal);
  run.store.watch(
    (state) => state.status?.state,
    () => void show(),
    ends.signal,
  );
  return () => {
    ends.abort();
    for (const { source } of tones) source.stop();
  };
}

/** The button of both. @param {RunControl} run @returns {HTMLElement} */
export function lossSoundButton(run) {
  const button = iconButton("sound", TEXTS.button, () => offer(button, run), { "aria-haspopup": "dialog" });
  const show = () => setAttribute(button, "data-on", followed.has(run) ? "" : null);
  buttons.add(show);
  return button;
}

/** @param {HTMLElement} anchor @param {RunControl} run */
function offer(anchor, run) {
  openMenu(anchor, TEXTS.button, [
    { label: TEXTS.play, detail: TEXTS.what, run: () => void playLoss(run) },
    { label: followed.has(run) ? TEXTS.silence : TEXTS.follow, run: () => toggleTrainingSound(run) },
  ]);
}
