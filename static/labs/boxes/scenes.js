/** What the lab opens with, and what an address may hold. Pure. */

/** @import { JsonObject } from "../../types.d.ts" */
/** @import { Box } from "./geometry.js" */

import { SCENE } from "./geometry.js";

/**
 * What is set; `shown` is how many rounds of suppression are, null for all of them, `pair` the box chosen last and the
 * one before it.
 *
 * @typedef {object} Settings
 * @property {Box[]} boxes
 * @property {number} threshold
 * @property {boolean} by_class
 * @property {number | null} shown
 * @property {[number, number]} pair
 * @property {string} scene
 */

/** How many boxes there may be. */
export const MOST = 2000;
export const CLASSES = 3;

/** @typedef {keyof typeof SCENES} SceneName */

/** @type {[number, number, number, number, number, number][]} */
const TWO = [
  [110, 90, 350, 270, 0.92, 0],
  [210, 150, 470, 330, 0.81, 0],
];

/** What a detector answers for three things, two of which hide each other. @type {typeof TWO} */
const CROWD = [
  [72, 96, 232, 300, 0.94, 0],
  [84, 84, 246, 288, 0.86, 0],
  [58, 120, 214, 316, 0.71, 0],
  [196, 110, 352, 318, 0.9, 0],
  [208, 96, 346, 300, 0.78, 0],
  [180, 128, 366, 330, 0.55, 1],
  [402, 140, 548, 286, 0.88, 2],
  [414, 152, 560, 296, 0.83, 2],
  [392, 126, 536, 300, 0.47, 1],
  [104, 30, 170, 92, 0.31, 2],
];

export const SCENES = {
  two: () => TWO.map(boxOf),
  crowd: () => CROWD.map(boxOf),
  thousand: () => scattered(1000, 24),
};

/** @param {number[]} numbers @returns {Box} */
function boxOf([left = 0, top = 0, right = 0, bottom = 0, score = 0, kind = 0]) {
  return { left, top, right, bottom, score, class: kind };
}

/** A scene as it begins. @param {SceneName} scene @returns {Settings} */
export function opened(scene) {
  return { boxes: SCENES[scene](), threshold: 0.5, by_class: false, shown: null, pair: [0, 1], scene };
}

/**
 * Boxes scattered about so many things, the better the nearer; the same whenever they are drawn.
 *
 * @param {number} count @param {number} things
 */
function scattered(count, things) {
  const draw = lots(7);
  const centres = Array.from({ length: things }, () => ({
    x: 50 + 500 * draw(),
    y: 45 + 310 * draw(),
    width: 30 + 60 * draw(),
    height: 30 + 60 * draw(),
    class: Math.floor(CLASSES * draw()),
  }));
  return Array.from({ length: count }, (_, index) => {
    const { x, y, width, height, class: kind } = /** @type {typeof centres[0]} */ (centres[index % things]);
    const off = () => draw() + draw() + draw() - 1.5;
    const [right, down, wider, higher] = [off(), off(), off(), off()];
    const away = Math.hypot(right, down, wider, higher);
    const half = { x: (width * (1 + 0.3 * wider)) / 2, y: (height * (1 + 0.3 * higher)) / 2 };
    const middle = { x: x + 0.35 * width * right, y: y + 0.35 * height * down };
    return sound([
      ...[middle.x - half.x, middle.y - half.y, middle.x + half.x, middle.y + half.y].map(Math.round),
      Math.round(100 * Math.min(0.99, Math.max(0.01, Math.exp(-away) * (0.8 + 0.4 * draw())))) / 100,
      kind,
    ]);
  });
}

/** Numbers from 0 to 1 that repeat (mulberry32). @param {number} seed */
function lots(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A box that lies in the scene and has an area, whatever its numbers were. @param {number[]} numbers */
function sound([left = 0, top = 0, right = 0, bottom = 0, score = 0, kind = 0]) {
  const edge = (/** @type {number} */ value, /** @type {number} */ most) =>
    Math.min(most, Math.max(0, value));
  const x = edge(Math.min(left, right), SCENE.width - SCENE.least);
  const y = edge(Math.min(top, bottom), SCENE.height - SCENE.least);
  return boxOf([
    ...[x, y, Math.max(x + SCENE.least, edge(Math.max(left, right), SCENE.width))],
    ...[Math.max(y + SCENE.least, edge(Math.max(top, bottom), SCENE.height)), edge(score, 1), kind],
  ]);
}

// The address ---------------------------------------------------------------------------------------------

/**
 * What an address keeps: boxes that the scene itself gives are left out.
 *
 * @param {Settings} settings @returns {JsonObject}
 */
export function written({ boxes, ...others }) {
  const rows = boxes.map((box) => [box.left, box.top, box.right, box.bottom, box.score, box.class]);
  const own = isScene(others.scene) && SCENES[others.scene]();
  const same = own && JSON.stringify(own) === JSON.stringify(boxes);
  return { ...others, ...(same ? {} : { boxes: rows }) };
}

/**
 * The settings of an address: what cannot be is left as the scene has it, and named.
 *
 * @param {JsonObject | null} kept @returns {{ settings: Settings, refused: string[] }}
 */
export function read(kept) {
  const named = String(kept?.["scene"] ?? "crowd");
  const settings = opened(isScene(named) ? named : "crowd");
  /** @type {string[]} */
  const refused = isScene(named) ? [] : ["scene"];
  const take = (/** @type {string} */ name, /** @type {boolean} */ fits, /** @type {object} */ part) => {
    if (fits) Object.assign(settings, part);
    else if (kept && name in kept) refused.push(name);
  };
  const {
    boxes,
    threshold,
    by_class: byClass,
    shown,
    pair,
  } = /** @type {Record<string, any>} */ (kept ?? {});
  const rows = Array.isArray(boxes) && boxes.length <= MOST && boxes.every(isBox);
  take("boxes", rows, { boxes: rows ? boxes.map(sound) : [] });
  take("threshold", isShare(threshold), { threshold });
  take("by_class", typeof byClass === "boolean", { by_class: byClass });
  take("shown", shown === null || isCount(shown), { shown });
  const last = Math.max(0, settings.boxes.length - 1); // of no boxes 0, as the lab itself writes
  const here = (/** @type {unknown} */ index) => isCount(index) && Number(index) <= last;
  settings.pair = [0, Math.min(1, last)];
  take("pair", Array.isArray(pair) && pair.length === 2 && pair.every(here), { pair });
  return { settings, refused };
}

/** Whether there is a scene of this name. @param {string} name @returns {name is SceneName} */
const isScene = (name) => Object.hasOwn(SCENES, name);

/** @param {unknown} value */
const isShare = (value) => typeof value === "number" && value >= 0 && value <= 1;

/** @param {unknown} value */
const isCount = (value) => Number.isInteger(value) && Number(value) >= 0;

/** Six finite numbers: corners in order, a score, a class. @param {unknown} row */
function isBox(row) {
  if (!Array.isArray(row) || row.length !== 6 || !row.every(Number.isFinite)) return false;
  const [left, top, right, bottom, score, kind] = row;
  return left < right && top < bottom && isShare(score) && isCount(kind) && kind < CLASSES;
}
