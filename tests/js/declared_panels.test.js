import assert from "node:assert/strict";
import { test } from "node:test";

import { declaredPanels } from "../../static/page/declared_panels.js";

/** @import { Catalog, CatalogItem } from "../../static/types.d.ts" */

/** @param {Partial<CatalogItem>} more @returns {CatalogItem} */
const item = (more) => ({ kind: "one", label: "One", summary: "One: an item.", reference: "", ...more });

test("a declared panel's script stands beside ours, or in the plug-in's package", () => {
  /** @type {Catalog} */
  const catalog = {
    probes: [
      item({ kind: "surface" }),
      item({ kind: "norms", panel: { title: "Norms", place: "results" } }),
      item({ kind: "units", package: "glassnet_example", panel: { title: "Units", place: "results" } }),
    ],
    studies: [item({ kind: "noise", package: "a.b", panel: { title: "Noise", place: "inspector" } })],
  };
  assert.deepEqual(declaredPanels(catalog, "results"), [
    { kind: "norms", title: "Norms", script: "../panels/norms.js", demand: [{ kind: "norms" }] },
    {
      kind: "units",
      title: "Units",
      script: "../plugins/glassnet_example/panels/units.js",
      demand: [{ kind: "units" }],
    },
  ]);
  assert.deepEqual(declaredPanels(catalog, "inspector"), [
    { kind: "noise", title: "Noise", script: "../plugins/a.b/panels/noise.js", demand: [] },
  ]);
});
