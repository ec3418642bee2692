/** The data of the linear regression: points to add and take away by pressing, and each runner's line. */

/** @import { Race } from "./race.js" */

import { category } from "../../draw/colors.js";
import { fitCanvas } from "../../draw/plot.js";
import { ticks } from "../../draw/ticks.js";
import { element, onNextFrame } from "../../core/dom.js";
import { shortNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { color, plotFont } from "../../draw/theme_colors.js";

const TEXTS = texts(import.meta.url, {
  pointsEachRunnersLine: "The points, and each runner's line",
  pointsXY: "Points, as x y; x y",
  pressAddPoint: "Press to add a point, press one to take it away; or type x y; x y.",
  points: "{points} points: {points2}",
});

const MARGIN = { left: 28, right: 8, top: 8, bottom: 20 };

/** Pixels within which a press means a point that is there. */
const NEAR = 9;

export class Points {
  #change;
  #canvas = element("canvas", {
    class: "points",
    role: "img",
    "aria-label": TEXTS.pointsEachRunnersLine,
  });
  #typed = element("input", {
    type: "text",
    class: "text",
    autocomplete: "off",
    spellcheck: "false",
    "aria-label": TEXTS.pointsXY,
  });
  element = element(
    "div",
    { class: "points-panel" },
    this.#canvas,
    this.#typed,
    element("p", { class: "note" }, TEXTS.pressAddPoint),
  );
  /** @type {[number, number][]} */
  #points = [];
  /** @type {{ race: Race, head: number } | null} */
  #lines = null;
  #box = { low: -3, high: 3, bottom: -3, top: 3 };

  /** @param {(points: [number, number][]) => void} change */
  constructor(change) {
    this.#change = change;
    new ResizeObserver(onNextFrame(() => this.#draw())).observe(this.#canvas);
    this.#canvas.addEventListener("pointerdown", (event) => this.#press(event));
    this.#typed.addEventListener("change", () => {
      const points = parsePoints(this.#typed.value);
      if (points.length > 0) change(points);
    });
  }

  /** @param {[number, number][]} points */
  update(points) {
    this.#points = points;
    const reach = (/** @type {number[]} */ values) =>
      Math.max(3, ...values.map((value) => 1.15 * Math.abs(value)));
    const [across, up] = [reach(points.map(([x]) => x)), reach(points.map(([, y]) => y))];
    this.#box = { low: -across, high: across, bottom: -up, top: up };
    if (document.activeElement !== this.#typed)
      this.#typed.value = points.map(([x, y]) => `${x} ${y}`).join("; ");
    this.#draw();
  }

  /** @param {Race} race @param {number} head */
  follow(race, head) {
    this.#lines = { race, head };
    this.#draw();
  }

  #scales() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const [wide, tall] = [width - MARGIN.left - MARGIN.right, height - MARGIN.top - MARGIN.bottom];
    const { low, high, bottom, top } = this.#box;
    return {
      wide,
      tall,
      toX: (/** @type {number} */ x) => MARGIN.left + (wide * (x - low)) / (high - low),
      toY: (/** @type {number} */ y) => MARGIN.top + (tall * (top - y)) / (top - bottom),
      fromX: (/** @type {number} */ left) => low + ((left - MARGIN.left) / wide) * (high - low),
      fromY: (/** @type {number} */ down) => top - ((down - MARGIN.top) / tall) * (top - bottom),
    };
  }

  #draw() {
    const context = this.#canvas.getContext("2d");
    if (!context || this.#canvas.clientWidth === 0) return;
    const { width, height } = fitCanvas(this.#canvas, context);
    context.clearRect(0, 0, width, height);
    const { wide, tall, toX, toY } = this.#scales();
    context.fillStyle = color("tile");
    context.fillRect(MARGIN.left, MARGIN.top, wide, tall);
    context.fillStyle = color("ink-3");
    context.font = plotFont();
    context.textAlign = "center";
    for (const { value, text } of ticks({ low: this.#box.low, high: this.#box.high, log: false }, wide / 50))
      context.fillText(text, toX(value), height - 6);
    context.textAlign = "right";
    for (const { value, text } of ticks(
      { low: this.#box.bottom, high: this.#box.top, log: false },
      tall / 34,
    ))
      context.fillText(text, MARGIN.left - 5, toY(value) + 4);
    context.save();
    context.beginPath();
    context.rect(MARGIN.left, MARGIN.top, wide, tall);
    context.clip();
    const { race, head } = this.#lines ?? { race: null, head: 0 };
    for (let runner = 0; race && runner < race.count; runner++) {
      const { x: slope, y: offset } = race.place(runner, head);
      context.strokeStyle = category(runner);
      context.lineWidth = 2;
      context.beginPath();
      context.moveTo(toX(this.#box.low), toY(slope * this.#box.low + offset));
      context.lineTo(toX(this.#box.high), toY(slope * this.#box.high + offset));
      context.stroke();
    }
    context.restore();
    for (const [x, y] of this.#points) {
      context.beginPath();
      context.arc(toX(x), toY(y), 4, 0, 2 * Math.PI);
      context.fillStyle = color("ink");
      context.strokeStyle = color("paper");
      context.lineWidth = 1.5;
      context.fill();
      context.stroke();
    }
    this.#canvas.setAttribute(
      "aria-label",
      TEXTS.points({
        points: this.#points.length,
        points2: this.#points
          .slice(0, 12)
          .map(([x, y]) => `(${shortNumber(x)}, ${shortNumber(y)})`)
          .join(" "),
      }),
    );
  }

  /** @param {PointerEvent} event */
  #press(event) {
    const { toX, toY, fromX, fromY } = this.#scales();
    const hit = this.#points.findIndex(
      ([x, y]) => Math.hypot(toX(x) - event.offsetX, toY(y) - event.offsetY) < NEAR,
    );
    const round = (/** @type {number} */ value) => Number(value.toFixed(2));
    const after =
      hit >= 0
        ? this.#points.filter((_, index) => index !== hit)
        : /** @type {[number, number][]} */ ([
            ...this.#points,
            [round(fromX(event.offsetX)), round(fromY(event.offsetY))],
          ]);
    if (after.length > 0) this.#change(after);
  }
}

/** @param {string} typed as `x y; x y` @returns {[number, number][]} the pairs in it */
export function parsePoints(typed) {
  return typed
    .split(/[;\n]+/)
    .map((pair) =>
      pair
        .replaceAll("−", "-")
        .trim()
        .split(/[\s,]+/)
        .map(Number),
    )
    .filter((pair) => pair.length === 2 && pair.every(Number.isFinite))
    .map(([x = 0, y = 0]) => [x, y]);
}
