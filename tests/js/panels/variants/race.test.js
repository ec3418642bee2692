import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { nothing } from "../../../../static/widgets/variant_patch.js";
import { newVariant, Race } from "../../../../static/panels/variants/race.js";
import { present } from "../../support.js";

/** @import { Experiment, Frame, JsonObject, NamedArray } from "../../../../static/types.d.ts" */
/** @import { Variant, Listener } from "../../../../static/panels/variants/race.js" */

const EXPERIMENT = /** @type {Experiment} */ (
  /** @type {unknown} */ ({
    network: [{ kind: "linear", initializer: null }],
    training: { updates: [{ optimizer: { kind: "sgd", learning_rate: 0.1 } }], batch_size: 10 },
  })
);

/** @type {{ document: any, listener: Listener, cancelled: boolean }[]} */
let studies;
/** @type {Race} */
let race;
/** @type {Variant[]} */
let lanes;

/** @param {"cancelled" | "done"} [state] the race under way ends */
const end = (state = "done") => present(studies.at(-1)).listener.state(/** @type {any} */ ({ state }));

/** @param {number[]} taken steps of each @param {number[]} states */
function frame(taken, states) {
  /** @type {(shape: number[], values: number[]) => NamedArray} */
  const array = (shape, values) => ({ shape, data: Float64Array.from(values) });
  const n = taken.length;
  const arrays = new Map([
    ["steps", array([2], [0, Math.max(...taken)])],
    ["states", array([n, 1], states)],
    ["taken", array([n, 1], taken)],
    ["starts", array([n, 1], Array(n).fill(0))],
    [
      "train_loss",
      array(
        [n, 1, 2],
        taken.flatMap((_, slot) => [1, slot]),
      ),
    ],
  ]);
  present(studies.at(-1)).listener.frame(/** @type {Frame} */ ({ metadata: {}, arrays }));
}

beforeEach(() => {
  studies = [];
  race = new Race({
    study: (/** @type {JsonObject} */ document, listener) => {
      const study = { document, listener, cancelled: false };
      studies.push(study);
      return { cancel: () => (study.cancelled = true) };
    },
    nameOf: ({ rate }) => `rate ${rate}`,
    stood: () => {},
    progress: () => {},
    changed: () => {},
  });
  lanes = [1, 2, 3].map((rate) => newVariant({ ...nothing(), rate }, { color: "red", dash: [] }));
  race.variants.push(...lanes);
  race.asked.steps = 100;
});

describe("a fork", () => {
  test("asks for all lanes, each with its patch, from where the run is or afresh", () => {
    present(lanes[2]).choices.initializer = "zeros";
    race.fork(EXPERIMENT);
    const { kind, steps, variants } = present(studies[0]).document;
    assert.deepEqual([kind, steps], ["variants", 100]);
    assert.deepEqual(
      variants.map((/** @type {any} */ { name, start }) => [name, start]),
      [
        ["rate 1", "here"],
        ["rate 2", "here"],
        ["rate 3", "fresh"],
      ],
    );
    assert.deepEqual(variants[1].patch, [
      { op: "replace", path: "/training/updates/0/optimizer/learning_rate", value: 2 },
    ]);
    assert.deepEqual(
      lanes.map(({ slot }) => slot),
      [0, 1, 2],
    );
  });

  test("forgets the races before", () => {
    race.fork(EXPERIMENT);
    frame([100, 100, 100], [1, 1, 1]);
    end();
    race.fork(EXPERIMENT);
    assert.ok(lanes.every(({ curve, past, from }) => curve === null && past.length === 0 && from === null));
  });
});

describe("going on", () => {
  test("starts those that are not out at their checkpoints, and draws behind the curves there are", () => {
    race.fork(EXPERIMENT);
    frame([100, 40, 100], [1, 2, 1]);
    end();
    const title = present(studies[0]).document.race;
    race.goOn();
    assert.deepEqual(
      present(studies[1]).document.variants.map((/** @type {any} */ { start }) => start),
      [`${title}-1`, `${title}-3`],
    );
    assert.deepEqual(
      lanes.map(({ slot }) => slot),
      [0, -1, 1],
    );
    frame([50, 50], [0, 0]);
    assert.deepEqual([lanes[0]?.past.length, lanes[0]?.curve?.offset], [1, 100]);
    assert.equal(lanes[1]?.curve, null);
  });

  test("keeps the last checkpoint of a lane that has sat a race out", () => {
    race.fork(EXPERIMENT);
    frame([100, 40, 100], [1, 2, 1]);
    end();
    const second = present(lanes[1]);
    const stood = race.stoodAt(second);
    race.goOn();
    assert.equal(race.stoodAt(second), stood);
  });
});

describe("dropping a lane", () => {
  test("of a race under way ends it, and lets the others go on for the steps that are left", () => {
    race.fork(EXPERIMENT);
    frame([30, 30, 30], [0, 0, 0]);
    let removed = false;
    race.drop(present(lanes[1]), () => (removed = true));
    assert.deepEqual([removed, studies[0]?.cancelled], [false, true]);
    end("cancelled");
    assert.ok(removed);
    assert.deepEqual([studies[1]?.document.steps, studies[1]?.document.variants.length], [70, 2]);
    assert.equal(race.asked.steps, 100);
  });

  test("is done at once where none is under way, and asks nothing", () => {
    race.drop(present(lanes[0]), () => {});
    assert.deepEqual([race.variants.length, studies.length], [2, 0]);
  });
});

test("what waits for the end of a race is done once, when it has ended", () => {
  let done = 0;
  race.whenEnded(() => done++);
  assert.equal(done, 1);
  race.fork(EXPERIMENT);
  race.whenEnded(() => done++);
  assert.equal(done, 1);
  end("cancelled");
  assert.deepEqual([done, race.underWay], [2, false]);
});
