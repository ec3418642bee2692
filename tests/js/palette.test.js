import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { ACTIONS } from "../../static/page/actions.js";
import { grouped } from "../../static/page/examples.js";
import * as entries from "../../static/page/palette/entries.js";

/** @import { RunControl } from "../../static/run/run.js" */

/** @param {string | null} state @param {object} [more] */
const runIn = (state, more = {}) =>
  /** @type {RunControl} */ (
    /** @type {unknown} */ ({
      control: true,
      state: { status: state && { state }, selected: null, undoes: null, redoes: null },
      ...more,
    })
  );

/** @param {RunControl} run */
const reasons = (run) => Object.fromEntries(ACTIONS.map(({ id, reason }) => [id, reason(run)]));

describe("the actions of a run", () => {
  test("say why they cannot be done, or are done", () => {
    const paused = reasons(runIn("paused"));
    assert.deepEqual(
      [paused["play"], paused["step"], paused["epoch"], paused["reset"]],
      [null, null, null, null],
    );
    assert.equal(paused["undo"], "nothing has been changed");
    assert.match(String(reasons(runIn("finished"))["step"]), /finished/);
    assert.match(String(reasons(runIn("failed"))["play"]), /failed/);
    assert.match(String(reasons(runIn("paused", { control: false }))["reset"]), /watch/);
    assert.match(String(reasons(runIn(null))["play"]), /no run/);
  });

  test("have keys of their own", () => {
    const keys = ACTIONS.map((action) => action.keys.join(" "));
    assert.deepEqual([...new Set(keys)], keys);
  });

  test("are called by what they would do", () => {
    const label = ACTIONS[0]?.label;
    assert.ok(typeof label === "function");
    assert.deepEqual(
      ["training", "paused", "finished"].map((state) => label(runIn(state))),
      ["Pause", "Play", "Train on"],
    );
  });
});

describe("the menu of examples", () => {
  test("has them by their groups, in the order in which these come", () => {
    const presets = ["Plane", "Tables", "Plane"].map((group, index) => ({ group, name: `${index}` }));
    const groups = grouped(/** @type {any} */ (presets));
    assert.deepEqual(
      [...groups].map(([group, found]) => [group, ...found.map(({ name }) => name)]),
      [
        ["Plane", "0", "2"],
        ["Tables", "1"],
      ],
    );
  });
});

describe("entries of the palette", () => {
  test("lead to pages and runs", () => {
    const [item] = entries.placeOffers([
      {
        part: "Activations",
        path: "/reference/activations/leaky_relu",
        title: "Leaky ReLU",
        description: "Leaky ReLU: a rectifier.",
      },
    ]);
    assert.deepEqual(
      [item?.href, item?.group, item?.detail, item?.terms],
      [
        "/reference/activations/leaky_relu",
        "Activations",
        "a rectifier.",
        "/reference/activations/leaky relu",
      ],
    );
    const [run] = entries.runOffers(
      /** @type {any} */ ([{ id: "a1", title: "Mine", state: "paused", step: 1250, created: 940 }]),
      1000,
    );
    assert.deepEqual([run?.href, run?.detail], ["/runs/a1", "paused · step 1,250 · 1 min ago"]);
  });

  test("show before anything is typed what can be done, and no catalogue", () => {
    const offers = [
      { id: "undo", group: "This run", label: "Undo", reason: "nothing", act: () => {} },
      { id: "play", group: "This run", label: "Play", act: () => {} },
      { id: "relu", group: "Activation", label: "ReLU", href: "/reference/activations/relu" },
      ...Array.from({ length: 9 }, (_, at) => ({
        id: `${at}`,
        group: "Run",
        label: `${at}`,
        href: "/runs/1",
      })),
    ];
    const shown = entries.atFirst(offers).map(({ id }) => id);
    assert.deepEqual(shown, ["play", "0", "1", "2", "3", "4", "5"]);
  });
});
