import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { foldColumns } from "../../static/network/columns.js";
import { blocksOf, COARSE, FINE, foldToFit, placeColumns } from "../../static/network/layout.js";
import { examples, folds } from "./experiments.js";
import { present } from "./support.js";

/** @import { Column } from "../../static/network/columns.js" */
/** @import { Layout, Placed } from "../../static/network/layout.js" */
/** @import { Planned } from "./experiments.js" */

/** @type {Record<string, Planned>} */
let networks;
before(() => (networks = examples()));

/** @param {string} name @returns {Column[]} */
const columnsOf = (name) => foldColumns(present(networks[name]).description, folds);

const ROOM = { width: 900, height: 420, foot: 20 };

/** @template {Column} C @param {C[]} columns @param {string} name @returns {C} */
const named = (columns, name) => present(columns.find((each) => each.name === name));

describe("placing columns", () => {
  test("puts ranks from left to right at even distances, inside the room", () => {
    for (const name of Object.keys(networks)) {
      const { columns, width, spacing } = placeColumns(columnsOf(name), ROOM);
      assert.equal(width, ROOM.width);
      const [first] = columns;
      for (const each of columns) {
        assert.ok(Math.abs(each.x - present(first).x - each.rank * spacing) < 1e-9);
        assert.ok(each.x - each.size / 2 >= 0 && each.x + each.size / 2 <= width, name);
        assert.ok(
          each.top >= -1e-9 && each.bottom <= ROOM.height + 1e-9,
          `${name}: ${each.name} from ${each.top} to ${each.bottom}`,
        );
      }
    }
  });

  test("grows wider than the room rather than crowd it", () => {
    const layout = placeColumns(columnsOf("chain"), { ...ROOM, width: 100 });
    assert.ok(layout.width > 100 && layout.spacing >= 36);
  });

  test("shows every unit where there is room, none over another", () => {
    const column = named(placeColumns(columnsOf("chain"), ROOM).columns, "tanh1");
    assert.deepEqual([column.shown.map(({ index }) => index), column.hidden], [[0, 1, 2, 3], 0]);
    for (let index = 1; index < 4; index++) {
      assert.ok(present(column.shown[index]).y - present(column.shown[index - 1]).y >= column.size);
    }
  });

  test("folds the units of a wide layer that have no room, and counts them", () => {
    for (const height of [120, 420, 2000]) {
      const column = named(placeColumns(columnsOf("wide"), { ...ROOM, height }).columns, "tanh1");
      assert.ok(column.shown.length > 0 && column.shown.length < 300);
      assert.equal(column.shown.length + column.hidden, 300);
      assert.ok(column.hidden > 1, "what is hidden takes a place of its own");
      assert.ok(column.size >= 20, "tiles stay large enough to see");
      assert.ok(
        present(column.shown.at(-1)).y + column.size / 2 < column.bottom,
        "room for the sign of the rest",
      );
      assert.ok(column.top >= 0 && column.bottom <= height);
    }
  });

  test("shows the units that are looked at, however many others have no room", () => {
    const shown = (/** @type {number} */ height, /** @type {number[]} */ ...kept) => {
      const layout = placeColumns(
        columnsOf("wide"),
        { ...ROOM, height },
        new Set(),
        new Map([["tanh1", kept]]),
      );
      return named(layout.columns, "tanh1").shown.map(({ index }) => index);
    };
    const first = shown(120);
    assert.deepEqual(shown(120, 0), first, "those that are shown stay where they are");
    assert.deepEqual(shown(120, 250), [...first.slice(0, -1), 250]);
    assert.deepEqual(shown(200, 250, 77).slice(-2), [77, 250]);
    assert.deepEqual(shown(60, 250, 77), [77], "the last is the most important");
    assert.deepEqual(shown(120, 300), first, "an edit may have left fewer");
  });

  test("bounds its tiles where there is room without end", () => {
    const column = named(
      placeColumns(columnsOf("bare"), { ...ROOM, width: 3000, height: 3000 }).columns,
      "output",
    );
    assert.ok(column.size <= 120);
  });

  test("stacks columns of one rank in lanes of their own", () => {
    const { columns } = placeColumns(columnsOf("branches"), ROOM);
    assert.ok(named(columns, "tanh1").bottom < named(columns, "relu1").top);
  });

  test("has the words of an upper lane at its own tiles, not in the middle of the picture", () => {
    const { columns } = placeColumns(columnsOf("branches"), { ...ROOM, foot: 78 });
    const [upper, lower] = [named(columns, "tanh1"), named(columns, "relu1")];
    assert.ok(upper.above && !lower.above);
    assert.ok(upper.foot - upper.bottom < 20, `${upper.foot} is far below ${upper.bottom}`);
    assert.ok(lower.top - upper.foot > 50, "room for the words before the lane below");
  });
});

describe("links", () => {
  /** @param {string} name */
  const linksOf = (name) =>
    placeColumns(columnsOf(name), ROOM).links.map(({ from, to, kind, offset, over }) => ({
      way: `${from.name} ${to.name}`,
      kind,
      offset,
      around: over !== null,
    }));

  test("are dense by weights, unit to unit into sums, and count units into a concatenation", () => {
    assert.deepEqual(linksOf("branches"), [
      { way: "input tanh1", kind: "dense", offset: 0, around: false },
      { way: "input relu1", kind: "dense", offset: 0, around: false },
      { way: "tanh1 both", kind: "identity", offset: 0, around: false },
      { way: "relu1 both", kind: "identity", offset: 4, around: false },
      { way: "both output", kind: "dense", offset: 0, around: false },
    ]);
  });

  test("are one line to and from what has no tiles", () => {
    const kinds = Object.fromEntries(linksOf("images").map(({ way, kind }) => [way, kind]));
    assert.deepEqual(kinds, {
      "input relu1": "dense",
      "relu1 max_pool2d1": "identity",
      "max_pool2d1 dropout1": "bundle",
      "dropout1 output": "bundle",
    });
  });

  test("of a shortcut go around the columns they skip, above all of them", () => {
    const { columns, links } = placeColumns(columnsOf("residual"), ROOM);
    const around = links.filter(({ over }) => over !== null);
    assert.deepEqual(
      around.map(({ from, to }) => `${from.name} ${to.name}`),
      ["linear1 relu1"],
    );
    const over = present(around[0]?.over);
    for (const name of ["residual1.tanh1", "residual1.linear2"])
      assert.ok(over < named(columns, name).top && over > 0);
  });

  test("are as many as the columns' inputs", () => {
    for (const name of Object.keys(networks)) {
      const columns = columnsOf(name);
      assert.equal(
        placeColumns(columns, ROOM).links.length,
        columns.flatMap(({ inputs }) => inputs).length,
        name,
      );
    }
  });
});

describe("blocks", () => {
  test("are rectangles around what they hold, the outer around the inner", () => {
    const { columns } = placeColumns(columnsOf("nested"), ROOM);
    const blocks = blocksOf(columns);
    assert.deepEqual(blocks.map(({ name }) => name).sort(), ["outer", "outer.inner"]);
    const box = (/** @type {string} */ name) => present(blocks.find((each) => each.name === name));
    const [outer, inner] = [box("outer"), box("outer.inner")];
    assert.ok(
      outer.left <= inner.left &&
        outer.right > inner.right &&
        outer.top <= inner.top &&
        outer.bottom >= inner.bottom,
    );
    for (const each of columns) {
      const inside = each.x > outer.left && each.x < outer.right;
      assert.equal(inside, each.block.startsWith("outer."), each.name);
    }
  });

  test("are none where there is none", () => {
    assert.deepEqual(blocksOf(placeColumns(columnsOf("chain"), ROOM).columns), []);
  });
});

describe("a wide column that is opened", () => {
  test("shows all its units, on a drawing that is as tall as it takes", () => {
    const columns = columnsOf("wide");
    const closed = placeColumns(columns, ROOM);
    const opened = placeColumns(columns, ROOM, new Set(["linear1"]));
    assert.ok(named(closed.columns, "tanh1").hidden > 0);
    const wide = named(opened.columns, "tanh1");
    assert.equal(wide.shown.length + wide.hidden, 300);
    assert.ok(wide.shown.length >= 250);
    assert.ok(opened.height > closed.height && wide.bottom <= wide.foot);
  });
});

/**
 * A description of residual blocks of two nodes, one in another or one behind another.
 *
 * @param {number} count @param {boolean} within
 */
function residuals(count, within) {
  const made = (/** @type {string} */ name, /** @type {string} */ kind, /** @type {string[]} */ inputs) => ({
    name,
    kind,
    inputs,
    shape: [4],
    parameters: kind === "linear" ? 20 : 0,
    macs: 0,
    pointer: "/network/0",
    receptive_field: null,
  });
  const nodes = [made("first", "linear", ["input"])];
  const scope = (/** @type {number} */ index) =>
    within ? Array.from({ length: index + 1 }, (_, at) => `block${at}`).join(".") : `block${index}`;
  const starts = ["first"];
  for (let index = 0; index < count; index++) {
    nodes.push(made(`${scope(index)}.linear`, "linear", [present(nodes.at(-1)).name]));
    if (!within)
      nodes.push(
        made(`${scope(index)}.sum`, "add", [present(nodes.at(-1)).name, present(nodes.at(-2)).name]),
      );
    starts.push(present(nodes.at(-1)).name);
  }
  for (let index = within ? count - 1 : -1; index >= 0; index--)
    nodes.push(made(`${scope(index)}.sum`, "add", [present(nodes.at(-1)).name, present(starts[index])]));
  nodes.push(made("output", "linear", [present(nodes.at(-1)).name]));
  return /** @type {any} */ ({ input: { name: "input", shape: [2] }, nodes });
}

describe("a network that is too wide", () => {
  const folding = (/** @type {any} */ description) => (/** @type {ReadonlySet<string>} */ folded) =>
    foldColumns(description, folds, true, folded);

  test("stays unfolded where it fits", () => {
    assert.equal(foldToFit(residuals(3, false), folding(residuals(3, false)), 900).size, 0);
  });

  test("has so many blocks drawn as one that the rest fits, and no more", () => {
    const description = residuals(12, false);
    const columns = folding(description);
    const folded = foldToFit(description, columns, 640);
    assert.ok(folded.size > 0 && folded.size < 12, String(folded.size));
    const layout = placeColumns(columns(folded), { width: 640, height: 500, foot: 78 });
    assert.equal(layout.width, 640);
    const fewer = new Set([...folded].slice(1));
    assert.ok(placeColumns(columns(fewer), { width: 640, height: 500, foot: 78 }).width > 640);
  });

  test("folds what is innermost first", () => {
    const description = residuals(9, true);
    const folded = foldToFit(description, folding(description), 640);
    assert.ok(folded.has("block0.block1.block2.block3.block4.block5.block6.block7.block8"));
    assert.ok(!folded.has("block0"));
  });

  test("that is all one block stays as it is, unless it is very long", () => {
    const description = residuals(12, false);
    for (const node of description.nodes.slice(1, -1)) node.name = `net.${node.name.replace(".", "_")}`;
    for (const node of description.nodes)
      node.inputs = node.inputs.map((/** @type {string} */ name) =>
        name === "input" || name === "first" ? name : `net.${name.replace(/^net\./, "").replace(".", "_")}`,
      );
    assert.deepEqual([...foldToFit(description, folding(description), 640)], []);
    const long = {
      ...description,
      nodes: [
        ...description.nodes.slice(0, -1),
        ...Array.from({ length: 30 }, (_, index) => ({
          ...description.nodes[1],
          name: `net.more${index}`,
          inputs: [index ? `net.more${index - 1}` : present(description.nodes.at(-2)).name],
        })),
        { ...description.nodes.at(-1), inputs: ["net.more29"] },
      ],
    };
    assert.deepEqual([...foldToFit(long, folding(long), 640)], ["net"]);
  });

  test("has its words in two rows, each as wide as two columns", () => {
    const layout = placeColumns(folding(residuals(5, false))(new Set()), {
      width: 560,
      height: 500,
      foot: 78,
    });
    assert.ok(layout.staggered && layout.spacing < 60);
    assert.deepEqual(
      layout.columns.map(({ lower }) => lower),
      layout.columns.map(({ rank }) => rank % 2 === 1),
    );
    for (const column of layout.columns)
      assert.ok(column.foot + FINE.row < 500 && column.bottom <= column.foot);
    const roomy = placeColumns(folding(residuals(5, false))(new Set()), {
      width: 1400,
      height: 500,
      foot: 78,
    });
    assert.ok(!roomy.staggered && roomy.columns.every(({ lower }) => !lower));
  });

  test("stands close enough to be staggered wherever a size, its two buttons and a gap would not fit abreast", () => {
    const buttons = 24 + 22 + 24;
    for (let width = 300; width < 1400; width += 10) {
      const { staggered, spacing } = placeColumns(folding(residuals(2, false))(new Set()), {
        width,
        height: 500,
        foot: 78,
      });
      assert.ok((staggered ? 2 : 1) * spacing - (staggered ? 6 : 4) >= buttons, `${spacing} at ${width}`);
    }
  });

  test("keeps nothing free below where there are no words", () => {
    const columns = folding(residuals(5, false))(new Set());
    const [bare, worded] = [0, 78].map((foot) => placeColumns(columns, { width: 560, height: 240, foot }));
    assert.ok(present(bare).staggered && present(worded).staggered);
    const lowest = (/** @type {Layout} */ layout) => Math.max(...layout.columns.map(({ foot }) => foot));
    assert.ok(lowest(present(bare)) > lowest(present(worded)) + FINE.height + FINE.row - 8);
  });

  test("leads the ways around what lies within each other at different heights", () => {
    const layout = placeColumns(folding(residuals(3, true))(new Set()), {
      width: 900,
      height: 500,
      foot: 78,
    });
    const over = layout.links
      .filter((link) => link.over !== null)
      .sort((one, other) => one.from.rank - other.from.rank)
      .map((link) => link.over ?? NaN);
    assert.equal(over.length, 3);
    assert.ok(present(over[0]) < present(over[1]) && present(over[1]) < present(over[2]), String(over));
    assert.ok(present(over[0]) > 0);
  });
});

test("columns above another never overlap, however low the stage: it scrolls then", () => {
  const room = { width: 560, height: 160, foot: COARSE.height, footers: COARSE };
  const { columns, height } = placeColumns(columnsOf("branches"), room);
  const upper = present(columns.find(({ above }) => above));
  const lower = present(columns.find(({ rank, above }) => rank === upper.rank && !above));
  assert.ok(upper.foot + COARSE.between <= lower.top + 8);
  assert.ok(height > 160);
});
