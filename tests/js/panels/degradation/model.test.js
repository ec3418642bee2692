import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { model } from "../../../../static/panels/degradation/model.js";
import { array, frame, present } from "../../support.js";

const DEEP = {
  steps: array([3], [1, 2, 3]),
  "plain.layers": array([], [50]),
  "plain.loss": array([3], [2.3, 2, 1.5]),
  "shortcuts.layers": array([], [50]),
  "shortcuts.loss": array([3], [1.5, 0.3, 0.06]),
};
const SHALLOW = {
  "shallow_plain.layers": array([], [8]),
  "shallow_plain.loss": array([3], [1, 0.5, 0.1]),
  "shallow_shortcuts.layers": array([], [8]),
  "shallow_shortcuts.loss": array([3], [1, 0.4, 0.08]),
};

describe("degradation", () => {
  test("names each network with its layers and says what degrades", () => {
    const { curves, text } = present(model(frame({ ...DEEP, ...SHALLOW })));
    assert.deepEqual(
      curves.map(({ name }) => name),
      ["plain, 50 layers", "with shortcuts, 50 layers", "plain, 8 layers", "with shortcuts, 8 layers"],
    );
    assert.match(text, /^Last loss: 1\.5 plain, 50 layers; 0\.06 with shortcuts, 50 layers; /);
    assert.match(text, /The deeper plain network trains worse/);
  });

  test("claims nothing where there is no shallower network, or no end yet", () => {
    assert.doesNotMatch(present(model(frame(DEEP))).text, /trains worse/);
    const begun = {
      ...DEEP,
      "plain.loss": array([3], [2.3, NaN, NaN]),
      "shortcuts.loss": array([3], [NaN, NaN, NaN]),
    };
    assert.equal(present(model(frame(begun))).text, "");
    assert.equal(model(frame({})), null);
  });
});
