/** A scene of boxes that one draws, drags and resizes by mouse, finger and keys. */

/** @import { Corners } from "../core/boxes.js" */
/** @import { Handle, Scene } from "./box_board/geometry.js" */

import { element } from "../core/dom.js";
import { texts } from "../core/texts.js";
import { boxAt, handleAt, moved, resized, spanned } from "./box_board/geometry.js";

const TEXTS = texts(import.meta.url, {
  scene: [
    "The boxes. Arrow keys move the chosen box, with Shift they move its right and bottom edges; N and P choose",
    "the next and the one before, A adds one, Delete removes it.",
  ],
});

/** Pixels of the screen within which a handle is hit, by a pointer and by a finger. */
const REACH = { mouse: 8, touch: 18 };

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @type {Record<string, string>} cursors by the edges that a handle moves */
const CURSORS = {
  "-1,-1": "nwse-resize",
  "1,1": "nwse-resize",
  "1,-1": "nesw-resize",
  "-1,1": "nesw-resize",
  "0,-1": "ns-resize",
  "0,1": "ns-resize",
  "1,0": "ew-resize",
  "-1,0": "ew-resize",
};

/**
 * What has the boxes.
 *
 * @template {Corners} Box
 * @typedef {object} Listener
 * @property {() => Scene} scene
 * @property {() => Box[]} boxes
 * @property {() => number} chosen the index of the chosen box; any other number for none
 * @property {(canvas: HTMLCanvasElement, drawn: Corners | null) => void} paint with a box that is being drawn
 * @property {(index: number) => void} choose
 * @property {(index: number, box: Box) => void} change called as a box moves
 * @property {(corners: Corners) => void} draw a new box
 * @property {(index: number) => void} remove
 * @property {() => void} begin called before what is one step of undo
 * @property {(byKey: boolean) => void} done called after it
 */

/**
 * What a pointer does: moves a box, or some of its edges, or draws a new one.
 *
 * @template {Corners} Box
 * @typedef {{ pointer: number, index: number, box: Box | null, handle: Handle | null, x: number, y: number,
 * began: boolean }} Grip
 */

/** @template {Corners} Box */
export class BoxBoard {
  canvas = element("canvas", {
    class: "boxes-scene",
    tabindex: 0,
    role: "application",
    "aria-label": TEXTS.scene,
  });
  /** @type {Grip<Box> | null} */
  #grip = null;
  /** Where a new box reaches to. @type {ReturnType<typeof spanned>} */
  #drawn = null;
  #listener;

  /** @param {Listener<Box>} listener */
  constructor(listener) {
    this.#listener = listener;
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => this.#press(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", (event) => this.#release(event));
    canvas.addEventListener("pointercancel", (event) => this.#cancel(event));
    canvas.addEventListener("keydown", (event) => this.#key(event));
  }

  paint() {
    this.#listener.paint(this.canvas, this.#drawn);
  }

  /** A place of the scene, and pixels of it to a pixel of the screen. @param {PointerEvent} event */
  #at(event) {
    const scale = this.#listener.scene().width / this.canvas.clientWidth;
    return { x: event.offsetX * scale, y: event.offsetY * scale, scale };
  }

  /** @param {PointerEvent} event */
  #handle(event) {
    const { x, y, scale } = this.#at(event);
    const chosen = this.#listener.boxes()[this.#listener.chosen()];
    const reach = scale * (event.pointerType === "touch" ? REACH.touch : REACH.mouse);
    return chosen ? handleAt(chosen, x, y, reach) : null;
  }

  /** @param {PointerEvent} event */
  #press(event) {
    if (event.button !== 0 || this.#grip) return; // a second finger does nothing
    const [boxes, chosen] = [this.#listener.boxes(), this.#listener.chosen()];
    const { x, y } = this.#at(event);
    const handle = this.#handle(event);
    const index = handle ? chosen : boxAt(boxes, x, y);
    this.canvas.setPointerCapture(event.pointerId);
    if (index >= 0 && index !== chosen) this.#listener.choose(index);
    const box = boxes[index] ?? null;
    this.#grip = { pointer: event.pointerId, index, box, handle, x, y, began: false };
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const grip = this.#grip;
    if (!grip) return this.#hover(event);
    if (grip.pointer !== event.pointerId) return;
    const { x, y } = this.#at(event);
    if (!grip.box) {
      this.#drawn = spanned(this.#listener.scene(), grip.x, grip.y, x, y);
      this.paint();
      return;
    }
    if (!grip.began) this.#listener.begin();
    grip.began = true;
    const [right, down] = [x - grip.x, y - grip.y];
    const { handle, box } = grip;
    const scene = this.#listener.scene();
    const after = handle ? resized(scene, box, handle, right, down) : moved(scene, box, right, down);
    this.#listener.change(grip.index, after);
  }

  /** @param {PointerEvent} event */
  #release({ pointerId }) {
    const grip = this.#grip;
    if (grip?.pointer !== pointerId) return;
    const drawn = this.#drawn;
    this.#grip = this.#drawn = null;
    if (drawn) this.#listener.draw(drawn);
    else if (grip.began) this.#listener.done(false);
  }

  /** The browser took the pointer for something else: what it was drawing is dropped. @param {PointerEvent} event */
  #cancel(event) {
    if (this.#grip?.pointer !== event.pointerId) return;
    this.#drawn = null;
    this.#release(event);
    this.paint();
  }

  /** @param {PointerEvent} event */
  #hover(event) {
    const handle = this.#handle(event);
    const { x, y } = this.#at(event);
    const over = boxAt(this.#listener.boxes(), x, y) >= 0 ? "move" : "crosshair";
    this.canvas.style.setProperty("cursor", handle ? (CURSORS[String(handle)] ?? "") : over);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const chosen = this.#listener.chosen();
    const box = this.#listener.boxes()[chosen];
    const way = ARROWS[event.key];
    const letter = event.key.toLowerCase();
    if (way && box) this.#nudge(chosen, box, way, event);
    else if (letter === "n" || letter === "p") this.#walk(letter === "n" ? 1 : -1);
    else if (letter === "a") this.#listener.draw(this.#middle());
    else if ((event.key === "Delete" || event.key === "Backspace") && box) this.#listener.remove(chosen);
    else return;
    event.preventDefault();
  }

  /** @param {number} index @param {Box} box @param {[number, number]} way @param {KeyboardEvent} event */
  #nudge(index, box, [right, down], { shiftKey, repeat }) {
    if (!repeat) this.#listener.begin();
    const scene = this.#listener.scene();
    const far = repeat ? 4 * scene.step : scene.step;
    const after = shiftKey
      ? resized(scene, box, [Math.abs(right) ? 1 : 0, Math.abs(down) ? 1 : 0], far * right, far * down)
      : moved(scene, box, far * right, far * down);
    this.#listener.change(index, after);
    this.#listener.done(true);
  }

  /** @param {1 | -1} way */
  #walk(way) {
    const count = this.#listener.boxes().length;
    if (count > 0) this.#listener.choose((Math.max(0, this.#listener.chosen()) + way + count) % count);
  }

  /** Corners of a box in the middle of the scene. */
  #middle() {
    const { width, height, least } = this.#listener.scene();
    const [x, y] = [Math.round(width / 2), Math.round(height / 2)];
    const half = Math.min(10 * least, Math.floor(width / 2), Math.floor(height / 2));
    return { left: x - half, top: y - half, right: x + half, bottom: y + half };
  }
}
