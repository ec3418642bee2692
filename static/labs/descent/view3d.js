/** The race in three dimensions: the surface with its paths, turned by dragging or by the arrow keys. */

/** @import { Theme } from "../../draw/colors.js" */
/** @import { Field, Mark, Place, Track } from "../../draw/heightfield.js" */
/** @import { Race } from "./race.js" */

import { category } from "../../draw/colors.js";
import { camera, drawField, drawMarks, drawTracks, sceneOn, turnable } from "../../draw/heightfield.js";
import { drawMarker, drawStart, drawTarget } from "../../draw/marks.js";
import { rowsTurned } from "../../draw/relief.js";
import { element, onNextFrame } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { color } from "../../draw/theme_colors.js";
import { reliefOf } from "./race.js";

const TEXTS = texts(import.meta.url, {
  surfaceThreeDimensions: "The surface in three dimensions. Arrow keys turn it.",
  dragTurnHeights: "Drag to turn. Heights are compressed, as the colours are.",
});

/** Points of a path that are drawn: more than the eye sees. */
const MOST_POINTS = 700;

/** @typedef {{ race: Race, head: number, chosen: number, axes: [string, string], theme: Theme }} Picture */

export class View3d {
  #ground = element("canvas", { "aria-hidden": "true" });
  #tracks = element("canvas", {
    tabindex: 0,
    role: "application",
    class: "map-top turn",
    "aria-label": TEXTS.surfaceThreeDimensions,
  });
  element = element(
    "div",
    { class: "map relief" },
    this.#ground,
    this.#tracks,
    element("p", { class: "map-note note" }, TEXTS.dragTurnHeights),
  );
  #from = camera();
  /** @type {Picture | null} */
  #picture = null;
  /** What the ground's canvas shows. @type {{ heights: Float32Array, theme: Theme } | null} */
  #drawn = null;
  /** @type {Field & { shareAt: (height: number) => number } | null} */
  #field = null;

  constructor() {
    const repaint = onNextFrame(() => {
      this.#drawn = null;
      if (this.#picture) this.show(this.#picture);
    });
    new ResizeObserver(repaint).observe(this.element);
    turnable(this.#tracks, this.#from, repaint);
  }

  /** @param {Picture} picture */
  show(picture) {
    this.#picture = picture;
    const { race, theme } = picture;
    if (this.#drawn?.heights !== race.scene.heights || this.#drawn.theme !== theme || !this.#field)
      this.#drawGround(picture);
    const scene = sceneOn(this.#tracks, this.#from);
    if (!scene || !this.#field) return;
    const tracks = tracksOf(picture, this.#field.shareAt);
    drawTracks(scene, tracks, theme);
    drawMarks(scene, marksOf(picture, tracks, this.#field.shareAt));
  }

  /** @param {Picture} picture */
  #drawGround({ race: { scene }, axes, theme }) {
    const { shares, shareAt } = reliefOf(scene);
    this.#field = {
      shares: rowsTurned(shares, scene.size, scene.size),
      columns: scene.size,
      rows: scene.size,
      shareAt,
    };
    const ground = sceneOn(this.#ground, this.#from);
    if (!ground) return;
    this.#drawn = { heights: scene.heights, theme };
    const ends = (/** @type {[number, number]} */ [low, high]) => ({ low, high });
    drawField(
      ground,
      this.#field,
      [
        { name: axes[0], ...ends(scene.x) },
        { name: axes[1], ...ends(scene.y) },
      ],
      theme,
    );
  }
}

/**
 * The paths until now, each as far as there is ground to walk on.
 *
 * @param {Pick<Picture, "race" | "head">} picture @param {(height: number) => number} shareAt
 * @returns {Track[]}
 */
export function tracksOf({ race, head }, shareAt) {
  const last = Math.floor(head);
  const every = Math.max(1, Math.ceil(last / MOST_POINTS));
  return Array.from({ length: race.count }, (_, runner) => {
    const [path, losses] = [race.path(runner), race.losses(runner)];
    /** @type {Place[]} */
    const points = [];
    for (let step = 0; step <= last; step = step < last ? Math.min(last, step + every) : last + 1) {
      const place = placeOf(
        race,
        path[2 * step] ?? NaN,
        path[2 * step + 1] ?? NaN,
        shareAt(losses[step] ?? NaN),
      );
      if (!place) break;
      points.push(place);
    }
    return { points, color: category(runner), dashed: runner >= 8 };
  });
}

/**
 * Where the map has a place; null off the map, and where there is no height.
 *
 * @param {Race} race @param {number} x @param {number} y @param {number} share @returns {Place | null}
 */
function placeOf({ scene }, x, y, share) {
  const across = (x - scene.x[0]) / (scene.x[1] - scene.x[0]) - 0.5;
  const up = (y - scene.y[0]) / (scene.y[1] - scene.y[0]) - 0.5;
  return Math.abs(across) <= 0.5 && Math.abs(up) <= 0.5 && !Number.isNaN(share) ? [across, up, share] : null;
}

/**
 * The minima, the start, and each runner where it is.
 *
 * @param {Picture} picture @param {Track[]} tracks @param {(height: number) => number} shareAt
 * @returns {Mark[]}
 */
function marksOf({ race, chosen }, tracks, shareAt) {
  const minima = race.scene.minima.map(([x, y]) => placeOf(race, x, y, shareAt(race.scene.least)));
  const start = tracks[0]?.points[0];
  return [
    ...minima.flatMap((at) => (at ? [{ at, paint: drawTarget }] : [])),
    ...(start ? [{ at: start, paint: drawStart }] : []),
    ...tracks.flatMap(({ points, color: ink }, runner) =>
      points.slice(-1).map((at) => ({ at, paint: markerPainter(runner, ink, runner === chosen) })),
    ),
  ];
}

/** @param {number} runner @param {string} ink @param {boolean} chosen @returns {Mark["paint"]} */
function markerPainter(runner, ink, chosen) {
  return (context, left, top) => {
    context.fillStyle = ink;
    context.strokeStyle = color(chosen ? "ink" : "paper");
    context.lineWidth = chosen ? 2 : 1.5;
    drawMarker(context, runner, left, top, chosen ? 7 : 5.5);
  };
}
