/**
 * Occlusion: a grey square slides over the chosen picture; what the network says at each place. Live, a few
 * places at
 * each look, or all of them on a snapshot.
 */

/** @import { Frame, JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */

import { onNextBeat } from "../core/paint_scheduler.js";
import { element, setAttribute, setText } from "../core/dom.js";
import { category, divergingTable, magnitudeTable, pixel, rgb } from "../draw/colors.js";
import { extremes, picturePixels, planeAt, putPixels, rampPixels } from "../draw/signals.js";
import { percent, shortNumber, wholeNumber } from "../core/format.js";
import { isEqual } from "../core/json.js";
import { check } from "../widgets/study_form.js";
import { keepButtons, pictureFact, scalar } from "../widgets/save_picture.js";
import { demandChanged } from "../widgets/lazy_panel.js";
import { moreOptions } from "../widgets/probe_options.js";
import { withMaps } from "../catalog/applicability.js";
import { scaleBar } from "../widgets/color_bar.js";
import { studyButton } from "../widgets/study_button.js";

/**
 * @param {RunControl} run @param {() => JsonObject} ask which picture, and which class
 * @returns {import("../widgets/lazy_panel.js").Panel & { update: () => void }}
 */
export function occlusionPanel(run, ask) {
  const usual = usualSquare(run.state.description?.input.shape ?? []);
  const size = number("Square", usual.size, 1, "px");
  const stride = number("Stride", usual.stride, 1, "px");
  const follow = check(
    "follow training",
    true,
    () => turn(),
    "Some places anew at each look; the numbers say of which step they are",
  );
  const more = moreOptions(
    run,
    "occlusion",
    { grey: () => true, node: () => withMaps(run.state.description) },
    () => turn(),
  );
  const said = element("p", { class: "note", role: "status" }, "The square comes with the next look.");
  const maps = {
    input: card("The picture", "the square where it hurts most; point at a map to move it"),
    probability: card("Probability", "of the class, while the place is covered", true),
    activation: card("Strongest map", "the sum over the feature map that is strongest", true),
    class: card("Likeliest class", "while the place is covered"),
    drop: card("Mean drop", "of the score, over all squares that cover a pixel", true),
  };
  const classes = element("ul", { class: "class-key" });
  const picture = element(
    "div",
    { hidden: true },
    element("div", { class: "method-cards" }, ...Object.values(maps).map(({ figure }) => figure)),
    classes,
  );
  /** @type {Frame | null} */
  let newest = null;
  /** What the newest frame was asked with, and all that it answers. */
  let asked = usual;
  /** @type {JsonObject | null} */
  let answered = null;
  /** What a study was asked. @type {JsonObject | null} */
  let studied = null;
  /** Where a hand points. @type {number | null} */
  let pointed = null;
  /** The last frame of what was asked for before. @type {Frame | undefined} */
  let stale;

  const paint = onNextBeat(() => {
    if (!newest) return;
    const { arrays } = newest;
    const { theme } = run.state;
    const [input, probability, activation, likeliest, drop] = [
      "input",
      "probability",
      "activation",
      "class",
      "drop",
    ].map((name) => arrays.get(name));
    if (!input || !probability || !activation || !likeliest || !drop) return;
    picture.hidden = false;
    showSquare(newest);
    const [rows = 1, columns = 1] = probability.shape;
    const magnitude = magnitudeTable();
    putPixels(maps.probability.canvas, rampPixels(probability.data, magnitude, 0, 1), columns, rows);
    maps.probability.scale?.paint(magnitude, "0", "1");
    const [, most] = extremes(activation.data);
    putPixels(maps.activation.canvas, rampPixels(activation.data, magnitude, 0, most), columns, rows);
    maps.activation.scale?.paint(magnitude, "0", shortNumber(most));
    const colours = Uint32Array.from(likeliest.data, (index) =>
      index < 0 ? 0 : pixel(rgb(category(index))),
    );
    putPixels(maps.class.canvas, colours, columns, rows);
    const [low, high] = extremes(drop.data);
    const span = Math.max(Math.abs(low), Math.abs(high));
    const [tall = 1, wide = 1] = drop.shape;
    const table = divergingTable(theme);
    putPixels(maps.drop.canvas, rampPixels(drop.data, table, -span, span), wide, tall);
    maps.drop.scale?.paint(table, shortNumber(-span), shortNumber(span));
    const names = run.state.description?.data.classes ?? [];
    const [before = NaN, strongest = NaN] = arrays.get("before")?.data ?? [];
    const [least] = extremes(probability.data);
    const name = names[scalar(arrays, "target")] ?? "the output";
    setText(maps.probability.note, `of ${name}: ${percent(before)} uncovered, ${percent(least)} at least`);
    setText(
      maps.activation.note,
      scalar(arrays, "channel") < 0
        ? "the network has no feature maps"
        : `map ${scalar(arrays, "channel") + 1}, which sums to ${shortNumber(strongest)} uncovered`,
    );
    setText(
      maps.drop.note,
      `of the score, at most ${shortNumber(high)}, over all squares that cover a pixel`,
    );
    const seen = [...new Set(likeliest.data)].filter((index) => index >= 0).sort((one, other) => one - other);
    classes.replaceChildren(
      ...seen.map((index) => {
        const swatch = element("canvas", { class: "pixels", "aria-hidden": true });
        putPixels(swatch, Uint32Array.of(pixel(rgb(category(index)))), 1, 1);
        return element(
          "li",
          {},
          swatch,
          element("span", { "data-label": "" }, names[index] ?? String(index)),
        );
      }),
    );
  });

  /**
   * The picture, and the square on it where a hand points, or else where the probability falls most. @param
   * {Frame} frame
   */
  const showSquare = ({ arrays }) => {
    const [input, probability, likeliest, range, grey] = [
      "input",
      "probability",
      "class",
      "input.range",
      "grey",
    ].map((name) => arrays.get(name));
    const context = maps.input.canvas.getContext("2d");
    if (!input || !probability || !likeliest || !context) return;
    const plane = planeAt(input, 0, input.shape[0] ?? 1);
    putPixels(maps.input.canvas, picturePixels(plane), plane.width, plane.height);
    const place =
      pointed ??
      [...probability.data].reduce(
        (best, share, at) =>
          share < (probability.data[best] ?? NaN) || !Number.isFinite(probability.data[best]) ? at : best,
        0,
      );
    const share = probability.data[place] ?? NaN;
    if (!Number.isFinite(share)) return;
    const [, columns = 1] = probability.shape;
    const [dark = 0, bright = 1] = range?.data ?? [];
    const level = Math.round((255 * ((grey?.data[0] ?? 0) - dark)) / (bright - dark));
    context.fillStyle =
      plane.channels === 3 ? `rgb(${level} ${level} ${level})` : colourOf(magnitudeTable()[level] ?? 0);
    context.fillRect(
      (place % columns) * asked.stride,
      Math.floor(place / columns) * asked.stride,
      asked.size,
      asked.size,
    );
    const names = run.state.description?.data.classes ?? [];
    const answer = likeliest.data[place] ?? -1;
    setText(
      maps.input.note,
      `${pointed === null ? "where it hurts most" : "covered here"}: ${percent(share)}, taken for ` +
        `${names[answer] ?? answer}`,
    );
  };

  /**
   * Put the square where a map is pointed at, and say what was seen there. @param {PointerEvent} event @param
   * {HTMLCanvasElement} canvas
   */
  const point = (event, canvas) => {
    const probability = newest?.arrays.get("probability");
    if (!newest || !probability) return;
    const box = canvas.getBoundingClientRect();
    const [rows = 1, columns = 1] = probability.shape;
    const row = Math.min(rows - 1, Math.max(0, Math.floor(((event.clientY - box.top) / box.height) * rows)));
    const column = Math.min(
      columns - 1,
      Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * columns)),
    );
    pointed = row * columns + column;
    showSquare(newest);
  };
  for (const { canvas } of [maps.probability, maps.activation, maps.class]) {
    canvas.addEventListener("pointermove", (event) => point(event, canvas));
    canvas.addEventListener("pointerleave", () => {
      pointed = null;
      if (newest) showSquare(newest);
    });
  }

  /** The square, where it can slide; otherwise says why not. */
  function square() {
    const [, high = 1, wide = 1] = run.state.description?.input.shape ?? [];
    const most = Math.min(high, wide);
    const [side, step] = [size.input, stride.input].map(({ value }) => Number(value));
    const fits = Number.isInteger(side) && side !== undefined && side >= 1 && side <= most;
    const moves = Number.isInteger(step) && step !== undefined && step >= 1;
    setAttribute(size.input, "aria-invalid", String(!fits));
    setAttribute(stride.input, "aria-invalid", String(!moves));
    if (fits && moves) return { size: side, stride: step };
    said.hidden = false;
    setText(
      said,
      fits
        ? `A stride of ${stride.input.value || "nothing"}; expected a whole number from 1.`
        : `A square of ${size.input.value || "nothing"}; expected a whole number from 1 to ${most}, ` +
            "the picture's smaller side.",
    );
    return null;
  }

  /** Something else is asked than what is seen; what is seen stays, dimmed. */
  const mark = () => {
    const other =
      answered !== null &&
      !isEqual(answered, document({ size: Number(size.input.value), stride: Number(stride.input.value) }));
    picture.classList.toggle("waiting", other);
    if (follow.input.checked) return;
    said.hidden = !other;
    if (other)
      setText(
        said,
        "This answers another question: the picture, the class or the square was changed. “All at " +
          "this step” asks anew.",
      );
  };

  const document = (/** @type {{ size: number, stride: number }} */ wanted) => ({
    kind: "occlusion",
    ...ask(),
    ...wanted,
    ...more.values(),
  });
  const live = (/** @type {{ size: number, stride: number }} */ wanted) => ({ ...document(wanted), hz: 5 });
  /** Another question: what was answered before is no answer to it. */
  const turn = () => {
    stale = run.latest.get("occlusion");
    said.hidden = !follow.input.checked;
    if (follow.input.checked) control.cancel();
    mark();
    if (square() && follow.input.checked) setText(said, "The first places come with the next look.");
    demandChanged();
  };
  for (const { input } of [size, stride]) input.addEventListener("change", turn);

  const keep = keepButtons(
    () => picture,
    () => newest,
    () => "occlusion",
    () => ({
      method: "occlusion",
      picture: pictureFact(answered),
      square: `${asked.size} px`,
      stride: `${asked.stride} px`,
      ...(answered?.["node"] ? { "strongest map of": String(answered["node"]) } : {}),
      class: String(
        run.state.description?.data.classes?.[newest ? scalar(newest.arrays, "target") : -1] ?? "",
      ),
    }),
  );
  const control = studyButton(run, {
    keep,
    words: "All at this step",
    empty: "Where the probability falls, the network was looking.",
    document: () => {
      // One that cannot slide is refused by the server, in words.
      asked = { size: Number(size.input.value), stride: Number(stride.input.value) };
      studied = document(asked);
      return studied;
    },
    begin: () => {
      follow.input.checked = false;
      turn();
    },
    frame: (frame) => {
      [newest, answered] = [frame, studied];
      mark();
      paint();
    },
  });
  run.onFrame("occlusion", (frame) => {
    const wanted = follow.input.checked ? square() : null;
    if (!wanted || frame === stale) return;
    const of = run.demandOf(frame);
    if ("kind" in of && !isEqual(of, live(wanted))) return; // a late one, of what was asked before
    [newest, asked, answered] = [frame, wanted, document(wanted)];
    mark();
    keep.hidden = false;
    setText(said, covered(frame.arrays.get("steps")?.data ?? []));
    paint();
  });
  run.store.watch((state) => state.theme, paint);
  return {
    element: element(
      "div",
      { class: "study" },
      element(
        "div",
        { class: "panel-head" },
        size.label,
        stride.label,
        follow.element,
        control.element,
        more.element,
        element("span", { class: "grow" }),
        keep,
      ),
      said,
      picture,
    ),
    /** What is looked at live. @returns {JsonObject[]} */
    demand() {
      const wanted = follow.input.checked ? square() : null;
      return wanted ? [live(wanted)] : [];
    },
    update() {
      more.update();
      turn();
    },
  };
}

/** Of which steps the places are. @param {ArrayLike<number>} steps −1 where the square has not been */
function covered(steps) {
  const known = Array.from(steps).filter((step) => step >= 0);
  const [first, last] = [Math.min(...known), Math.max(...known)];
  const when =
    first === last ? `step ${wholeNumber(last)}` : `steps ${wholeNumber(first)} to ${wholeNumber(last)}`;
  const all = `${wholeNumber(steps.length)} places`;
  const places = known.length < steps.length ? `${wholeNumber(known.length)} of ${all}` : all;
  return `${places}, as they were at ${when}.`;
}

/** @param {number} packed as canvases keep it */
function colourOf(packed) {
  return `rgb(${packed & 255} ${(packed >> 8) & 255} ${(packed >> 16) & 255})`;
}

/**
 * A square of a quarter of the picture, which moves by a quarter of itself. @param {number[]} shape channels,
 * height, width
 */
function usualSquare([, high = 32, wide = 32]) {
  const size = Math.max(1, Math.round(Math.min(high, wide) / 4));
  return { size, stride: Math.max(1, Math.round(size / 4)) };
}

/** @param {string} title @param {number} value @param {number} least @param {string} unit */
function number(title, value, least, unit) {
  const input = element("input", {
    type: "number",
    class: "number",
    min: least,
    max: 1024,
    value,
    "aria-label": title,
  });
  return {
    input,
    label: element(
      "label",
      { class: "small-choice" },
      element("span", {}, title),
      input,
      element("span", { class: "note" }, unit),
    ),
  };
}

/** @param {string} title @param {string} words @param {boolean} [scaled] whether a scale stands below it */
function card(title, words, scaled = false) {
  const canvas = element("canvas", { class: "pixels", role: "img" });
  setAttribute(canvas, "aria-label", `${title}: ${words}`);
  const note = element("span", { class: "note", "data-label": "" }, words);
  const scale = scaled ? scaleBar() : null;
  return {
    canvas,
    note,
    scale,
    figure: element(
      "figure",
      { class: "method-card" },
      canvas,
      element("figcaption", {}, element("span", { "data-label": "" }, title), scale?.element, note),
    ),
  };
}
