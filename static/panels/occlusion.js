/**
 * Occlusion: a grey square slides over the chosen picture; what the network says at each place. Live, a few places at
 * each look, or all of them on a snapshot.
 */

/** @import { Frame, JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run.js" */

import { onNextBeat } from "../beat.js";
import { element, setAttribute, setText } from "../dom.js";
import { category, divergingTable, magnitudeTable, pixel, rgb } from "../draw/colors.js";
import { extremes, picturePixels, planeAt, putPixels, rampPixels } from "../draw/signals.js";
import { shortNumber, wholeNumber } from "../format.js";
import { check } from "../page/asked.js";
import { keepButtons, scalar } from "../page/keep.js";
import { demandChanged } from "../page/lazy.js";
import { studyButton } from "../page/study.js";

/** @param {RunControl} run @param {() => JsonObject} ask which picture, and which class */
export function occlusionPanel(run, ask) {
  const shape = () => run.state.description?.input.shape ?? [];
  const usual = usualSquare(shape());
  const size = number("Square", usual.size, 1, "px");
  const stride = number("Stride", usual.stride, 1, "px");
  const follow = check("follow training", true, () => begin(), "Some places anew at each look; the numbers say of which step they are");
  const words = element("p", { class: "note", role: "status" });
  const maps = {
    input: card("The picture", "point at a map to put the square there"),
    probability: card("Probability", "of the class, while the place is covered"),
    activation: card("Strongest map", "the sum over the feature map that is strongest"),
    class: card("Likeliest class", "while the place is covered"),
    drop: card("Mean drop", "of the score, over all squares that cover a pixel"),
  };
  const classes = element("ul", { class: "class-key" });
  const picture = element("div", { class: "method-cards", hidden: true }, ...Object.values(maps).map(({ figure }) => figure));
  /** @type {Frame | null} */
  let newest = null;
  /** What the newest frame was asked with. */
  let asked = usual;
  /** The last frame of what was asked for before. @type {Frame | undefined} */
  let stale;

  const paint = onNextBeat(() => {
    if (!newest) return;
    const { arrays } = newest;
    const { theme } = run.state;
    const [input, probability, activation, likeliest, drop] = ["input", "probability", "activation", "class", "drop"].map((name) => arrays.get(name));
    if (!input || !probability || !activation || !likeliest || !drop) return;
    picture.hidden = false;
    const plane = planeAt(input, 0, input.shape[0] ?? 1);
    putPixels(maps.input.canvas, picturePixels(plane), plane.width, plane.height);
    const [rows = 1, columns = 1] = probability.shape;
    putPixels(maps.probability.canvas, rampPixels(probability.data, magnitudeTable(), 0, 1), columns, rows);
    const [, most] = extremes(activation.data);
    putPixels(maps.activation.canvas, rampPixels(activation.data, magnitudeTable(), 0, most), columns, rows);
    const colours = Uint32Array.from(likeliest.data, (index) => (index < 0 ? 0 : pixel(rgb(category(index)))));
    putPixels(maps.class.canvas, colours, columns, rows);
    const [low, high] = extremes(drop.data);
    const span = Math.max(Math.abs(low), Math.abs(high));
    const [high2 = 1, wide = 1] = drop.shape;
    putPixels(maps.drop.canvas, rampPixels(drop.data, divergingTable(theme), -span, span), wide, high2);
    const names = run.state.description?.data.classes ?? [];
    const [before = NaN, strongest = NaN] = arrays.get("before")?.data ?? [];
    const [least] = extremes(probability.data);
    const name = names[scalar(arrays, "target")] ?? "the output";
    setText(maps.probability.note, `of ${name}: ${percent(before)} uncovered, ${percent(least)} at least`);
    setText(maps.activation.note, scalar(arrays, "channel") < 0 ? "the network has no feature maps" : `map ${scalar(arrays, "channel") + 1}, which sums to ${shortNumber(strongest)} uncovered`);
    setText(maps.drop.note, `of the score, at most ${shortNumber(high)}, over all squares that cover a pixel`);
    const seen = [...new Set(likeliest.data)].filter((index) => index >= 0).sort((one, other) => one - other);
    classes.replaceChildren(...seen.map((index) => element("li", { class: `class-${index % 8}` }, names[index] ?? String(index))));
    keep.hidden = false;
    if (follow.input.checked) setText(words, covered(arrays.get("steps")?.data ?? []));
  });

  /** The square, where it can slide; otherwise says why not. */
  function square() {
    const [, high = 1, wide = 1] = shape();
    const most = Math.min(high, wide);
    const [side, step] = [size.input, stride.input].map(({ value }) => Number(value));
    const fits = Number.isInteger(side) && side !== undefined && side >= 1 && side <= most;
    const moves = Number.isInteger(step) && step !== undefined && step >= 1;
    setAttribute(size.input, "aria-invalid", String(!fits));
    setAttribute(stride.input, "aria-invalid", String(!moves));
    if (fits && moves) return { size: side, stride: step };
    setText(words, fits ? `A stride of ${stride.input.value || "nothing"}; expected a whole number from 1.` : `A square of ${size.input.value || "nothing"}; expected a whole number from 1 to ${most}, the picture's smaller side.`);
    return null;
  }

  /** Live, anew. */
  function begin() {
    stale = run.latest.get("occlusion");
    words.hidden = !follow.input.checked;
    control.cancel();
    if (square() && follow.input.checked) setText(words, "The first places come with the next look.");
    demandChanged();
  }

  /** Put the square where a map is pointed at, and say what was seen there. @param {PointerEvent} event @param {HTMLCanvasElement} canvas */
  const point = (event, canvas) => {
    const probability = newest?.arrays.get("probability");
    const input = newest?.arrays.get("input");
    const context = maps.input.canvas.getContext("2d");
    if (!newest || !probability || !input || !context) return;
    const box = canvas.getBoundingClientRect();
    const [rows = 1, columns = 1] = probability.shape;
    const row = Math.min(rows - 1, Math.max(0, Math.floor(((event.clientY - box.top) / box.height) * rows)));
    const column = Math.min(columns - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * columns)));
    const plane = planeAt(input, 0, input.shape[0] ?? 1);
    putPixels(maps.input.canvas, picturePixels(plane), plane.width, plane.height);
    context.fillStyle = "#808080";
    context.fillRect(column * asked.stride, row * asked.stride, asked.size, asked.size);
    const place = row * columns + column;
    const names = run.state.description?.data.classes ?? [];
    const said = newest.arrays.get("class")?.data[place] ?? -1;
    setText(maps.input.note, `covered here: ${percent(probability.data[place])}, taken for ${names[said] ?? said}`);
  };
  for (const { canvas } of [maps.probability, maps.activation, maps.class]) {
    canvas.addEventListener("pointermove", (event) => point(event, canvas));
    canvas.addEventListener("pointerleave", () => {
      setText(maps.input.note, "point at a map to put the square there");
      paint();
    });
  }

  const keep = keepButtons(() => picture, () => newest, () => "occlusion");
  keep.hidden = true;
  const control = studyButton(run, {
    words: "All at this step",
    empty: "Where the probability falls, the network was looking.",
    begin: () => {
      follow.input.checked = false;
      words.hidden = true;
      demandChanged();
    },
    document: () => {
      asked = { size: Number(size.input.value), stride: Number(stride.input.value) };
      return { kind: "occlusion", ...ask(), ...asked };
    },
    frame: (frame) => {
      newest = frame;
      paint();
    },
  });
  run.store.watch((state) => state.theme, paint);
  run.onFrame("occlusion", (frame) => {
    const wanted = follow.input.checked ? square() : null;
    if (!wanted || frame === stale) return;
    [newest, asked] = [frame, wanted];
    paint();
  });
  for (const { input } of [size, stride]) input.addEventListener("change", begin);
  return {
    /** What is looked at live. @returns {JsonObject[]} */
    demand() {
      const wanted = follow.input.checked ? square() : null;
      return wanted ? [{ kind: "occlusion", ...ask(), ...wanted, hz: 5 }] : [];
    },
    element: element(
      "div",
      { class: "study" },
      element("div", { class: "panel-head" }, size.label, stride.label, follow.element, control.element, element("span", { class: "grow" }), keep),
      words,
      picture,
      classes,
    ),
  };
}

/** Of which steps the places are. @param {ArrayLike<number>} steps −1 where the square has not been */
function covered(steps) {
  const known = Array.from(steps).filter((step) => step >= 0);
  const [first, last] = [Math.min(...known), Math.max(...known)];
  const when = first === last ? `step ${wholeNumber(last)}` : `steps ${wholeNumber(first)} to ${wholeNumber(last)}`;
  return `${known.length < steps.length ? `${wholeNumber(known.length)} of ${wholeNumber(steps.length)} places` : `${wholeNumber(steps.length)} places`}, as they were at ${when}.`;
}

/** A square of a quarter of the picture, which moves by a quarter of itself. @param {number[]} shape channels, height, width */
function usualSquare([, high = 32, wide = 32]) {
  const size = Math.max(1, Math.round(Math.min(high, wide) / 4));
  return { size, stride: Math.max(1, Math.round(size / 4)) };
}

/** @param {string} title @param {number} value @param {number} least @param {string} unit */
function number(title, value, least, unit) {
  const input = element("input", { type: "number", class: "number", min: least, max: 1024, value, "aria-label": title });
  return { input, label: element("label", { class: "small-choice" }, element("span", {}, title), input, element("span", { class: "note" }, unit)) };
}

/** @param {string} title @param {string} words */
function card(title, words) {
  const canvas = element("canvas", { class: "pixels", role: "img" });
  setAttribute(canvas, "aria-label", `${title}: ${words}`);
  const note = element("span", { class: "note" }, words);
  return { canvas, note, figure: element("figure", { class: "method-card" }, canvas, element("figcaption", {}, element("span", { "data-label": "" }, title), note)) };
}

/** @param {number | undefined} share */
function percent(share = NaN) {
  return Number.isFinite(share) ? `${Math.round(100 * share)} %` : "–";
}
