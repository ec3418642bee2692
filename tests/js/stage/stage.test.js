import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { edgeHint, isPictured, unitHint } from "../../../static/page/stage/hints.js";
import { footerOf } from "../../../static/page/stage/footer_model.js";
import { Folding } from "../../../static/page/stage/folding.js";
import { Pointing, unitAt } from "../../../static/page/stage/pointing.js";
import {
  columnsWithUnits,
  edgeCount,
  heatmapResolution,
  stageLayout,
} from "../../../static/page/stage/stage_layout.js";
import { UnitAnnouncement } from "../../../static/page/stage/unit_announcement.js";
import { unitLabel } from "../../../static/page/stage/unit_buttons.js";
import { catalogue, examples } from "../experiments.js";
import { present } from "../support.js";

/** @import { Catalog, Frame, NamedArray } from "../../../static/types.d.ts" */
/** @import { State } from "../../../static/run/state.js" */
/** @import { Planned } from "../experiments.js" */

/** @type {Record<string, Planned>} */
let networks;
/** @type {Catalog} */
let catalog;
before(() => {
  networks = examples();
  catalog = catalogue();
});

const SIZE = { width: 900, height: 500 };
const CLASSES = ["disc", "square", "triangle"];

/** @param {string} name @param {string} [run] @returns {State} */
const stateOf = (name, run = "r1") =>
  /** @type {any} */ ({ ...present(networks[name]), catalog, run: { id: run } });

/** @typedef {{ size?: { width: number, height: number }, classes?: string[], folding?: Folding }} Circumstances */

/** @param {string} name @param {Circumstances} [more] */
const shownOf = (name, { size = SIZE, classes = CLASSES, folding = new Folding() } = {}) =>
  present(stageLayout(stateOf(name), size, classes, folding));

/** @param {string} name @param {string} column */
const columnOf = (name, column) =>
  present(shownOf(name).layout.columns.find((each) => each.name === column || each.head === column));

/** @param {Record<string, NamedArray>} arrays @returns {Frame} */
const frameOf = (arrays) => ({ metadata: {}, arrays: new Map(Object.entries(arrays)) });

describe("the layout of a stage", () => {
  test("is none without a network, or without room", () => {
    const nothing = /** @type {any} */ ({ description: null });
    assert.equal(stageLayout(nothing, SIZE, CLASSES, new Folding()), null);
    assert.equal(stageLayout(stateOf("chain"), { width: 40, height: 500 }, CLASSES, new Folding()), null);
  });

  test("fills the width, with bars beside the answer where pictures are told apart", () => {
    const points = shownOf("chain");
    assert.deepEqual([points.width, points.height, points.answer], [900, 500, null]);
    const pictures = shownOf("images");
    assert.equal(pictures.answer?.name, "output");
    assert.equal(pictures.width, 900);
    assert.ok(Math.max(...pictures.layout.columns.map(({ x }) => x)) < 900 - pictures.bars);
    assert.equal(shownOf("images", { classes: [] }).answer, null);
    const phone = { width: 400, height: 500 };
    assert.ok(shownOf("images", { size: phone }).bars < pictures.bars);
    const classes = ["blob", "forked vessel"]; // whole words stand there, also on a phone
    assert.ok(shownOf("images", { classes }).bars > pictures.bars);
    assert.ok(shownOf("images", { classes, size: phone }).bars >= 6 * "forked vessel".length);
  });

  test("has no room for controls where it is low", () => {
    assert.equal(shownOf("chain").footers, true);
    assert.equal(shownOf("chain", { size: { width: 900, height: 300 } }).footers, false);
  });

  test("counts what is drawn, and pictures many units more coarsely", () => {
    const { layout } = shownOf("chain");
    assert.deepEqual(columnsWithUnits(layout), ["tanh1", "dropout1", "output"]);
    assert.equal(edgeCount(layout), 2 * 4 + 4 * 4 + 4 * 2);
    assert.equal(heatmapResolution(layout), 50);
    const folding = new Folding();
    folding.follow("r1");
    folding.turnUnits("linear1");
    assert.equal(heatmapResolution(shownOf("wide", { folding }).layout), 25);
    assert.deepEqual([columnsWithUnits(null), edgeCount(null), heatmapResolution(null)], [[], 0, 50]);
  });

  test("draws a block as one column, by the block's kind, once it is folded by hand", () => {
    const folding = new Folding();
    const unfolded = shownOf("residual", { folding });
    assert.equal(
      unfolded.layout.columns.some((column) => column.folded),
      false,
    );
    folding.turnBlock("residual1", unfolded.fitting);
    const [block] = shownOf("residual", { folding }).layout.columns.filter((column) => column.folded);
    assert.deepEqual([block?.head, block?.kind], ["residual1", "residual"]);
    folding.turnBlock("residual1", unfolded.fitting);
    assert.deepEqual([...folding.blocks(unfolded.fitting)], []);
  });
});

test("what is folded and opened is forgotten with another run", () => {
  const folding = new Folding();
  folding.follow("one");
  folding.turnUnits("linear1");
  folding.turnBlock("residual1", new Set());
  folding.follow("one");
  assert.deepEqual([[...folding.opened], [...folding.blocks(new Set())]], [["linear1"], ["residual1"]]);
  folding.follow("two");
  assert.deepEqual([folding.opened.size, [...folding.blocks(new Set(["fits"]))]], [0, ["fits"]]);
});

describe("pointing", () => {
  test("finds the unit below, and the place on its tile", () => {
    const { layout } = shownOf("chain");
    const column = present(layout.columns[1]);
    const unit = present(column.shown[2]);
    assert.deepEqual(unitAt(layout, unit.x + column.size / 4, unit.y), {
      column: "tanh1",
      unit: 2,
      place: { x: 0.75, y: 0.5 },
    });
    assert.equal(unitAt(layout, NaN, NaN), null);
  });

  test("is of one thing: a unit, else an edge, and the keyboard's unit where the pointer is on neither", () => {
    const { layout } = shownOf("chain");
    const [from, to] = [present(layout.columns[0]), present(layout.columns[1])];
    const [source, target] = [present(from.shown[0]), present(to.shown[0])];
    const box = { left: 100, top: 10 };
    const pointing = new Pointing();
    pointing.moveFocus({ column: "output", unit: 0 }, true);
    pointing.moveTo({ x: 100 + target.x, y: 10 + target.y }, layout, box);
    assert.deepEqual(
      [pointing.unit?.column, pointing.edge, pointing.focus?.column],
      ["tanh1", null, "tanh1"],
    );
    const middle = { x: 100 + (source.x + target.x) / 2, y: 10 + (source.y + target.y) / 2 };
    pointing.moveTo(middle, layout, box);
    assert.deepEqual([pointing.unit, pointing.edge?.link.to.name], [null, "tanh1"]);
    assert.equal(pointing.focus?.column, "output");
    pointing.moveTo(null, layout, box);
    assert.deepEqual([pointing.unit, pointing.edge], [null, null]);
  });

  test("by a click leaves no words of the keyboard behind", () => {
    const pointing = new Pointing();
    pointing.moveFocus({ column: "output", unit: 0 }, false);
    assert.deepEqual([pointing.keyed, pointing.focus], [null, { column: "output", unit: 0 }]);
  });
});

describe("the words of what is pointed at", () => {
  const weights = frameOf({
    "output.weight": { shape: [2, 4], data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, -0.25) },
    "output.bias": { shape: [2], data: Float32Array.of(0.5, 1.5) },
  });

  test("name an edge's ends and its weight, once it is known", () => {
    const { layout } = shownOf("chain");
    const link = present(layout.links.find(({ to }) => to.head === "output"));
    const edge = { link, source: present(link.from.shown[3]), target: present(link.to.shown[1]) };
    assert.equal(edgeHint(edge, {}, []), "");
    assert.equal(edgeHint(edge, { weights }, []), "dropout 1, unit 4 → output, unit 2: weight −0.25");
  });

  test("name a unit, its value at the place, what it spans, and its bias", () => {
    const column = columnOf("chain", "output");
    assert.equal(unitHint(column, 1, null, {}, []), "output, unit 2");
    const surface = frameOf({
      "unit/output": { shape: [2, 1, 2], data: Uint8Array.of(0, 255, 0, 255) },
      "unit/output.range": { shape: [2, 2], data: Float32Array.of(-1, 1, 0, 2) },
    });
    assert.equal(
      unitHint(column, 1, { x: 0.9, y: 0.5 }, { weights, surface }, []),
      "output, unit 2: 2 here, 0 to 2 over the plane, bias 1.5",
    );
    assert.equal(unitHint(column, 0, null, { surface }, []), "output, unit 1: −1 to 1 over the plane");
    assert.deepEqual([isPictured(column, 1, { weights }), isPictured(column, 1, { surface })], [false, true]);
    assert.equal(isPictured(column, 2, { surface }), false, "the frame is of before the layer had a third");
  });

  test("name the picture, and maps by their number", () => {
    const maps = frameOf({
      "maps/input": { shape: [1, 1, 2], data: Uint8Array.of(0, 255) },
      "maps/input.range": { shape: [1, 2], data: Float32Array.of(0, 16) },
    });
    assert.equal(unitHint(columnOf("images", "input"), 0, null, { maps }, []), "Input: 0 to 16 in the map");
    assert.equal(unitHint(columnOf("images", "conv2d1"), 1, null, { maps }, []), "relu 1, map 2 of 4");
    assert.equal(isPictured(columnOf("images", "input"), 0, { maps }), true);
    assert.equal(isPictured(columnOf("images", "conv2d1"), 1, { maps }), false);
  });
});

describe("what is said of the unit that the keyboard is on", () => {
  /** Said at once, as by an announcer with nothing else to say. */
  const saying = () => {
    /** @type {string[]} */
    const said = [];
    const hint = { text: "relu 1, unit 2, bias 0", pictured: false };
    const announcement = new UnitAnnouncement(
      () => hint,
      (_, message) => {
        const text = typeof message === "string" ? message : message();
        if (text !== null) said.push(text);
      },
    );
    return { said, hint, announcement };
  };

  test("is completed, once, when the picture of a new layer comes after the layer", () => {
    const { said, hint, announcement } = saying();
    announcement.tell();
    announcement.complete(); // pictures of other layers
    Object.assign(hint, { text: "relu 1, unit 2: 0 to 3 over the plane, bias 0", pictured: true });
    announcement.complete();
    announcement.complete();
    assert.deepEqual(said, ["relu 1, unit 2, bias 0", "relu 1, unit 2: 0 to 3 over the plane, bias 0"]);
  });

  test("is said once where it was whole, and not after the keyboard has left", () => {
    const { said, hint, announcement } = saying();
    announcement.tell();
    Object.assign(hint, { text: "", pictured: false });
    announcement.complete();
    Object.assign(hint, { text: "output, unit 1: −1 to 1 over the plane", pictured: true });
    announcement.tell();
    announcement.complete();
    assert.deepEqual(said, ["relu 1, unit 2, bias 0", "output, unit 1: −1 to 1 over the plane"]);
  });
});

test("a unit is called by its input's name, its place in its column, or its node", () => {
  assert.equal(unitLabel(columnOf("chain", "input"), 1, ["x1", "x2"]), "Input x₂");
  assert.equal(unitLabel(columnOf("chain", "output"), 0, []), "output, unit 1 of 2");
  assert.equal(unitLabel(columnOf("images", "conv2d1"), 3, []), "relu 1, map 4 of 4");
  assert.equal(unitLabel(columnOf("images", "flatten1"), 0, []), "dropout 1");
});

describe("the foot of a column", () => {
  /** @param {string} name @param {string} column @param {boolean} [control] */
  const foot = (name, column, control = true) => {
    const { experiment, description } = present(networks[name]);
    const { size, activation, ...rest } = footerOf(
      catalog,
      experiment,
      description,
      columnOf(name, column),
      control,
    );
    return { ...rest, size: size && `${size.units} ${size.what}`, activation: activation?.present ?? null };
  };

  test("says what the data are", () => {
    assert.deepEqual([foot("chain", "input").name, foot("chain", "input").kind], ["2 inputs", "Spiral"]);
    assert.equal(foot("images", "input").name, "1×8×8");
    assert.equal(foot("images", "input").removable, false);
  });

  test("has the number of a layer's units or filters, and its activation", () => {
    const { extra, ...dense } = foot("chain", "dropout1");
    assert.deepEqual(dense, {
      name: "Dense",
      size: "4 unit",
      kind: `ReLU, ${extra}`,
      activation: "relu",
      removable: true,
    });
    assert.equal(extra, "Batch norm, Dropout");
    assert.equal(foot("images", "conv2d1").size, "4 filter");
  });

  test("has nothing to set where the task, a block or another viewer decides", () => {
    const output = foot("chain", "output");
    assert.deepEqual(
      [output.name, output.size, output.activation, output.removable],
      ["2 outputs", null, null, false],
    );
    const sum = foot("residual", "residual1.sum");
    assert.deepEqual([sum.size, sum.activation, sum.kind], [null, null, "ReLU"]);
    const seen = foot("chain", "tanh1", false);
    assert.deepEqual([seen.name, seen.size, seen.kind, seen.removable], ["Dense", null, "Tanh", false]);
    assert.equal(foot("branches", "both").kind, "7");
  });
});
