import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { groupsOf, treeOf } from "../../../static/site/architecture/folding.js";
import { LARGE, placed } from "../../../static/site/architecture/layering.js";
import { boxAt, fitted, kept, neighbour, zoomed } from "../../../static/site/architecture/viewport.js";
import { present } from "../support.js";
import { node, residual, variant } from "./variants.js";

/** @import { Box, Placed } from "../../../static/site/architecture/layering.js" */

/** @param {Placed} layout @param {string} id */
const box = (layout, id) => present(layout.boxes.find((each) => each.id === id));

/** @param {Box} outer @param {Box} inner */
const holds = (outer, inner) =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

/** @param {Box} one @param {Box} other */
const apart = (one, other) =>
  one.x + one.width <= other.x ||
  other.x + other.width <= one.x ||
  one.y + one.height <= other.y ||
  other.y + other.height <= one.y;

describe("laying out an architecture", () => {
  const made = residual([3, 4]);
  const tree = treeOf(made);

  test("stands folded stages below one another, with the shapes between them", () => {
    const layout = placed(tree, new Set(), made.input);
    assert.deepEqual(
      layout.boxes.map(({ id }) => id),
      ["", "conv1", "stage1", "stage2", "output"],
    );
    const tops = layout.boxes.map(({ y }) => y);
    assert.deepEqual(
      tops,
      tops.toSorted((one, other) => one - other),
    );
    assert.deepEqual(
      layout.edges.map(({ label }) => label?.shape),
      [
        [3, 224, 224],
        [64, 112, 112],
        [64, 56, 56],
        [64, 28, 28],
      ],
    );
  });

  test("holds what is open in its frame, and nothing else; no two boxes overlap", () => {
    const layout = placed(tree, new Set(["stage1", "stage1.block2"]), made.input);
    const [stage, block] = [box(layout, "stage1"), box(layout, "stage1.block2")];
    assert.ok(stage.open && block.open && holds(stage, block));
    const inside = layout.boxes.filter(({ id }) => id.startsWith("stage1.block2."));
    assert.equal(inside.length, 10);
    assert.ok(inside.every((each) => holds(block, each)));
    const outside = layout.boxes.filter(({ id }) => !id.startsWith("stage1."));
    assert.ok(outside.every((each) => each === stage || apart(stage, each)));
  });

  test("leads a shortcut past the convolutions, beside their boxes", () => {
    const layout = placed(tree, new Set(["stage1", "stage1.block2"]), made.input);
    const sum = box(layout, "stage1.block2.sum");
    const ways = layout.edges.filter(({ points }) => present(points.at(-1)).y === sum.y);
    assert.equal(ways.length, 2);
    const shortcut = present(ways.toSorted((one, other) => other.points.length - one.points.length)[0]);
    const convolutions = layout.boxes.filter(({ id }) => /block2\.(conv|norm|relu[12])/.test(id));
    for (const { x, y } of shortcut.points.slice(2, -2))
      assert.ok(convolutions.every((each) => x < each.x || x > each.x + each.width || y < each.y));
  });

  test("joins branches at their concatenation, side by side in one layer", () => {
    const nodes = [
      node("left", "conv2d", ["input"], [8, 4, 4]),
      node("middle", "conv2d", ["input"], [8, 4, 4]),
      node("right", "conv2d", ["input"], [8, 4, 4]),
      node("joined", "add", ["left", "middle", "right"], [24, 4, 4]),
    ];
    const layout = placed(treeOf(variant(nodes)), new Set(), [3, 4, 4]);
    const [left, middle, right] = ["left", "middle", "right"].map((id) => box(layout, id));
    assert.deepEqual(new Set([left, middle, right].map((each) => present(each).y)).size, 1);
    assert.equal(present(middle).x, box(layout, "joined").x);
    assert.equal(present(right).x - present(middle).x, LARGE.width + LARGE.gap);
  });

  test("places each of more than 500 nodes of a deep network once, none over another", () => {
    const deep = residual([3, 8, 36, 3]);
    const whole = treeOf(deep);
    const layout = placed(whole, new Set(groupsOf(whole).map(({ id }) => id)), deep.input);
    const nodes = layout.boxes.filter(({ open }) => !open).toSorted((one, other) => one.y - other.y);
    assert.equal(nodes.length, deep.nodes.length + 1);
    assert.ok(nodes.length > 500);
    nodes.slice(1).forEach((each, at) => assert.ok(apart(present(nodes[at]), each)));
  });
});

describe("the view of a graph", () => {
  const window = { width: 800, height: 600 };

  test("shows all of a small drawing in the middle, and the top of a long one as large as can be read", () => {
    assert.deepEqual(fitted({ width: 400, height: 300 }, window), { scale: 1, x: 200, y: 150 });
    const long = fitted({ width: 400, height: 30_000 }, window);
    assert.deepEqual([long.scale, long.y], [0.75, 20]);
  });

  test("zooms about the pointer and never loses the drawing", () => {
    const at = { x: 300, y: 200 };
    const view = zoomed({ x: 100, y: 50, scale: 1 }, 2, at);
    assert.deepEqual(view, { x: -100, y: -100, scale: 2 });
    assert.equal(zoomed(view, 1000, at).scale, 3);
    assert.deepEqual(kept({ x: -9000, y: 9000, scale: 1 }, { width: 400, height: 300 }, window), {
      scale: 1,
      x: -340,
      y: 540,
    });
  });

  test("finds the innermost box under a pointer, and the next one in a direction", () => {
    const made = residual([1]);
    const { boxes } = placed(treeOf(made), new Set(["stage1", "stage1.block1"]), made.input);
    const conv = present(boxes.find(({ id }) => id === "stage1.block1.conv1"));
    assert.equal(boxAt(boxes, { x: conv.x + 5, y: conv.y + 5 })?.id, conv.id);
    assert.equal(boxAt(boxes, { x: conv.x + 5, y: conv.y + conv.height + 5 }), null);
    assert.equal(neighbour(boxes, conv, "ArrowDown")?.id, "stage1.block1.norm1");
    assert.equal(neighbour(boxes, present(boxes.find(({ id }) => id === "")), "ArrowUp"), null);
  });
});
