import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { levelsOf } from "../../../static/draw/ground_figure.js";
import { reliefFigure } from "../../../static/draw/relief_figure.js";
import { tableOf } from "../../../static/draw/table.js";
import { pathFigure } from "../../../static/panels/trajectory/figure.js";
import { landscapeFigure } from "../../../static/panels/landscape/figure.js";
import { present, vectors } from "../support.js";

/** @import { Look } from "../../../static/draw/ground_figure.js" */
/** @import { Relief } from "../../../static/draw/relief.js" */

/** @type {Look} */
const LOOK = { theme: "light", colors: { ink: "#111111", paper: "#ffffff" } };

/** @type {Relief} */
const RELIEF = {
  x: [0, 1, 2],
  y: [10, 20],
  losses: [1, 2, 3, 4, NaN, 6],
  paths: [{ places: [0, 10, 1, 15], losses: [5, 1], dots: true }],
  marks: [{ x: 1, y: 15, text: "now", loss: 1 }],
  axes: ["first", "second"],
};

describe("the figure of a landscape", () => {
  test("is a surface that turns, with the path at its own losses", () => {
    const { traces, layout } = reliefFigure(RELIEF, "turned", LOOK);
    assert.deepEqual(
      traces.map(({ type }) => type),
      ["surface", "scatter3d", "scatter3d", "heatmap"],
    );
    const [surface, path, now] = traces;
    assert.deepEqual(surface?.["surfacecolor"][1][1], null, "what is not known is a gap");
    assert.deepEqual(surface?.["text"], [
      ["1", "2", "3"],
      ["4", "unknown", "6"],
    ]);
    assert.ok(surface?.["z"][0][1] < surface?.["surfacecolor"][0][1], "the ground is below its paths");
    assert.deepEqual(path?.["customdata"], [["5"], ["1"]]);
    assert.deepEqual(now?.["text"], ["now"]);
    const { scene } = layout;
    assert.deepEqual(
      [scene.xaxis.title.text, scene.yaxis.title.text, scene.zaxis.title.text],
      ["first", "second", "loss"],
    );
  });

  test("has no path of a relief that shares another's scale, and the scale all the same", () => {
    const shared = { ...RELIEF, paths: [{ places: [], losses: [0.001, 1000] }] };
    const { traces, series } = reliefFigure(shared, "turned", LOOK);
    assert.deepEqual(
      traces.map(({ type }) => type),
      ["surface", "scatter3d", "heatmap"],
    );
    assert.deepEqual(
      series.map(({ name }) => name),
      ["surface"],
    );
    const heights = traces[0]?.["surfacecolor"]
      .flat()
      .filter((/** @type {number | null} */ share) => share !== null);
    assert.ok(Math.min(...heights) > 0.2 && Math.max(...heights) < 0.9, String(heights));
  });

  test("is contours on axes of its own from above", () => {
    const { traces, layout } = reliefFigure(RELIEF, "above", LOOK);
    assert.deepEqual(
      traces.map(({ type }) => type),
      ["contour", "scatter", "scatter", "heatmap"],
    );
    assert.equal(layout["scene"], undefined);
    assert.deepEqual(layout["xaxis"].range, [0, 2]);
  });

  test("draws no inline style, which the page's policy forbids", () => {
    for (const view of /** @type {const} */ (["turned", "above"])) {
      const { traces } = reliefFigure(RELIEF, view, LOOK);
      // Plotly's own colour bar, and smoothing other than the best, are drawn with inline styles.
      for (const trace of traces.filter(({ colorscale }) => colorscale))
        assert.equal(trace["showscale"], false);
      for (const trace of traces.filter(({ type }) => type === "heatmap"))
        assert.equal(trace["zsmooth"], "best");
    }
  });

  test("gives the losses as they are, and the path with them", () => {
    const lines = tableOf(reliefFigure(RELIEF, "turned", LOOK).series).split("\r\n");
    assert.equal(lines[0], "series,first,second,loss");
    assert.deepEqual(lines.slice(4, 9), [
      "surface,0,20,4",
      "surface,1,20,",
      "surface,2,20,6",
      "path,0,10,5",
      "path,1,15,1",
    ]);
  });

  test("says of its scale which losses stand where", () => {
    const levels = levelsOf({ heights: [1, 10, 100000], shares: [0, 0.5, 1], tracks: [] });
    assert.deepEqual(levels, [
      [0, "1"],
      [0.5, "10"],
      [1, "100k"],
    ]);
    assert.deepEqual(levelsOf({ heights: [], shares: [], tracks: [] }), []);
    // A landscape that has just begun: all known heights are near each other.
    const near = levelsOf({ heights: [42.1, 42.4, 43.2, 45], shares: [0, 0.25, 0.5, 1], tracks: [] });
    assert.deepEqual(
      near.map(([, text]) => text),
      ["42.1", "42.4", "43.2", "45"],
    );
  });
});

test("a path alone has its steps, and two axes of one name are two columns", () => {
  /** @type {any} */
  const trajectory = {
    relief: { ...RELIEF, losses: [], marks: [], axes: ["random", "random"] },
    steps: [0, 200],
  };
  const { traces, series } = pathFigure({ trajectory, ...LOOK });
  assert.deepEqual(
    traces.map(({ type }) => type),
    ["scatter", "heatmap"],
  );
  assert.match(
    tableOf(series),
    /^series,random 1,random 2,loss,step\r\npath,0,10,5,0\r\npath,1,15,1,200\r\n$/,
  );
});

test("a line between checkpoints is two curves, train drawn through and test dashed", () => {
  const along = new Map([
    ["train", vectors({ x: [0, 1], losses: [2, 1], marks: [] })],
    ["test", vectors({ x: [0, 1], losses: [3, 2], marks: [] })],
  ]);
  /** @type {any} */
  const drawn = { kind: "line", along, from: "now", to: "state-1" };
  const color = (/** @type {string} */ token) => `#${token}`;
  const { traces, layout } = landscapeFigure({ drawn, color, ...LOOK }, "turned");
  const looks = traces
    .filter(({ hoverinfo }) => !hoverinfo)
    .map(({ name, line }) => [name, line.color, line.dash]);
  assert.deepEqual(looks, [
    ["train", "#train", "solid"],
    ["test", "#test", "5px,3px"],
  ]);
  assert.equal(layout["xaxis"].title.text, "α, from now to state-1");
  assert.equal(present(traces[0])["mode"], "lines+markers");
});
