import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import {
  changedKind,
  controlKind,
  defaultOf,
  fromSlider,
  isNestedList,
  isPlainList,
  resolved,
  schemaAt,
  sliderRange,
  toSlider,
  variants,
  withoutNull,
} from "../../static/form/schema.js";
import { isObject } from "../../static/core/json.js";
import { present, python } from "./support.js";

/** @import { Json, JsonObject, Schema } from "../../static/types.d.ts" */

/** The schema of the engine as it is now: what is tested here is tested over the whole catalog. */
const { schema: ROOT, experiment: EXPERIMENT } = /** @type {{ schema: Schema, experiment: JsonObject }} */ (
  python(
    "import json; from glassnet.engine.experiment.experiment import Experiment; " +
      ("print(json.dumps({'schema': Experiment.model_json_schema(), 'experiment': " +
        "Experiment.parse({'data': {'kind': 'spiral'}}).document()}))"),
  )
);

/**
 * Unions by where they first stand; the same union elsewhere is the same.
 *
 * @type {Map<string, { place: string, schema: Schema }>}
 */
const unions = new Map();
/** Every field of every item and group. @type {{ place: string, schema: Schema, nullable: boolean }[]} */
const fields = [];

/** @param {string} place @param {Schema} given */
function gather(place, given) {
  const { schema, nullable } = withoutNull(ROOT, given);
  fields.push({ place, schema, nullable });
  if (schema.discriminator) {
    const name = Object.keys(schema.discriminator.mapping).join();
    if (unions.has(name)) return;
    unions.set(name, { place, schema });
    for (const [kind, each] of present(variants(ROOT, schema))) gatherFields(`${place}(${kind})`, each);
  } else if (schema.items) {
    gather(`${place}[]`, schema.items);
  } else {
    gatherFields(place, schema);
  }
}

/** @param {string} place @param {Schema} schema */
function gatherFields(place, schema) {
  for (const [name, each] of Object.entries(schema.properties ?? {})) gather(`${place}/${name}`, each);
}

before(() => gather("", ROOT));

/** @param {Json | undefined} value */
function typeOf(value) {
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}

/**
 * Whether a value is one the schema allows: the little of JSON Schema that pydantic writes.
 *
 * @param {Schema} given @param {Json | undefined} value @returns {boolean}
 */
function allows(given, value) {
  const schema = resolved(ROOT, given);
  if (schema.anyOf) return schema.anyOf.some((each) => allows(each, value));
  if (schema.oneOf) {
    const reference = isObject(value) ? schema.discriminator?.mapping[String(value["kind"])] : undefined;
    return reference !== undefined && allows({ $ref: reference }, value);
  }
  if (schema.const !== undefined) return value === schema.const;
  if (schema.enum) return schema.enum.includes(value ?? null);
  if (schema.type === "integer" ? !Number.isInteger(value) : typeOf(value) !== schema.type) return false;
  if (typeof value === "number") {
    return (
      value >= (schema.minimum ?? -Infinity) &&
      value <= (schema.maximum ?? Infinity) &&
      value > (schema.exclusiveMinimum ?? -Infinity) &&
      value < (schema.exclusiveMaximum ?? Infinity)
    );
  }
  if (Array.isArray(value)) {
    return (
      value.length >= (schema.minItems ?? 0) &&
      value.length <= (schema.maxItems ?? Infinity) &&
      value.every((each) => allows(schema.items ?? {}, each))
    );
  }
  if (!isObject(value)) return true;
  return Object.entries(value).every(
    ([name, each]) => schema.properties?.[name] !== undefined && allows(schema.properties[name] ?? {}, each),
  );
}

describe("every field of every item", () => {
  test("is found, and there are many", () => {
    assert.ok(fields.length > 150, `${fields.length} fields`);
    assert.ok(unions.size >= 9, `${unions.size} unions`);
  });

  test("has a control that suits its type", () => {
    /** @type {Record<string, (schema: Schema) => boolean>} */
    const suits = {
      number: ({ type }) => type === "integer" || type === "number",
      toggle: ({ type }) => type === "boolean",
      choice: (schema) => present(schema.enum ?? schema.examples).length > 1,
      variant: (schema) => Object.keys(present(schema.discriminator).mapping).length > 0,
      marks: (schema) =>
        schema.type === "array" && present(resolved(ROOT, present(schema.items)).enum).length > 1,
      list: (schema) =>
        schema.type === "array" &&
        (resolved(ROOT, present(schema.items)).discriminator !== undefined ||
          resolved(ROOT, present(schema.items)).type === "object"),
      group: (schema) => schema.properties !== undefined,
      text: (schema) => schema.type === "string" || isPlainList(ROOT, schema) || isNestedList(ROOT, schema),
      mixed: (schema) =>
        present(schema.anyOf).every(({ type }) =>
          ["integer", "number", "string", "array"].includes(type ?? ""),
        ),
    };
    for (const { place, schema } of fields) {
      const kind = controlKind(ROOT, schema);
      assert.ok(
        suits[kind]?.(schema),
        `${place} is shown as ${kind}: ${JSON.stringify(schema).slice(0, 200)}`,
      );
    }
  });

  test("has a default the schema itself allows", () => {
    for (const { place, schema, nullable } of fields) {
      const value = defaultOf(ROOT, schema);
      if (place === "" || (value === null && nullable)) continue;
      assert.ok(allows(schema, value), `${place}: ${JSON.stringify(value)}`);
    }
  });

  test("says what it is", () => {
    for (const { place, schema } of fields) {
      if (!place.endsWith("/kind") && !place.endsWith("[]")) assert.ok(schema.description, place);
    }
  });
});

describe("every slider", () => {
  /** @returns {{ place: string, schema: Schema, range: NonNullable<ReturnType<typeof sliderRange>> }[]} */
  const sliders = () =>
    fields.flatMap(({ place, schema }) => {
      const range = controlKind(ROOT, schema) === "number" ? sliderRange(schema) : null;
      return range ? [{ place, schema, range }] : [];
    });

  test("is where numbers have bounds, logarithmic where the schema says so", () => {
    const places = new Map(sliders().map(({ place, range }) => [place.split("/").at(-1), range]));
    assert.equal(places.get("learning_rate")?.log, true);
    assert.equal(places.get("noise")?.log, false);
    assert.equal(places.has("seed"), false);
  });

  test("says only what the schema allows, from end to end", () => {
    for (const { place, schema, range } of sliders()) {
      assert.ok(range.low < range.high && range.step > 0, place);
      for (let share = 0; share <= 1; share += 0.01) {
        const value = fromSlider(range, Math.min(1, share));
        assert.ok(allows(schema, value), `${place}: ${value}`);
      }
      assert.ok(allows(schema, fromSlider(range, 1)), `${place}: ${fromSlider(range, 1)}`);
    }
  });

  test("stands where its value is", () => {
    for (const { place, range } of sliders()) {
      let last = -Infinity;
      for (const share of [0, 0.25, 0.5, 0.75, 1]) {
        const value = fromSlider(range, share);
        assert.ok(value >= last, place);
        last = value;
        const back = toSlider(range, value);
        const width = range.log
          ? 0.09 / Math.log10(range.high / range.low)
          : range.step / (range.high - range.low);
        assert.ok(
          Math.abs(back - share) <= 0.51 * width + (range.log ? width : 0) + 1e-9,
          `${place}: ${share} became ${back}`,
        );
      }
    }
  });

  test("stops at its ends for values beyond", () => {
    const range = { low: 0.001, high: 10, log: true, step: 0.01 };
    assert.deepEqual([toSlider(range, 0), toSlider(range, 1e9)], [0, 1]);
    assert.deepEqual(
      [toSlider({ ...range, log: false }, -5), toSlider({ ...range, log: false }, 11)],
      [0, 1],
    );
  });

  test("of a rate gives round numbers", () => {
    const range = { low: 1e-6, high: 10, log: true, step: 0.01 };
    for (let share = 0; share <= 1; share += 0.001) {
      const [mantissa] = fromSlider(range, share).toExponential().split("e");
      assert.ok(["1", "1.5", "2", "3", "5", "7"].includes(mantissa ?? ""), `${fromSlider(range, share)}`);
    }
  });
});

describe("unions", () => {
  test("have the kinds of their mapping, in the schema's order", () => {
    for (const { place, schema } of unions.values()) {
      const found = present(variants(ROOT, schema));
      assert.deepEqual(
        new Set(found.keys()),
        new Set(Object.keys(present(schema.discriminator).mapping)),
        place,
      );
      const inOrder = present(schema.oneOf).map((each) => resolved(ROOT, each).properties?.["kind"]?.const);
      assert.deepEqual([...found.keys()], inOrder, place);
      for (const [kind, each] of found) assert.equal(each.properties?.["kind"]?.const, kind);
    }
  });

  test("are followed by their mapping, whatever the definitions are called", () => {
    /** @type {Schema} */
    const root = {
      $defs: {
        "a/b": { properties: { kind: { const: "sgd" } } },
        Adam: { properties: { kind: { const: "adam" } } },
      },
      oneOf: [{ $ref: "#/$defs/Adam" }, { $ref: "#/$defs/a~1b" }],
      discriminator: { propertyName: "kind", mapping: { sgd: "#/$defs/a~1b", adam: "#/$defs/Adam" } },
    };
    const found = present(variants(root, root));
    assert.deepEqual(
      [...found].map(([kind, each]) => [kind, each.properties?.["kind"]?.const]),
      [
        ["adam", "adam"],
        ["sgd", "sgd"],
      ],
    );
  });

  test("are none where nothing tells them apart", () => {
    assert.equal(variants(ROOT, { type: "string" }), null);
  });

  test("give each kind a default that is complete and allowed", () => {
    for (const { place, schema } of unions.values()) {
      for (const [kind, each] of present(variants(ROOT, schema))) {
        const value = /** @type {JsonObject} */ (defaultOf(ROOT, each));
        assert.equal(value["kind"], kind);
        assert.deepEqual(Object.keys(value), Object.keys(present(each.properties)), `${place}(${kind})`);
        assert.ok(allows(schema, value), `${place}: ${JSON.stringify(value)}`);
      }
    }
  });

  test("give an allowed item for every change of kind", () => {
    for (const { place, schema } of unions.values()) {
      const found = [...present(variants(ROOT, schema))];
      for (const [before, from] of found) {
        for (const [after, to] of found) {
          const value = changedKind(ROOT, to, defaultOf(ROOT, from));
          assert.equal(value["kind"], after);
          assert.ok(allows(schema, value), `${place}, ${before} to ${after}: ${JSON.stringify(value)}`);
        }
      }
    }
  });
});

describe("a change of kind", () => {
  /** @type {Schema} */
  const root = {
    $defs: {
      X: {
        type: "object",
        properties: {
          kind: { const: "x" },
          rate: { type: "number", minimum: 0 },
          parts: {
            type: "array",
            items: {
              oneOf: [{ $ref: "#/$defs/Y" }],
              discriminator: { propertyName: "kind", mapping: { y: "#/$defs/Y" } },
            },
            default: [],
          },
        },
      },
      Y: {
        type: "object",
        properties: {
          kind: { const: "y" },
          share: { type: "number", exclusiveMinimum: 0, default: 0.5 },
          count: { type: "integer", default: 1 },
          note: { anyOf: [{ type: "string" }, { type: "null" }], default: null },
        },
      },
    },
  };
  const [x, y] = [resolved(root, { $ref: "#/$defs/X" }), resolved(root, { $ref: "#/$defs/Y" })];

  test("keeps what both kinds have and allow", () => {
    assert.deepEqual(changedKind(root, y, { kind: "z", share: 0.25, count: 3, note: null, other: 1 }), {
      kind: "y",
      share: 0.25,
      count: 3,
      note: null,
    });
    assert.deepEqual(changedKind(root, x, { kind: "y", rate: 3 }), { kind: "x", rate: 3, parts: [] });
  });

  test("keeps nothing that the new kind refuses", () => {
    assert.deepEqual(changedKind(root, y, { kind: "z", share: 0, count: 0.5, note: 7 }), {
      kind: "y",
      share: 0.5,
      count: 1,
      note: null,
    });
    assert.deepEqual(changedKind(root, x, { kind: "z", rate: -1, parts: [{ kind: "unknown" }] }), {
      kind: "x",
      rate: 0,
      parts: [],
    });
    assert.deepEqual(changedKind(root, x, { kind: "z", rate: 1, parts: [{ kind: "y" }] }), {
      kind: "x",
      rate: 1,
      parts: [{ kind: "y" }],
    });
  });

  test("keeps a magnitude only where both kinds start from the same one", () => {
    /** @param {number} fallback @returns {Schema} */
    const rated = (fallback) => ({
      type: "object",
      properties: { kind: { const: "r" }, rate: { type: "number", scale: "log", default: fallback } },
    });
    assert.deepEqual(changedKind(root, rated(1), { kind: "z", rate: 0.05 }, rated(0.01)), {
      kind: "r",
      rate: 1,
    });
    assert.deepEqual(changedKind(root, rated(0.01), { kind: "z", rate: 0.05 }, rated(0.01)), {
      kind: "r",
      rate: 0.05,
    });
  });

  test("from nothing is the kind's defaults", () => {
    assert.deepEqual(changedKind(root, y, null), { kind: "y", share: 0.5, count: 1, note: null });
  });
});

describe("null beside a type", () => {
  test("is taken off, and the words beside the union kept", () => {
    const { schema, nullable } = withoutNull(
      {},
      {
        anyOf: [{ type: "integer", minimum: 1, description: "inner" }, { type: "null" }],
        description: "outer",
        unit: "steps",
        default: null,
      },
    );
    assert.deepEqual(
      [nullable, schema.type, schema.minimum, schema.description, schema.unit, schema.default],
      [true, "integer", 1, "outer", "steps", null],
    );
    assert.equal(schema.anyOf, undefined);
  });

  test("leaves a union of others a union", () => {
    const { schema, nullable } = withoutNull({}, { anyOf: [{ type: "integer" }, { type: "string" }] });
    assert.deepEqual([nullable, controlKind({}, schema)], [false, "mixed"]);
    const three = withoutNull({}, { anyOf: [{ type: "integer" }, { type: "string" }, { type: "null" }] });
    assert.deepEqual([three.nullable, three.schema.anyOf?.length], [true, 2]);
  });
});

describe("references", () => {
  test("are followed, with what is said beside them on top", () => {
    /** @type {Schema} */
    const root = {
      $defs: { A: { $ref: "#/$defs/B", title: "A" }, B: { type: "object", title: "B", description: "b" } },
    };
    assert.deepEqual(resolved(root, { $ref: "#/$defs/A", default: 1 }), {
      type: "object",
      title: "A",
      description: "b",
      default: 1,
    });
  });

  test("to nothing are an error that names them", () => {
    assert.throws(() => resolved({}, { $ref: "#/$defs/Missing" }), /no #\/\$defs\/Missing/);
  });
});

describe("the schema at a place of a document", () => {
  test("is found for every value of an experiment", () => {
    let count = 0;
    /** @param {string[]} parts @param {Json} value */
    const walk = (parts, value) => {
      const found = schemaAt(ROOT, EXPERIMENT, parts);
      assert.ok(found, `/${parts.join("/")}`);
      if (parts.length > 0)
        assert.ok(value === null ? found.nullable : allows(found.schema, value), `/${parts.join("/")}`);
      count++;
      for (const [name, each] of Object.entries(typeof value === "object" && value ? value : {}))
        walk([...parts, name], each);
    };
    walk([], EXPERIMENT);
    assert.ok(count > 40, `${count} places`);
  });

  test("follows the document's own kinds", () => {
    const document = {
      data: { kind: "spiral" },
      training: { updates: [{ optimizer: { kind: "adam" } }, { optimizer: { kind: "sgd" } }] },
    };
    assert.equal(
      schemaAt(ROOT, document, ["training", "updates", "0", "optimizer", "beta1"])?.schema.type,
      "number",
    );
    assert.equal(schemaAt(ROOT, document, ["training", "updates", "1", "optimizer", "beta1"]), null);
    assert.equal(schemaAt(ROOT, document, ["data", "nothing"]), null);
    assert.equal(schemaAt(ROOT, { data: { kind: "unheard of" } }, ["data", "noise"]), null);
  });
});
