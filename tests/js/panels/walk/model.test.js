import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { model } from "../../../../static/panels/walk/model.js";
import { present } from "../../support.js";
import { DESCRIPTION, layoutOf, lossWith, walked } from "./walked.js";

/** @import { EdgeOf, Chain } from "../../../../static/panels/walk/chain.js" */
/** @import { Frame } from "../../../../static/types.d.ts" */

/**
 * @typedef {{ frame?: Frame, edge?: EdgeOf | null, selected?: string | null, unit?: number, size?: [number, number] }}
 *   Given
 */

/** @param {number} phase @param {Given} [given] */
function viewAt(
  phase,
  { frame = walked(), edge = null, selected = "tanh1", unit = 0, size = [740, 300] } = {},
) {
  const layout = layoutOf(...size);
  const context = { layout, description: DESCRIPTION, inputs: ["x1", "x2"], classes: [] };
  return model(frame, { ...context, phase, selected, unit, edge });
}

/** @param {EdgeOf} edge @param {Frame} [frame] @returns {Chain} */
function chainAt(edge, frame = walked()) {
  const { chain } = viewAt(4, { edge, frame });
  assert.ok(chain !== null && typeof chain !== "string", String(chain));
  return chain;
}

/** @param {number} one @param {number} other */
const isNear = (one, other) => assert.ok(Math.abs(one - other) < 1e-6, `${one} is not ${other}`);

describe("the phases", () => {
  test("go forward column by column, to the loss, back, and to the update", () => {
    const kinds = Array.from({ length: 7 }, (_, phase) => viewAt(phase).phase);
    assert.deepEqual(
      kinds.map(({ kind, rank }) => `${kind} ${rank}`),
      ["sample 0", "forward 1", "forward 2", "loss 2", "backward 2", "backward 1", "update 2"],
    );
    assert.equal(viewAt(99).index, 6);
    assert.equal(viewAt(5).phase.name, "Back: tanh 1");
  });
});

describe("the numbers on the drawing", () => {
  /** @param {number} phase @param {string} what */
  const texts = (phase, what) =>
    viewAt(phase)
      .labels.filter((label) => label.what === what)
      .map(({ text }) => text);

  test("are the outputs that are reached, and the weights that lead there", () => {
    assert.deepEqual(texts(0, "output"), ["0.5", "−1"]);
    assert.equal(texts(1, "output").length, 5);
    assert.deepEqual(texts(1, "weight").toSorted(), ["0.3", "−0.2", "0.7", "0.4", "−0.6", "0.1"].toSorted());
    assert.deepEqual(texts(2, "weight"), ["0.8", "−0.5", "0.25"]);
  });

  test("are gradients on the way back, where they have come, and changes at the end", () => {
    assert.equal(texts(4, "gradient").length, 1);
    assert.equal(texts(4, "output").length, 5);
    assert.equal(texts(5, "gradient").length, 4);
    assert.equal(texts(5, "derivative").length, 6);
    assert.equal(texts(6, "change").length, 9);
    assert.equal(texts(6, "bias").length, 3);
    assert.equal(texts(3, "loss").length, 1);
  });

  test("cover neither each other nor a tile's middle, in any phase and on a small drawing", () => {
    for (const size of /** @type {[number, number][]} */ ([
      [740, 300],
      [520, 260],
      [362, 200],
    ]))
      for (let phase = 0; phase < 7; phase++) {
        const boxes = viewAt(phase, { size }).labels.map(({ text, x, y }) => ({
          x,
          y,
          half: text.length * 3 + 3,
        }));
        for (const [index, one] of boxes.entries())
          for (const other of boxes.slice(index + 1))
            assert.ok(
              Math.abs(one.y - other.y) >= 13 || Math.abs(one.x - other.x) >= one.half + other.half - 1,
              `${size} ${phase}: ${JSON.stringify([one, other])}`,
            );
      }
  });
});

describe("the chain rule of a weight", () => {
  test("is a product that finite differences and autograd agree with", () => {
    for (let target = 0; target < 3; target++)
      for (let source = 0; source < 2; source++) {
        const chain = chainAt({ to: "tanh1", target, source });
        const slope = (lossWith(target, source, 1e-5) - lossWith(target, source, -1e-5)) / 2e-5;
        assert.ok(Math.abs(chain.product - slope) < 1e-6);
        assert.ok(chain.agrees);
        assert.deepEqual(
          chain.factors.map(({ symbol }) => symbol),
          ["∂L/∂a", "∂a/∂z", "∂z/∂w"],
        );
      }
  });

  test("names the weight by its ends, and has the sum over the units beyond", () => {
    const chain = chainAt({ to: "tanh1", target: 1, source: 0 });
    assert.equal(chain.name, "x₁ → tanh 1, unit 2");
    const paths = present(chain.paths);
    isNear(paths.total, present(chain.factors[0]).value);
    assert.deepEqual(
      paths.terms.map(({ name }) => name),
      ["output, unit 1"],
    );
  });

  test("begins at the loss for the last layer, whose output is its sum", () => {
    const chain = chainAt({ to: "output", target: 0, source: 2 });
    assert.deepEqual(
      chain.factors.map(({ symbol }) => symbol),
      ["∂L/∂z", "∂z/∂w"],
    );
    assert.deepEqual([chain.paths, chain.from, chain.agrees], [null, null, true]);
  });

  test("of a bias has the factor 1", () => {
    const chain = chainAt({ to: "tanh1", target: 2, source: null });
    assert.equal(chain.name, "bias of tanh 1, unit 3");
    assert.equal(chain.factors.at(-1)?.value, 1);
    assert.ok(chain.agrees);
  });

  test("ends in what the optimizer makes of it", () => {
    const { update, weight, derivative } = chainAt({ to: "tanh1", target: 0, source: 1 });
    isNear(present(update).change, -0.1 * derivative);
    isNear(present(update).after, weight - 0.1 * derivative);
    const frozen = walked({}, ["change/linear1.weight"]);
    assert.equal(chainAt({ to: "tanh1", target: 0, source: 1 }, frozen).update, null);
  });

  test("says where it is not what autograd has, and where there are too many weights", () => {
    const wrong = walked({ "derivative/linear1.weight": [9, 9, 9, 9, 9, 9] });
    assert.equal(chainAt({ to: "tanh1", target: 0, source: 0 }, wrong).agrees, false);
    const few = walked({}, ["parameter/linear1.weight"]);
    assert.match(String(viewAt(5, { frame: few }).chain), /linear 1 has too many weights/);
  });

  test("is that of the phase's column, of the unit that is selected, until a weight is pointed at", () => {
    assert.deepEqual(viewAt(2).edge, { to: "output", target: 0, source: 0 });
    assert.deepEqual(viewAt(5, { unit: 2 }).edge, { to: "tanh1", target: 2, source: 0 });
    const edge = { to: "tanh1", target: 1, source: 1 };
    assert.deepEqual(viewAt(2, { edge }).edge, edge);
    assert.deepEqual(viewAt(2, { edge: { ...edge, source: 7 } }).edge, {
      to: "output",
      target: 0,
      source: 0,
    });
  });
});

describe("what happens, in lines", () => {
  test("adds up the products of a unit to its sum and its output", () => {
    const { lines, unit } = viewAt(1, { unit: 1 }).step;
    assert.equal(unit, "tanh 1, unit 2");
    const numbers = lines.map(({ value }) => value);
    isNear((numbers[0] ?? 0) + (numbers[1] ?? 0) + (numbers[2] ?? 0), numbers[3] ?? 0);
    isNear(Math.tanh(numbers[3] ?? 0), numbers[4] ?? 0);
    assert.equal(lines[0]?.text, "0.5 × 0.7");
  });

  test("multiplies the gradient by the slope on the way back", () => {
    const [byOutput, slope, bySum] = viewAt(5).step.lines.map(({ value }) => value);
    isNear((byOutput ?? 0) * (slope ?? 0), bySum ?? 0);
  });
});

test("numbers that are not finite are said with the first node that has some", () => {
  assert.equal(viewAt(0).broken, null);
  const frame = walked({ "output/tanh1": [NaN, 0, 0], "output/output": [NaN], loss: [NaN] });
  assert.match(String(viewAt(3, { frame }).broken), /^From tanh 1 on numbers are not finite: .* NaN/);
  assert.match(String(viewAt(3, { frame: walked({ loss: [Infinity] }) }).broken), /loss of this sample is ∞/);
});
