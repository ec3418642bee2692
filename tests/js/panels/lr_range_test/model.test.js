/** What the panel of the learning rate range test does with a frame and with an experiment. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  model,
  rateBeside,
  rateScale,
  rounded,
  underCursor,
  withRate,
} from "../../../../static/panels/lr_range_test/model.js";
import { present } from "../../support.js";

const CURVE = {
  rates: [0.01, 0.1, 1],
  losses: [3, 1, NaN],
  smoothed: [3, 2, NaN],
  error: [0.5, 0.25, NaN],
  sweeps: [12],
};
const SEEN = { ...CURVE, marks: [0.0123, NaN, 0.1, 1], steepest: [0.054] };
const TRIED = {
  "tried/rates": [0.01, 0.02, 0.04],
  "tried/losses": [0.002, 0.0012, 0.0034],
  "tried/steps": [2500],
  "tried/now": [NaN, NaN],
  "tried/agree": [3, 3],
};

/** @param {Record<string, number[]>} arrays @param {boolean} [running] */
function picture(arrays, running = false) {
  const named = Object.entries(arrays).map(
    ([name, values]) =>
      /** @type {const} */ ([
        name,
        { data: Float64Array.from(values), shape: [values.length], dtype: "F64" },
      ]),
  );
  return model(/** @type {any} */ ({ metadata: {}, arrays: new Map(named) }), running);
}

/** @param {Record<string, number[]>} arrays @param {string} id @param {boolean} [running] */
function mark(arrays, id, running) {
  const found = picture(arrays, running).marks.find((one) => one.id === id);
  assert.ok(found);
  return found;
}

test("a rate is written with the two digits that count", () => {
  assert.equal(rounded(0.0574377), 0.057);
  assert.equal(rounded(1.98), 2);
  assert.equal(rounded(0.000123), 0.00012);
});

test("the accuracy's peak, a third and a quarter of it come with a button, where there is an accuracy", () => {
  const measured = { ...SEEN, "accuracy/rates": [0.01, 0.12], "accuracy/values": [0.3, 0.9] };
  const { accuracy, marks, label } = picture({ ...measured, "accuracy/marks": [0.03, 0.04, 0.12] });
  assert.deepEqual([...(accuracy?.values ?? [])], [0.3, 0.9]);
  const uses = ["peak", "third", "quarter"].map((id) => marks.find((one) => one.id === id)?.use);
  assert.deepEqual(uses, [0.12, 0.04, 0.03]);
  assert.match(label, /accuracy peaks at 0.12/);
  assert.match(underCursor(picture(measured), 0.1), /accuracy 0.90$/);
  assert.equal(picture(SEEN).accuracy, null);
  assert.ok(!picture(SEEN).label.includes("accuracy"));
});

test("an accuracy that does not rise says so, and offers no rate", () => {
  const flat = {
    ...SEEN,
    "accuracy/rates": [0.01],
    "accuracy/values": [0.5],
    "accuracy/marks": [NaN, NaN, NaN],
  };
  const peak = mark(flat, "peak");
  assert.deepEqual([peak.text, peak.description], ["–", "the accuracy does not rise by more than its noise"]);
});

test("the band is one standard error to each side, and NaN stays NaN", () => {
  const { band, losses, smoothed } = picture(SEEN);
  assert.deepEqual([...band.low], [2.5, 1.75, NaN]);
  assert.deepEqual([...band.high], [3.5, 2.25, NaN]);
  assert.ok(Number.isNaN(losses[2]) && Number.isNaN(smoothed[2]));
});

test("one wild batch does not squash the curve", () => {
  assert.deepEqual(picture({ ...SEEN, losses: [3, 1e9, NaN], smoothed: [3, 2, 1e20] }).extent, [2, 3]);
});

test("marks that were seen have a rate to use, others say what was not seen", () => {
  const falls = mark(SEEN, "falls");
  assert.deepEqual([falls.text, falls.use], ["0.012", 0.012]);
  assert.equal(mark(SEEN, "diverges").description, "the loss left what can be trained in this sweep");
  const level = { ...SEEN, marks: [NaN, NaN, NaN, NaN], steepest: [NaN] };
  assert.equal(mark(level, "falls").text, "–");
  assert.equal(mark(level, "least").description, "the loss does not fall by more than its noise");
  assert.equal(mark(level, "diverges").description, "not in this range of rates");
});

test("a good rate says what was trained, at which rates, and who agrees", () => {
  const found = mark({ ...SEEN, ...TRIED, marks: [0.01, 0.02, 0.1, 1] }, "good");
  assert.equal(
    found.description,
    "trained 2,500 steps each: 0.02 → 0.0012, half 0.002, double 0.0034; 3 of 3 seeds agree",
  );
  assert.equal(found.use, 0.02, "just what was tried");
  const cliff = mark(
    { ...SEEN, ...TRIED, "tried/losses": [0.002, 0.0012, Infinity], marks: [0.01, 0.02, 0.1, 1] },
    "good",
  );
  assert.match(cliff.description, /double diverges/);
});

test("a good rate is the very number that was tried, and not rounded", () => {
  assert.equal(mark({ ...SEEN, ...TRIED, marks: [0.01, 0.01125, 0.1, 1] }, "good").use, 0.01125);
});

test("while rates are tried it says which, and which losses are known", () => {
  const under = {
    ...SEEN,
    ...TRIED,
    "tried/losses": [0.002, 0.0012, NaN],
    "tried/now": [0.04, 0],
    "tried/agree": [0, 0],
  };
  assert.equal(mark(under, "good", true).description, "trying 0.04 …");
  assert.equal(mark(under, "good", false).description, "ended while trying 0.04", "where it was cancelled");
  assert.deepEqual(
    picture(under, true).tried.map(({ rate, loss, state }) => [rate, loss, state]),
    [
      ["0.01", "0.002", ""],
      ["0.02", "0.0012", ""],
      ["0.04", "…", "now"],
    ],
  );
  assert.equal(
    mark({ ...under, "tried/now": [0.04, 1] }, "good", true).description,
    "trying 0.04 with another seed …",
  );
  assert.equal(mark(SEEN, "good", true).description, "tried when the sweep is over, by training at rates");
  assert.equal(mark(SEEN, "good", false).description, "no rate was tried");
});

/** @type {[string, Record<string, number[]>, string][]} */
const WITHHELD = [
  [
    "the curve is level",
    { steepest: [NaN], "tried/rates": [], "tried/losses": [], "tried/agree": [0, 0] },
    "the loss does not fall by more than its noise",
  ],
  [
    "it is too large",
    { "tried/steps": [0], "tried/rates": [], "tried/losses": [], "tried/agree": [0, 0] },
    "to train to the end at each rate takes too long here, and less would not tell (or it is under 50 steps)",
  ],
  [
    "tries came to an edge",
    { "tried/agree": [0, 0] },
    "of 3 rates tried, none is better than both its half and its double",
  ],
  ["seeds disagree", { "tried/agree": [1, 3] }, "seeds disagree: 1 of 3"],
  ["nothing is learned", { "tried/agree": [0, 1] }, "hardly anything is learned at the rates tried"],
];
for (const [when, arrays, why] of WITHHELD) {
  test(`a good rate is withheld where ${when}, and why is said`, () => {
    const found = mark({ ...SEEN, ...TRIED, ...arrays }, "good");
    assert.deepEqual([found.text, found.description], ["–", `withheld: ${why}`]);
    assert.ok(Number.isNaN(found.use));
  });
}

test("under the cursor stand a rate, its loss and how sure it is", () => {
  assert.equal(underCursor(picture(SEEN), 0.09), "rate 0.1: loss 2.000 ± 0.25");
  assert.equal(underCursor(picture(SEEN), null), "rate 1: the loss is no number");
});

test("the words beside the plot name the sweeps and where the loss falls fastest", () => {
  assert.equal(
    picture(SEEN).legend,
    "Grey: each batch. Line: mean of 12 sweeps, ± its standard error. Falls fastest at 0.054.",
  );
  assert.match(picture(SEEN).label, /begins to fall at 0\.012, a good rate at no rate/);
});

test("using a rate gives it to every optimizer and changes nothing else", () => {
  const before = {
    title: "t",
    training: {
      epochs: 3,
      updates: [
        { nodes: "a*", optimizer: { kind: "sgd", learning_rate: 1 } },
        { nodes: "b*", optimizer: { kind: "adam", learning_rate: 2 } },
      ],
    },
  };
  const after = withRate(before, 0.3);
  assert.deepEqual(
    after.training.updates.map(({ optimizer }) => optimizer),
    [
      { kind: "sgd", learning_rate: 0.3 },
      { kind: "adam", learning_rate: 0.3 },
    ],
  );
  assert.deepEqual({ ...after, training: null }, { ...before, training: null });
  assert.equal(after.training.epochs, 3);
  assert.equal(before.training.updates[0]?.optimizer.learning_rate, 1, "the one given stays as it is");
});

test("the axis holds the rates that are asked for, and those that are seen", () => {
  assert.deepEqual(rateScale(null, { low: 1e-4, high: 10 }), { low: 1e-4, high: 10, log: true });
  assert.deepEqual(rateScale(picture(SEEN), { low: 0.05, high: 0.5 }), { low: 0.01, high: 1, log: true });
});

test("arrow keys walk the curve from its last rate, and stop at its ends", () => {
  const { rates } = picture(SEEN);
  assert.equal(rateBeside(rates, null, -1), 0.1);
  assert.equal(rateBeside(rates, 0.1, -1), 0.01);
  assert.equal(rateBeside(rates, 0.01, -1), 0.01);
  assert.equal(rateBeside(rates, 1, 1), 1);
  assert.equal(rateBeside(new Float64Array(), null, 1), null);
  const many = Float64Array.from({ length: 600 }, (_, index) => 1 + index);
  assert.equal(present(rateBeside(many, 1, 1)), 11, "sixty presses from end to end");
});
