/** The scene: boxes that one draws, drags and resizes by mouse, finger and keys. */

/** @import { Box, Handle } from "./geometry.js" */
/** @import { View } from "./painting.js" */

import { element } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { boxAt, handleAt, LEAST, moved, resized, SCENE, spanned } from "./geometry.js";
import { paintScene } from "./painting.js";

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
 * @typedef {object} Listener
 * @property {() => View} view
 * @property {(index: number) => void} choose
 * @property {(index: number, box: Box) => void} change called as a box moves
 * @property {(corners: Pick<Box, "left" | "top" | "right" | "bottom">) => void} add
 * @property {(index: number) => void} remove
 * @property {() => void} begin called before what is one step of undo
 * @property {(byKey: boolean) => void} done called after it
 */

/**
 * What a pointer does: moves a box, or some of its edges, or draws a new one.
 *
 * @typedef {{ pointer: number, index: number, box: Box | null, handle: Handle | null, x: number, y: number,
 * began: boolean }} Grip
 */

export class Board {
  canvas = element("canvas", {
    class: "boxes-scene",
    tabindex: 0,
    role: "application",
    "aria-label": TEXTS.scene,
  });
  /** @type {Grip | null} */
  #grip = null;
  /** Where a new box reaches to. @type {ReturnType<typeof spanned>} */
  #drawn = null;
  #listener;

  /** @param {Listener} listener */
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
    paintScene(this.canvas, this.#listener.view(), this.#drawn);
  }

  /** A place of the scene, and pixels of it to a pixel of the screen. @param {PointerEvent} event */
  #at(event) {
    const scale = SCENE.width / this.canvas.clientWidth;
    return { x: event.offsetX * scale, y: event.offsetY * scale, scale };
  }

  /** @param {PointerEvent} event */
  #handle(event) {
    const { boxes, pair } = this.#listener.view();
    const { x, y, scale } = this.#at(event);
    const chosen = boxes[pair[0]];
    const reach = scale * (event.pointerType === "touch" ? REACH.touch : REACH.mouse);
    return chosen ? handleAt(chosen, x, y, reach) : null;
  }

  /** @param {PointerEvent} event */
  #press(event) {
    if (event.button !== 0 || this.#grip) return; // a second finger does nothing
    const { boxes, pair } = this.#listener.view();
    const { x, y } = this.#at(event);
    const handle = this.#handle(event);
    const index = handle ? pair[0] : boxAt(boxes, x, y);
    this.canvas.setPointerCapture(event.pointerId);
    if (index >= 0 && index !== pair[0]) this.#listener.choose(index);
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
      this.#drawn = spanned(grip.x, grip.y, x, y);
      this.paint();
      return;
    }
    if (!grip.began) this.#listener.begin();
    grip.began = true;
    const [right, down] = [x - grip.x, y - grip.y];
    const { handle, box } = grip;
    this.#listener.change(grip.index, handle ? resized(box, handle, right, down) : moved(box, right, down));
  }

  /** @param {PointerEvent} event */
  #release({ pointerId }) {
    const grip = this.#grip;
    if (grip?.pointer !== pointerId) return;
    const drawn = this.#drawn;
    this.#grip = this.#drawn = null;
    if (drawn) this.#listener.add(drawn);
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
    const over = boxAt(this.#listener.view().boxes, x, y) >= 0 ? "move" : "crosshair";
    this.canvas.style.setProperty("cursor", handle ? (CURSORS[String(handle)] ?? "") : over);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { boxes, pair } = this.#listener.view();
    const box = boxes[pair[0]];
    const way = ARROWS[event.key];
    const letter = event.key.toLowerCase();
    if (way && box) this.#nudge(pair[0], box, way, event);
    else if (letter === "n" || letter === "p") this.#walk(letter === "n" ? 1 : -1);
    else if (letter === "a") this.#listener.add(this.#middle());
    else if ((event.key === "Delete" || event.key === "Backspace") && box) this.#listener.remove(pair[0]);
    else return;
    event.preventDefault();
  }

  /** @param {number} index @param {Box} box @param {[number, number]} way @param {KeyboardEvent} event */
  #nudge(index, box, [right, down], { shiftKey, repeat }) {
    if (!repeat) this.#listener.begin();
    const far = repeat ? 8 : 2;
    const after = shiftKey
      ? resized(box, [Math.abs(right) ? 1 : 0, Math.abs(down) ? 1 : 0], far * right, far * down)
      : moved(box, far * right, far * down);
    this.#listener.change(index, after);
    this.#listener.done(true);
  }

  /** @param {1 | -1} way */
  #walk(way) {
    const { boxes, pair } = this.#listener.view();
    if (boxes.length > 0) this.#listener.choose((pair[0] + way + boxes.length) % boxes.length);
  }

  /** Corners of a box in the middle of the scene. */
  #middle() {
    const [x, y] = [SCENE.width / 2, SCENE.height / 2];
    const half = 10 * LEAST;
    return { left: x - half, top: y - half, right: x + half, bottom: y + half };
  }
}
