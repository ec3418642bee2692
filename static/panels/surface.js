/** The answer over the plane, with the points it was learned from; and what it says of a place one names. */

/** @import { Frame } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */

import { onNextBeat } from "../core/paint_scheduler.js";
import { element, setText } from "../core/dom.js";
import { category, cssColor, diverging } from "../draw/colors.js";
import { markerIcon, markerOf, traceMarker } from "../draw/markers.js";
import { fitCanvas } from "../draw/plot.js";
import { answerPixels, picturesOf, pixelAt, valueIn } from "../draw/surface.js";
import { parseNumber } from "../form/number.js";
import { shortNumber } from "../core/format.js";
import { dataset } from "../catalog/catalog.js";
import { color } from "../draw/theme_colors.js";

/** @param {RunControl} run @returns {HTMLElement} */
export function surfacePanel(run) {
  const picture = element("canvas", {
    class: "surface",
    role: "img",
    "aria-label": "What the network answers at each place of the plane",
  });
  const points = element("canvas", { class: "surface-points", "aria-hidden": true });
  const frame = element("div", { class: "surface-frame" }, picture, points);
  const legend = element("div", { class: "legend" });
  const train = toggle("training points", true, () => paintPoints());
  const test = toggle("test points", false, () => paintPoints());
  const discrete = toggle("classes only", false, () => paint());
  const asked = askRow(run);
  const scratch = document.createElement("canvas");

  const classes = () => classesOf(run);
  const plane = () => (run.state.experiment && dataset(run.state.catalog, run.state.experiment)?.plane) || 6;

  const paint = onNextBeat(() => {
    const newest = run.latest.get("answer");
    const context = picture.getContext("2d");
    if (!newest || !context) return;
    const answer = answerPixels(newest, classes().length, run.state.theme, discrete.input.checked);
    const inner = scratch.getContext("2d");
    if (!answer || !inner) return;
    if (scratch.width !== answer.width || scratch.height !== answer.height) {
      scratch.width = answer.width;
      scratch.height = answer.height;
    }
    const bytes = new Uint8ClampedArray(/** @type {ArrayBuffer} */ (answer.pixels.buffer));
    inner.putImageData(new ImageData(bytes, answer.width, answer.height), 0, 0);
    const { width, height } = fitCanvas(picture, context);
    context.imageSmoothingEnabled = !discrete.input.checked;
    context.imageSmoothingQuality = "high";
    context.drawImage(scratch, 0, 0, width, height);
    asked.update();
  });

  const paintPoints = onNextBeat(() => {
    const context = points.getContext("2d");
    if (!context) return;
    const { width, height } = fitCanvas(points, context);
    context.clearRect(0, 0, width, height);
    const samples = run.latest.get("samples");
    const size = { width, height, half: plane() };
    if (samples && test.input.checked)
      drawPoints(context, samples, "test", classes().length, size, run.state.theme);
    if (samples && train.input.checked)
      drawPoints(context, samples, "train", classes().length, size, run.state.theme);
    const { point, pinned } = run.state;
    if (pinned) drawCross(context, pinned.x * width, pinned.y * height, color("accent"));
    if (point && point !== pinned) drawCross(context, point.x * width, point.y * height, color("ink"));
  });

  run.onFrame("answer", () => paint());
  run.onFrame("samples", () => paintPoints());
  run.store.watch(
    (state) => state.theme,
    () => (paint(), paintPoints()),
  );
  run.store.watch(
    (state) => state.point,
    () => (paintPoints(), asked.update()),
  );
  run.store.watch(
    (state) => state.pinned,
    () => (paintPoints(), asked.write()),
  );
  run.store.watch(
    (state) => state.experiment?.data.kind,
    () => (showLegend(legend, run), (discrete.label.hidden = classes().length === 0)),
  );
  new ResizeObserver(() => (paint(), paintPoints())).observe(frame);
  frame.addEventListener("pointermove", (event) => {
    const box = frame.getBoundingClientRect();
    run.point(placeIn(box, event));
  });
  frame.addEventListener("pointerleave", () => run.point(null));
  frame.addEventListener("click", (event) => {
    const { pinned } = run.state;
    const point = placeIn(frame.getBoundingClientRect(), event);
    const again = pinned && Math.hypot(pinned.x - point.x, pinned.y - point.y) < NEAR;
    run.store.set({ pinned: again ? null : point, point });
  });
  return element(
    "div",
    { class: "surface-panel" },
    frame,
    legend,
    asked.element,
    element("div", { class: "checks" }, train.label, test.label, discrete.label),
  );
}

/** How near to the pinned point a click takes it away, as a share of the plane. */
const NEAR = 0.03;

/** @param {DOMRect} box @param {MouseEvent} event */
function placeIn(box, event) {
  return {
    x: bounded((event.clientX - box.left) / box.width),
    y: bounded((event.clientY - box.top) / box.height),
  };
}

/** @param {number} share */
function bounded(share) {
  return Math.min(1, Math.max(0, share));
}

/** @param {RunControl} run @returns {string[]} */
function classesOf(run) {
  const { catalog, experiment } = run.state;
  return (experiment && dataset(catalog, experiment)?.classes) || [];
}

/** @param {string} words @param {boolean} checked @param {() => void} changed */
export function toggle(words, checked, changed) {
  const input = element("input", { type: "checkbox", checked });
  input.addEventListener("change", changed);
  return { input, label: element("label", { class: "check" }, input, words) };
}

/**
 * Training points are filled, test points are rings: the same two looks as the lines of the curves.
 *
 * @param {CanvasRenderingContext2D} context @param {Frame} frame @param {"train" | "test"} set @param
 * {number} classes
 * @param {{ width: number, height: number, half: number }} size @param {"light" | "dark"} theme
 */
function drawPoints(context, frame, set, classes, { width, height, half }, theme) {
  const inputs = frame.arrays.get(`${set}/inputs`);
  const targets = frame.arrays.get(`${set}/targets`);
  if (!inputs || !targets || inputs.shape[1] !== 2) return;
  const count = inputs.shape[0] ?? 0;
  for (let index = 0; index < count; index++) {
    const x = (((inputs.data[2 * index] ?? 0) + half) / (2 * half)) * width;
    const y = ((half - (inputs.data[2 * index + 1] ?? 0)) / (2 * half)) * height;
    const target = targets.data[index] ?? 0;
    const fill =
      classes > 2
        ? category(target)
        : classes === 2
          ? color(target > 0 ? "positive" : "negative")
          : cssColor(diverging(target, theme));
    context.beginPath();
    traceMarker(context, classes > 0 ? markerOf(target) : "circle", x, y, set === "train" ? 3 : 2.6);
    if (set === "train") {
      context.fillStyle = fill;
      context.fill();
      context.strokeStyle = "rgb(255 255 255 / 85%)";
      context.lineWidth = 1;
    } else {
      context.fillStyle = color("paper");
      context.fill();
      context.strokeStyle = fill;
      context.lineWidth = 1.5;
    }
    context.stroke();
  }
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {string} stroke */
function drawCross(context, x, y, stroke) {
  context.strokeStyle = stroke;
  context.lineWidth = 1.25;
  context.beginPath();
  context.arc(x, y, 6, 0, 2 * Math.PI);
  context.stroke();
}

/** @param {HTMLElement} legend @param {RunControl} run */
function showLegend(legend, run) {
  const classes = classesOf(run);
  if (classes.length > 2) {
    legend.replaceChildren(
      ...classes.map((name, index) =>
        element("span", { class: `class-name class-${index % 8}` }, markerIcon(markerOf(index), ""), name),
      ),
    );
    return;
  }
  const [low = "−1", high = "+1"] = classes;
  legend.replaceChildren(
    element(
      "span",
      {},
      classes.length ? markerIcon(markerOf(0), "low") : null,
      classes.length ? `class ${low}` : low,
    ),
    element("span", { class: "gradient" }),
    element(
      "span",
      {},
      classes.length ? `class ${high}` : high,
      classes.length ? markerIcon(markerOf(1), "high") : null,
    ),
  );
}

/** Two numbers to type, and the answer there. @param {RunControl} run */
function askRow(run) {
  const field = (/** @type {string} */ name) =>
    element("input", {
      type: "text",
      class: "number",
      inputmode: "decimal",
      "aria-label": `${name} to ask about`,
      placeholder: name,
      autocomplete: "off",
    });
  const [x1, x2] = [field("x₁"), field("x₂")];
  const answer = element("output", { class: "answer" });
  const half = () => (run.state.experiment && dataset(run.state.catalog, run.state.experiment)?.plane) || 6;
  const typed = () => {
    const [first, second] = [parseNumber(x1.value, {}), parseNumber(x2.value, {})];
    if (first === null || second === null) return null;
    return { x: bounded((first + half()) / (2 * half())), y: bounded((half() - second) / (2 * half())) };
  };
  for (const input of [x1, x2]) {
    input.addEventListener("input", () => {
      const point = typed();
      if (point || (x1.value === "" && x2.value === "")) run.store.set({ pinned: point, point });
    });
  }
  /** The fields say where the pin is, unless they are being typed in. */
  const write = () => {
    if (document.activeElement === x1 || document.activeElement === x2) return;
    const { pinned } = run.state;
    x1.value = pinned ? ((2 * pinned.x - 1) * half()).toFixed(2) : "";
    x2.value = pinned ? ((1 - 2 * pinned.y) * half()).toFixed(2) : "";
  };
  const update = () => {
    const { point } = run.state;
    const newest = run.latest.get("answer");
    const pictures = newest && picturesOf(newest, "output");
    if (!point || !pictures) {
      setText(answer, "point, click or type a place");
      return;
    }
    const classes = classesOf(run);
    const value = valueIn(pictures, 0, point.x, point.y);
    const best = newest.arrays.get("class")?.data[pixelAt(pictures, point.x, point.y)];
    const name = best !== undefined ? classes[best] : classes[value > 0 ? 1 : 0];
    const place = `(${oneDigit((2 * point.x - 1) * half())}, ${oneDigit((1 - 2 * point.y) * half())})`;
    setText(answer, `${place} → ${shortNumber(value, 2)}${name === undefined ? "" : `, class ${name}`}`);
  };
  return { element: element("div", { class: "ask" }, x1, x2, answer), update, write };
}

/** −3.0, and 0.0 without a sign. @param {number} value */
function oneDigit(value) {
  const text = value.toFixed(1);
  return text === "-0.0" ? "0.0" : text.replace("-", "\u2212");
}
