/** Moves of what is shown: ranges of axes, and the camera of a scene. Pure. */

/** @typedef {[low: number, high: number]} Range */
/** @typedef {{ x: number, y: number, z: number }} Point */
/** @typedef {{ eye: Point, center?: Point, up?: Point }} Camera */

/** Radians between straight up and the nearest to it that a camera turns: beyond, left and right would swap. */
const POLE = 0.08;

const ORIGIN = { x: 0, y: 0, z: 0 };

/** How near and how far a camera goes. */
const [NEAR, FAR] = [0.3, 6];

/** A range moved by a share of itself. @param {Range} range @param {number} share @returns {Range} */
export function shifted([low, high], share) {
  const by = (high - low) * share;
  return [low + by, high + by];
}

/** A range about its middle, so many times as long. @param {Range} range @param {number} times @returns {Range} */
export function stretched([low, high], times) {
  const [middle, half] = [(low + high) / 2, ((high - low) / 2) * times];
  return [middle - half, middle + half];
}

/**
 * A camera turned about the upright axis and up or down, at the same distance.
 *
 * @param {Camera} camera @param {number} around radians @param {number} up radians @returns {Camera}
 */
export function turned(camera, around, up) {
  const { x, y, z } = from(camera);
  const distance = Math.hypot(x, y, z);
  const azimuth = Math.atan2(y, x) + around;
  const polar = Math.min(Math.PI - POLE, Math.max(POLE, Math.acos(z / distance) - up));
  const flat = distance * Math.sin(polar);
  return at(camera, {
    x: flat * Math.cos(azimuth),
    y: flat * Math.sin(azimuth),
    z: distance * Math.cos(polar),
  });
}

/** A camera so many times as far away, within limits. @param {Camera} camera @param {number} times @returns {Camera} */
export function farther(camera, times) {
  const { x, y, z } = from(camera);
  const distance = Math.hypot(x, y, z);
  const by = Math.min(FAR, Math.max(NEAR, distance * times)) / distance;
  return at(camera, { x: x * by, y: y * by, z: z * by });
}

/** The way from what a camera looks at to the camera. @param {Camera} camera @returns {Point} */
function from({ eye, center = ORIGIN }) {
  return { x: eye.x - center.x, y: eye.y - center.y, z: eye.z - center.z };
}

/** A camera elsewhere, looking at the same. @param {Camera} camera @param {Point} way @returns {Camera} */
function at(camera, way) {
  const { center = ORIGIN } = camera;
  return { ...camera, eye: { x: center.x + way.x, y: center.y + way.y, z: center.z + way.z } };
}
