import assert from "node:assert/strict";
import { test } from "node:test";

import { apart, boxAround, camera, lightOn, projected, sizeOn } from "../../static/draw/heightfield.js";

test("higher is further up, and nearer is larger, from wherever one looks", () => {
  for (const turn of [0, 1, 2.5, -2]) {
    const from = { ...camera(), turn };
    assert.ok(projected(0.2, 0.1, 1, from)[1] > projected(0.2, 0.1, 0, from)[1]);
    const corners = /** @type {[number, number][]} */ ([
      [-0.5, -0.5],
      [0.5, -0.5],
      [0.5, 0.5],
      [-0.5, 0.5],
    ]).map(([x, y]) => projected(x, y, 0, from));
    const nearest = corners.reduce((best, each) => (each[2] > best[2] ? each : best));
    assert.ok(
      corners.every((corner) => corner[1] >= nearest[1] - 1e-9),
      "the nearest corner is the lowest on the screen",
    );
  }
});

test("every corner is on the canvas, from the side, from above, and however it is turned", () => {
  for (const [width, height] of /** @type {[number, number][]} */ ([
    [600, 480],
    [340, 260],
    [300, 700],
  ])) {
    for (let tilt = 0.08; tilt < Math.PI / 2; tilt += 0.1) {
      const size = sizeOn(width, height, tilt);
      for (let turn = -3; turn <= 3; turn += 0.25) {
        for (const [x, y, z] of /** @type {[number, number, number][]} */ ([
          [-0.5, -0.5, 0],
          [0.5, -0.5, 1],
          [0.5, 0.5, 0],
          [-0.5, 0.5, 1],
          [0.5, 0.5, 1],
          [-0.5, -0.5, 1],
        ])) {
          const [right, up] = projected(x, y, z, { turn, tilt });
          assert.ok(
            2 * size * Math.abs(right) <= width && 2 * size * Math.abs(up) <= height,
            `${width}×${height}, turned ${turn}, tilted ${tilt}: ${right} ${up}`,
          );
        }
      }
    }
  }
});

test("a field is as large as its canvas lets it be", () => {
  assert.ok(sizeOn(1000, 300, 0.6) > 200);
  assert.equal(sizeOn(300, 1000, 0.6), 300 / 1.6);
});

test("steep ground is lit smoothly: neighbours differ in their light no more than their slopes do", () => {
  const slopes = Array.from({ length: 200 }, (_, index) => index - 100);
  const lights = slopes.map((slope) => lightOn(slope, 0));
  assert.ok(lights.every((light) => Math.abs(light) < 0.26));
  const steps = lights.slice(1).map((light, index) => light - (lights[index] ?? 0));
  assert.ok(
    steps.every((step) => step > 0),
    "steeper is lighter, without end",
  );
  // What was cut off before alternated between the two extremes on jagged, steep ground.
  assert.ok(Math.abs(lightOn(40, 40) - lightOn(40, -40)) < 0.3);
  assert.equal(lightOn(0, 0), 0);
});

test("labels that would touch stand below each other, the others where they are", () => {
  /** @type {ReturnType<typeof boxAround>[]} */
  const taken = [];
  assert.deepEqual(apart(boxAround([100, 50], 30), taken), [100, 50]);
  assert.deepEqual(apart(boxAround([200, 50], 30), taken), [200, 50]);
  const [x, y] = apart(boxAround([110, 54], 30), taken);
  assert.equal(x, 110);
  assert.ok(y - 50 >= 13, `${y} is too near`);
  assert.ok(apart(boxAround([112, 56], 30), taken)[1] - y >= 13, "and below the one that made room");
});
