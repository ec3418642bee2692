/** Pointer, fingers and wheel on a drawing: pressed, dragged, pinched, turned. */

/** @typedef {{ x: number, y: number }} Point of the element */

/**
 * @typedef {object} Gestures
 * @property {(x: number, y: number) => void} moveBy
 * @property {(factor: number, at: Point) => void} zoomAt
 * @property {(at: Point) => void} press
 * @property {(at: Point | null) => void} point
 */

/** Pixels that a press may move. */
const STILL = 5;

/**
 * A wheel moves the drawing only while it has the focus, so that one can scroll past; with Ctrl it zooms.
 *
 * @param {HTMLElement} area @param {Gestures} gestures
 */
export function listenToGestures(area, gestures) {
  /** @type {Map<number, Point>} */
  const fingers = new Map();
  let moved = 0;
  const at = (/** @type {MouseEvent} */ event) => {
    const { left, top } = area.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  area.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, at(event));
    area.setPointerCapture(event.pointerId);
    if (fingers.size === 1) moved = 0;
  });
  area.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    const now = at(event);
    if (!before) return gestures.point(now);
    const others = [...fingers].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
    const [other] = others;
    moved += distance(before, now);
    fingers.set(event.pointerId, now);
    if (other) pinch(gestures, before, now, other);
    else if (moved > STILL) gestures.moveBy(now.x - before.x, now.y - before.y);
  });
  const end = (/** @type {PointerEvent} */ event) => {
    const pressed = fingers.delete(event.pointerId) && fingers.size === 0 && moved <= STILL;
    if (pressed && event.type === "pointerup") gestures.press(at(event));
  };
  area.addEventListener("pointerup", end);
  area.addEventListener("pointercancel", end);
  area.addEventListener("pointerleave", () => gestures.point(null));
  area.addEventListener(
    "wheel",
    (event) => {
      const zooms = event.ctrlKey || event.metaKey;
      if (!zooms && document.activeElement !== area) return;
      event.preventDefault();
      if (zooms) gestures.zoomAt(Math.exp(-event.deltaY / 300), at(event));
      else gestures.moveBy(-event.deltaX, -event.deltaY);
    },
    { passive: false },
  );
}

/**
 * One of two fingers has moved.
 *
 * @param {Gestures} gestures @param {Point} before @param {Point} now @param {Point} other
 */
function pinch(gestures, before, now, other) {
  const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
  gestures.zoomAt(distance(now, other) / Math.max(1, distance(before, other)), middle);
  gestures.moveBy((now.x - before.x) / 2, (now.y - before.y) / 2);
}

/** @param {Point} one @param {Point} other */
function distance(one, other) {
  return Math.hypot(one.x - other.x, one.y - other.y);
}
