/** The race in three dimensions: the surface with its paths, turned by dragging or by the arrow keys. */

/** @import { Ground, Track } from "./ground3d.js" */
/** @import { Theme } from "../../draw/colors.js" */
/** @import { Race } from "./race.js" */

import { element, onNextFrame } from "../../dom.js";
import { color } from "../../page/ink.js";
import { drawGround, drawTracks } from "./ground3d.js";
import { reliefOf } from "./race.js";

/** Points of a path that are drawn: more than the eye sees. */
const MOST_POINTS = 700;

export class View3d {
  #ground = element("canvas", { "aria-hidden": "true" });
  #tracks = element("canvas", { tabindex: 0, role: "application", class: "map-top turn", "aria-label": "The surface in three dimensions. Arrow keys turn it." });
  element = element("div", { class: "map relief" }, this.#ground, this.#tracks, element("p", { class: "map-note note" }, "Drag to turn. Heights are compressed as the colours of the map are."));
  #view = { yaw: -0.6, pitch: 0.72 };
  /** @type {{ race: Race, head: number, theme: Theme } | null} */
  #picture = null;
  /** @type {{ heights: Float32Array, theme: Theme } | null} */
  #drawn = null;
  /** @type {Ground & { shareAt: (height: number) => number } | null} */
  #scene = null;

  constructor() {
    const repaint = onNextFrame(() => {
      this.#drawn = null;
      if (this.#picture) this.show(this.#picture);
    });
    new ResizeObserver(repaint).observe(this.element);
    const turn = (/** @type {number} */ yaw, /** @type {number} */ pitch) => {
      this.#view = { yaw: this.#view.yaw + yaw, pitch: Math.min(1.45, Math.max(0.15, this.#view.pitch + pitch)) };
      repaint();
    };
    this.#tracks.addEventListener("pointerdown", (event) => this.#tracks.setPointerCapture(event.pointerId));
    this.#tracks.addEventListener("pointermove", (event) => {
      if (this.#tracks.hasPointerCapture(event.pointerId)) turn(event.movementX * 0.008, event.movementY * 0.006);
    });
    this.#tracks.addEventListener("keydown", (event) => {
      const way = /** @type {Record<string, [number, number]>} */ ({ ArrowLeft: [-0.12, 0], ArrowRight: [0.12, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] })[event.key];
      if (!way) return;
      event.preventDefault();
      turn(...way);
    });
  }

  /** @param {{ race: Race, head: number, theme: Theme }} picture */
  show(picture) {
    this.#picture = picture;
    const { race, head, theme } = picture;
    const { scene } = race;
    if (this.#drawn?.heights !== scene.heights || this.#drawn.theme !== theme || !this.#scene) {
      const { shares, shareAt } = reliefOf(scene);
      this.#scene = { shares, size: scene.size, shareAt };
      this.#drawn = { heights: scene.heights, theme };
      drawGround(this.#ground, this.#scene, this.#view, theme);
    }
    const halo = theme === "dark" ? "rgb(0 0 0 / 45%)" : "rgb(255 255 255 / 60%)";
    drawTracks(this.#tracks, this.#tracksOf(race, head), this.#view, { halo, edge: color("paper") });
  }

  /** @param {Race} race @param {number} head @returns {Track[]} */
  #tracksOf(race, head) {
    const { x, y } = race.scene;
    const last = Math.floor(head);
    const every = Math.max(1, Math.ceil(last / MOST_POINTS));
    return Array.from({ length: race.count }, (_, runner) => {
      const [path, losses] = [race.path(runner), race.losses(runner)];
      /** @type {Track["points"]} */
      const points = [];
      for (let step = 0; step <= last; step = step < last ? Math.min(last, step + every) : last + 1) {
        const across = (2 * ((path[2 * step] ?? NaN) - x[0])) / (x[1] - x[0]) - 1;
        const up = (2 * ((path[2 * step + 1] ?? NaN) - y[0])) / (y[1] - y[0]) - 1;
        const share = this.#scene?.shareAt(losses[step] ?? NaN) ?? NaN;
        // Off the map there is no ground to walk on.
        if (!(Math.abs(across) <= 1 && Math.abs(up) <= 1) || Number.isNaN(share)) break;
        points.push([across, up, share]);
      }
      return { points, marker: runner };
    });
  }
}
