import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { nodeItems } from "../../static/catalog/catalog.js";
import { offered } from "../../static/page/stage/layer_menu.js";
import { nextMatch } from "../../static/widgets/menu.js";
import { catalogue } from "./experiments.js";
import { python } from "./support.js";

const PLACED = `
import json, sys
from glassnet.engine.catalog import catalog
from glassnet.engine.errors import GlassnetError
from glassnet.engine.items.node import Node
from glassnet.engine.network import planner
from glassnet.engine.experiment.experiment import Experiment

given = json.load(sys.stdin)
options = {"linear": {"units": 4}, "residual": {"body": [{"kind": "linear", "units": 4}]}}

def refused(kind):
    placed = {"kind": kind, "name": "placed", **options.get(kind, {})}
    network = [*given["before"], placed, {"kind": "linear", "units": None}]
    try:
        planner.plan(Experiment.parse({"data": given["data"], "network": network}))
    except GlassnetError as error:
        said = str(error)
        if "inputs; expected" in said:
            return True  # one that joins several is added by wiring
        return "'placed" in said and "at least" not in said  # too small is a matter of the picture
    return False

print(json.dumps({kind: refused(kind) for kind in catalog(Node)}))
`;

describe("layers that are offered", () => {
  const numbers = {
    name: "a row of numbers",
    shape: [4],
    data: { kind: "spiral" },
    before: [{ kind: "linear", units: 4 }],
  };
  const picture = { name: "a picture", shape: [3, 64, 64], data: { kind: "shapes", size: 64 }, before: [] };
  for (const { name, shape, ...given } of [numbers, picture]) {
    test(`for ${name} are those the engine lets stand there`, () => {
      /** @type {Record<string, boolean>} */
      const refused = python(PLACED, given);
      const kinds = offered(nodeItems(catalogue()), [], shape).map(({ kind }) => kind);
      assert.ok(kinds.length > 10);
      const missing = Object.keys(refused).filter((kind) => !refused[kind] && !kinds.includes(kind));
      assert.deepEqual(
        kinds.filter((kind) => refused[kind]),
        [],
        "offered, and refused",
      );
      assert.deepEqual(
        missing.filter((kind) => kind !== "input"),
        [],
        "possible, and not offered",
      );
    });
  }
});

test("letters lead to the next entry of a menu that begins so", () => {
  const words = ["Dense and Tanh", "Dense", "Dropout", "Flatten"];
  assert.equal(nextMatch(words, "d", -1), 0);
  assert.equal(nextMatch(words, "d", 0), 1);
  assert.equal(nextMatch(words, "dd", 1), 2); // the same letter again
  assert.equal(nextMatch(words, "dr", 0), 2);
  assert.equal(nextMatch(words, "F", 3), 3);
  assert.equal(nextMatch(words, "x", 0), null);
});
