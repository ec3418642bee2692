/** The surface from above: contours, the minima, each runner's path and what it keeps; a start to drag. */

/** @import { Theme } from "../../draw/colors.js" */
/** @import { Race } from "./race.js" */

import { category } from "../../draw/colors.js";
import { drawMarker, drawStart, drawTarget } from "../../draw/marks.js";
import { fitCanvas } from "../../draw/plot.js";
import { heightPixels, isoline } from "../../draw/terrain.js";
import { ticks } from "../../draw/ticks.js";
import { element, onNextFrame } from "../../core/dom.js";
import { shortNumber } from "../../core/format.js";
import { color, plotFont } from "../../draw/theme_colors.js";
import { reliefOf } from "./race.js";
import { TEXTS } from "./map_words.js";

const MARGIN = { left: 40, right: 10, top: 10, bottom: 24 };

/** Contour lines from the floor to the top. */
const LINES = 13;

/**
 * @typedef {{ race: Race, head: number, chosen: number, state: boolean, axes: [string, string], theme: Theme
 * }} Picture
 */

/** Slots that point where the next step leads, and slots that say how steep it has been. */
const DIRECTIONS = ["velocity", "mean"];
const SIZES = ["square", "sum", "peak"];

export class SurfaceMap {
  #base = element("canvas", { "aria-hidden": "true" });
  #trails = element("canvas", { "aria-hidden": "true" });
  #top = element("canvas", {
    tabindex: 0,
    role: "application",
    class: "map-top",
    "aria-label": TEXTS.theSurface,
  });
  element = element("div", { class: "map" }, this.#base, this.#trails, this.#top);
  #move;
  /** @type {Picture | null} */
  #picture = null;
  /** What the trails canvas shows. @type {{ race: Race, head: number } | null} */
  #drawn = null;
  /** What the base canvas shows. @type {{ race: Race, theme: Theme } | null} */
  #ground = null;
  #dragging = false;

  /** @param {(x: number, y: number, done: boolean) => void} move the start */
  constructor(move) {
    this.#move = move;
    const repaint = onNextFrame(() => {
      this.#drawn = this.#ground = null;
      if (this.#picture) this.show(this.#picture);
    });
    new ResizeObserver(repaint).observe(this.element);
    this.#top.addEventListener("pointerdown", (event) => this.#press(event));
    this.#top.addEventListener("pointermove", (event) =>
      this.#dragging ? this.#drag(event, false) : this.#hover(event),
    );
    for (const end of /** @type {const} */ (["pointerup", "pointercancel"]))
      this.#top.addEventListener(end, (event) => this.#dragging && this.#drag(event, true));
    this.#top.addEventListener("pointerleave", () => this.#top.removeAttribute("title"));
    this.#top.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {Picture} picture */
  show(picture) {
    this.#picture = picture;
    const { scene } = picture.race;
    const ratio = (scene.x[1] - scene.x[0]) / (scene.y[1] - scene.y[0]);
    this.element.style.setProperty("--ratio", String(Math.min(1.9, Math.max(0.75, ratio))));
    if (this.#ground?.theme !== picture.theme || !sameScene(this.#ground.race, picture.race)) {
      this.#drawGround(picture);
      this.#drawn = null;
    }
    this.#drawTrails(picture);
    this.#drawTop(picture);
  }

  /** Redraw the ground at the next look: the surface is another. */
  forget() {
    this.#ground = null;
  }

  #box() {
    const { clientWidth: width, clientHeight: height } = this.element;
    return {
      left: MARGIN.left,
      top: MARGIN.top,
      width: Math.max(1, width - MARGIN.left - MARGIN.right),
      height: Math.max(1, height - MARGIN.top - MARGIN.bottom),
    };
  }

  /** @param {Race} race */
  #scales({ scene: { x, y } }) {
    const box = this.#box();
    return {
      box,
      toX: (/** @type {number} */ value) => box.left + (box.width * (value - x[0])) / (x[1] - x[0]),
      toY: (/** @type {number} */ value) => box.top + (box.height * (y[1] - value)) / (y[1] - y[0]),
    };
  }

  /** @param {Picture} picture */
  #drawGround({ race, axes, theme }) {
    const context = this.#base.getContext("2d");
    if (!context || this.element.clientWidth === 0) return;
    this.#ground = { race, theme };
    const { width, height } = fitCanvas(this.#base, context);
    context.clearRect(0, 0, width, height);
    const { box, toX, toY } = this.#scales(race);
    const { scene } = race;
    const { shares } = reliefOf(scene);
    const picture = pictureOf(heightPixels(shares, theme), scene.size);
    context.save();
    context.beginPath();
    context.rect(box.left, box.top, box.width, box.height);
    context.clip();
    // The grid goes from edge to edge: the middle of the outermost pixels is the edge.
    const [cell, row] = [box.width / (scene.size - 1), box.height / (scene.size - 1)];
    context.imageSmoothingQuality = "high";
    context.drawImage(picture, box.left - cell / 2, box.top - row / 2, box.width + cell, box.height + row);
    context.strokeStyle = theme === "dark" ? "rgb(255 255 255 / 17%)" : "rgb(20 20 40 / 20%)";
    context.lineWidth = 1;
    context.beginPath();
    for (let line = 1; line < LINES; line++) {
      const segments = isoline(shares, scene.size, scene.size, line / LINES);
      for (let at = 0; at + 3 < segments.length; at += 4) {
        context.moveTo(box.left + cell * (segments[at] ?? 0), box.top + row * (segments[at + 1] ?? 0));
        context.lineTo(box.left + cell * (segments[at + 2] ?? 0), box.top + row * (segments[at + 3] ?? 0));
      }
    }
    context.stroke();
    context.restore();
    this.#drawAxes(context, race, axes, box, toX, toY);
  }

  /**
   * @param {CanvasRenderingContext2D} context @param {Race} race @param {[string, string]} axes
   * @param {{ left: number, top: number, width: number, height: number }} box
   * @param {(value: number) => number} toX @param {(value: number) => number} toY
   */
  #drawAxes(context, { scene }, axes, box, toX, toY) {
    context.fillStyle = color("ink-3");
    context.font = plotFont();
    context.textAlign = "center";
    for (const { value, text } of ticks({ low: scene.x[0], high: scene.x[1], log: false }, box.width / 80)) {
      if (Math.abs(toX(value) - box.left - box.width) > 14)
        context.fillText(text, toX(value), box.top + box.height + 15);
    }
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const { value, text } of ticks({ low: scene.y[0], high: scene.y[1], log: false }, box.height / 56)) {
      if (Math.abs(toY(value) - box.top) > 12) context.fillText(text, box.left - 7, toY(value));
    }
    context.font = plotFont(13, "italic");
    context.fillText(axes[1], box.left - 8, box.top + 6);
    context.textBaseline = "alphabetic";
    context.fillText(axes[0], box.left + box.width, box.top + box.height + 16);
  }

  /** Only what is new since the last time, unless time went back. @param {Picture} picture */
  #drawTrails({ race, head, theme }) {
    const context = this.#trails.getContext("2d");
    if (!context || this.element.clientWidth === 0) return;
    const { width, height } = fitCanvas(this.#trails, context);
    const goesOn = this.#drawn && this.#drawn.race === race && this.#drawn.head <= head;
    const from = goesOn ? (this.#drawn?.head ?? 0) : 0;
    if (!goesOn) context.clearRect(0, 0, width, height);
    this.#drawn = { race, head: Math.floor(head) };
    const { box, toX, toY } = this.#scales(race);
    context.save();
    context.beginPath();
    context.rect(box.left, box.top, box.width, box.height);
    context.clip();
    context.lineJoin = context.lineCap = "round";
    for (let runner = 0; runner < race.count; runner++) {
      const line = pathTo(race.path(runner), from, Math.floor(head), toX, toY);
      context.setLineDash(runner < 8 ? [] : [7, 4]);
      context.strokeStyle = theme === "dark" ? "rgb(0 0 0 / 45%)" : "rgb(255 255 255 / 60%)";
      context.lineWidth = 4.5;
      context.stroke(line);
      context.strokeStyle = category(runner);
      context.lineWidth = 2.25;
      context.stroke(line);
    }
    context.restore();
  }

  /** @param {Picture} picture */
  #drawTop({ race, head, chosen, state, axes }) {
    const context = this.#top.getContext("2d");
    if (!context || this.element.clientWidth === 0) return;
    const { width, height } = fitCanvas(this.#top, context);
    context.clearRect(0, 0, width, height);
    const { box, toX, toY } = this.#scales(race);
    const paper = color("paper");
    for (const [x, y] of race.scene.minima) drawTarget(context, toX(x), toY(y));
    const start = race.place(0, 0);
    drawStart(context, toX(start.x), toY(start.y));
    context.save();
    context.beginPath();
    context.rect(box.left - 8, box.top - 8, box.width + 16, box.height + 16);
    context.clip();
    for (let runner = 0; runner < race.count; runner++) {
      const { x, y } = race.lastSeen(runner, head);
      const [left, top] = [toX(x), toY(y)];
      // Who has left waits pale at the edge, where one would go to look for it.
      const [inLeft, inTop] = [clamped(left, box.left, box.width), clamped(top, box.top, box.height)];
      const away = inLeft !== left || inTop !== top || head >= (race.event(runner, "diverged") ?? Infinity);
      if (state && !away) drawKept(context, race, runner, head, left, top, toX(1) - toX(0), toY(0) - toY(1));
      context.globalAlpha = away ? 0.55 : 1;
      context.fillStyle = category(runner);
      context.strokeStyle = runner === chosen ? color("ink") : paper;
      context.lineWidth = runner === chosen ? 2 : 1.5;
      drawMarker(context, runner, inLeft, inTop, runner === chosen ? 7 : 5.5);
      context.globalAlpha = 1;
    }
    context.restore();
    const place = `${axes[0]} ${shortNumber(start.x)}, ${axes[1]} ${shortNumber(start.y)}`;
    this.#top.setAttribute("aria-label", TEXTS.fromAbove({ start: place }));
  }

  // The start ----------------------------------------------------------------------------------------

  /** @param {PointerEvent} event */
  #at(event) {
    const race = this.#picture?.race;
    if (!race) return null;
    const { box } = this.#scales(race);
    const { x, y } = race.scene;
    const across = Math.min(1, Math.max(0, (event.offsetX - box.left) / box.width));
    const down = Math.min(1, Math.max(0, (event.offsetY - box.top) / box.height));
    return { x: x[0] + across * (x[1] - x[0]), y: y[1] - down * (y[1] - y[0]), across, down };
  }

  /** @param {PointerEvent} event */
  #press(event) {
    if (event.button !== 0 || !this.#picture) return;
    this.#dragging = true;
    this.#top.setPointerCapture(event.pointerId);
    this.#drag(event, false);
  }

  /** @param {PointerEvent} event @param {boolean} done */
  #drag(event, done) {
    const place = this.#at(event);
    if (done) this.#dragging = false;
    if (place) this.#move(place.x, place.y, done);
  }

  /** @param {PointerEvent} event */
  #hover(event) {
    const place = this.#at(event);
    const picture = this.#picture;
    if (!place || !picture) return;
    const { scene } = picture.race;
    const [column, row] = [
      Math.round(place.across * (scene.size - 1)),
      Math.round(place.down * (scene.size - 1)),
    ];
    const height = scene.heights[row * scene.size + column] ?? NaN;
    const [x, y] = [shortNumber(place.x), shortNumber(place.y)];
    this.#top.title = TEXTS.height({ x, y, height: shortNumber(height) });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const way = /** @type {Record<string, [number, number]>} */ ({
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, 1],
      ArrowDown: [0, -1],
    })[event.key];
    const race = this.#picture?.race;
    if (!way || !race) return;
    event.preventDefault();
    const { x, y } = race.scene;
    const share = event.shiftKey ? 0.05 : 0.01;
    const start = race.place(0, 0);
    const moved = (
      /** @type {number} */ from,
      /** @type {[number, number]} */ [low, high],
      /** @type {number} */ direction,
    ) => Math.min(high, Math.max(low, from + direction * share * (high - low)));
    this.#move(moved(start.x, x, way[0]), moved(start.y, y, way[1]), true);
  }
}

/** @param {number} value @param {number} low @param {number} range */
function clamped(value, low, range) {
  return Math.min(low + range, Math.max(low, value));
}

/** @param {Race} one @param {Race} other */
function sameScene({ scene: one }, { scene: other }) {
  return (
    one.size === other.size &&
    one.least === other.least &&
    `${one.x} ${one.y}` === `${other.x} ${other.y}` &&
    one.heights.every((height, at) => Object.is(height, other.heights[at]))
  );
}

/** @param {Uint32Array} pixels @param {number} size */
function pictureOf(pixels, size) {
  const canvas = element("canvas", { width: size, height: size });
  const image = new ImageData(size, size);
  new Uint32Array(image.data.buffer).set(pixels);
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  return canvas;
}

/**
 * @param {Float32Array} path @param {number} from @param {number} to @param {(value: number) => number} toX
 * @param {(value: number) => number} toY
 */
function pathTo(path, from, to, toX, toY) {
  const line = new Path2D();
  let [lastX, lastY, pen] = [0, 0, false];
  for (let step = from; step <= to; step++) {
    // Far outside, canvases lose their bearings.
    const x = Math.min(1e5, Math.max(-1e5, toX(path[2 * step] ?? NaN)));
    const y = Math.min(1e5, Math.max(-1e5, toY(path[2 * step + 1] ?? NaN)));
    if (Number.isNaN(x + y)) break;
    if (pen && step < to && Math.abs(x - lastX) + Math.abs(y - lastY) < 0.6) continue;
    if (pen) line.lineTo(x, y);
    else line.moveTo(x, y);
    [lastX, lastY, pen] = [x, y, true];
  }
  return line;
}

/**
 * What makes optimizers differ: an arrow against the velocity, which is where it carries; an ellipse that
 * is wide where the gradients have been small and steps are stretched.
 *
 * @param {CanvasRenderingContext2D} context @param {Race} race @param {number} runner @param {number} head
 * @param {number} x @param {number} y
 * @param {number} across pixels of a one on either axis @param {number} up
 */
function drawKept(context, race, runner, head, x, y, across, up) {
  const size = race.kept(runner, head, SIZES);
  context.strokeStyle = context.fillStyle = category(runner);
  if (size && size.x + size.y > 0 && Number.isFinite(size.x + size.y)) {
    const peak = race.kept(runner, head, ["peak"]) !== null;
    const [a, b] = peak ? [size.x, size.y] : [Math.sqrt(size.x), Math.sqrt(size.y)];
    const most = 30 * Math.max(1e-12, Math.min(a || Infinity, b || Infinity));
    context.lineWidth = 1.5;
    context.globalAlpha = 0.16;
    context.beginPath();
    context.ellipse(
      x,
      y,
      Math.max(2, Math.min(30, most / (a || 1e-12))),
      Math.max(2, Math.min(30, most / (b || 1e-12))),
      0,
      0,
      2 * Math.PI,
    );
    context.fill();
    context.globalAlpha = 0.9;
    context.stroke();
    context.globalAlpha = 1;
  }
  const velocity = race.kept(runner, head, DIRECTIONS);
  const speed = velocity ? Math.hypot(velocity.x, velocity.y) : 0;
  if (velocity && speed > 0 && Number.isFinite(speed)) {
    const length = 14 + 9 * Math.min(4, Math.log10(1 + speed * 10));
    const [dx, dy] = [-velocity.x * across, velocity.y * up];
    const seen = Math.hypot(dx, dy);
    drawArrow(context, x, y, (dx / seen) * length, (dy / seen) * length);
  }
}

/**
 * @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} dx
 * @param {number} dy
 */
function drawArrow(context, x, y, dx, dy) {
  const angle = Math.atan2(dy, dx);
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x + dx, y + dy);
  for (const side of [-1, 1]) {
    context.moveTo(x + dx, y + dy);
    context.lineTo(x + dx - 7 * Math.cos(angle + side * 0.5), y + dy - 7 * Math.sin(angle + side * 0.5));
  }
  context.stroke();
}
