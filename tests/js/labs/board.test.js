/** The scene of the lab of boxes under pointers and keys. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { SCENE } from "../../../static/labs/boxes/geometry.js";
import { opened } from "../../../static/labs/boxes/scenes.js";
import { BoxBoard } from "../../../static/widgets/box_board.js";
import { event, withElements } from "../elements.js";

/** @import { TestContext } from "node:test" */

/** A board of two boxes, and what it tells. @param {TestContext} context */
function boardOf(context) {
  withElements(context);
  const { boxes, pair } = opened("two");
  /** @type {unknown[][]} */
  const told = [];
  const tell =
    (/** @type {string} */ name) =>
    (/** @type {unknown[]} */ ...values) =>
      void told.push([name, ...values]);
  const [choose, change, add, remove] = [tell("choose"), tell("change"), tell("add"), tell("remove")];
  const { canvas } = new BoxBoard({
    ...{ choose, change, draw: add, remove },
    ...{ begin: tell("begin"), done: tell("done"), paint: () => undefined },
    ...{ scene: () => SCENE, boxes: () => boxes, chosen: () => pair[0] },
  });
  const point = (
    /** @type {string} */ type,
    /** @type {number} */ x,
    /** @type {number} */ y,
    pointerId = 1,
  ) =>
    canvas.dispatchEvent(event(type, { offsetX: x, offsetY: y, pointerId, button: 0, pointerType: "touch" }));
  const press = (/** @type {string} */ key) => canvas.dispatchEvent(event("keydown", { key }));
  return { point, press, told };
}

test("a box that is half drawn is dropped where the browser takes the pointer away", (context) => {
  const { point, told } = boardOf(context);
  point("pointerdown", 500, 350);
  point("pointermove", 560, 390);
  point("pointercancel", 560, 390);
  point("pointerup", 560, 390);
  assert.deepEqual(told, []);
  point("pointerdown", 500, 350);
  point("pointermove", 560, 390);
  point("pointerup", 560, 390);
  assert.deepEqual(told, [["add", { left: 500, top: 350, right: 560, bottom: 390 }]]);
});

test("a second finger neither takes the box that the first holds nor lets go of it", (context) => {
  const { point, told } = boardOf(context);
  point("pointerdown", 150, 120, 1);
  point("pointerdown", 500, 350, 2);
  point("pointermove", 560, 390, 2);
  point("pointerup", 560, 390, 2);
  point("pointermove", 160, 120, 1);
  point("pointerup", 160, 120, 1);
  assert.deepEqual(
    told.map(([name]) => name),
    ["begin", "change", "done"],
  );
  assert.equal(/** @type {any} */ (told[1])[2].left, 120);
});

test("the keys that are letters work with Caps Lock", (context) => {
  const { press, told } = boardOf(context);
  for (const key of ["N", "P", "A", "n"]) press(key);
  assert.deepEqual(
    told.map(([name]) => name),
    ["choose", "choose", "add", "choose"],
  );
});
