import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { helpOf } from "../../static/form/field.js";
import { labelOf } from "../../static/form/labels.js";
import { clearProblems, moved, showProblems } from "../../static/form/form.js";
import { nudged, numberProblem, parseNumber, typedNumber } from "../../static/form/number.js";
import { parseText } from "../../static/form/simple.js";

/** @import { Located } from "../../static/types.d.ts" */

describe("a typed number", () => {
  /** @type {[string, number | null][]} */
  const cases = [
    ["0.5", 0.5],
    [" 12 ", 12],
    ["1e-3", 0.001],
    ["-3", -3],
    ["−3", -3],
    [".5", 0.5],
    ["0,5", 0.5],
    ["-0,25", -0.25],
    ["1 000", 1000],
    ["1,000,000", 1_000_000],
    ["12_500", 12_500],
    ["50 %", 0.5],
    ["7%", 0.07],
    ["0,001", 0.001],
    ["0,003", 0.003],
    ["0,025", 0.025],
    ["0,125", 0.125],
    ["−0,125", -0.125],
    ["00,125", 0.125],
    [",125", 0.125],
    ["0,0005", 0.0005],
    ["1,25", 1.25],
    ["12,5 %", 0.125],
    ["0,001 %", 0.00001],
    ["1,5e-3", 0.0015],
    ["0,001e2", 0.1],
    ["+0,5", 0.5],
    ["5.", 5],
    ["1,000", 1000],
    ["10,000", 10_000],
    ["1,234.5", 1234.5],
    ["1.234,5", 1234.5],
    ["1 234,5", 1234.5],
    ["1’000", 1000],
    ["1,234,567", 1_234_567],
    ["1.234.567", 1_234_567],
    ["0.125", 0.125],
    ["1,125", null],
    ["-12,345", null],
    ["1,125e-3", null],
    ["0,000,125", null],
    ["1,00,000", null],
    ["0 001", null],
    ["1,2,3", null],
    ["1 %%", null],
    ["", null],
    ["  ", null],
    ["abc", null],
    ["1.2.3", null],
    ["Infinity", null],
    ["NaN", null],
    ["1e999", null],
  ];
  for (const [typed, value] of cases)
    test(`${JSON.stringify(typed)} is ${value}`, () =>
      assert.equal(parseNumber(typed, { type: "number" }), value));

  test("of which a comma may mean two things is asked about, and is a count where only counts are wanted", () => {
    assert.equal(
      numberProblem("1,125", { type: "number" }),
      "1,125 may be 1.125 or 1125; expected one of these, without a comma",
    );
    assert.equal(numberProblem("a", { type: "integer" }), "a; expected a whole number");
    assert.equal(parseNumber("1,125", { type: "integer" }), 1125);
    assert.equal(parseNumber("1.000", { type: "integer" }), null, "one, or a thousand");
    assert.equal(
      numberProblem("1.000", { type: "integer" }),
      "1.000 may be 1 or 1000; expected one of these, as a whole number",
    );
  });

  test("in a text field is one within its bounds, and the field says why it is none", () => {
    const field = (/** @type {string} */ value) =>
      /** @type {any} */ ({
        value,
        title: "",
        setAttribute(/** @type {string} */ _, /** @type {string} */ said) {
          this.invalid = said;
        },
      });
    const bounds = /** @type {const} */ ({ min: 1e-8, max: 100, step: "any" });
    assert.equal(typedNumber(field("0,001"), bounds), 0.001);
    for (const [typed, why] of [
      ["1,125", "may be 1.125 or 1125"],
      ["0,001e9", "from 1e-8 to 100"],
      ["", "nothing; expected"],
    ]) {
      const input = field(typed ?? "");
      assert.equal(typedNumber(input, bounds), null);
      assert.equal(input.invalid, "true");
      assert.ok(input.title.includes(why), input.title);
    }
  });

  test("has no percent where whole numbers are wanted", () => {
    assert.equal(parseNumber("50%", { type: "integer" }), null);
    assert.equal(parseNumber("50", { type: "integer" }), 50);
  });
});

describe("an arrow key", () => {
  test("moves a whole number by one, within its bounds", () => {
    const schema = { type: "integer", minimum: 1, maximum: 3 };
    assert.deepEqual([nudged(2, 1, schema), nudged(3, 1, schema), nudged(1, -1, schema)], [3, 3, 1]);
  });

  test("moves a rate by its leading digit", () => {
    const schema = { type: "number", scale: "log", minimum: 0 };
    assert.deepEqual(
      [nudged(0.03, 1, schema), nudged(0.03, -1, schema), nudged(200, 1, schema)],
      [0.04, 0.02, 300],
    );
  });

  test("moves a share by a twentieth, without crumbs of rounding", () => {
    assert.deepEqual([nudged(0.1, 1, { type: "number" }), nudged(0.3, -1, { type: "number" })], [0.15, 0.25]);
  });
});

describe("typed text", () => {
  const numbers = { type: "array", items: { type: "integer" } };
  const mixed = { anyOf: [{ type: "integer" }, { type: "string" }] };

  test("is itself, trimmed; empty is nothing where that is allowed", () => {
    assert.deepEqual(
      [
        parseText(" conv* ", {}, { type: "string" }, false),
        parseText("", {}, { type: "string" }, true),
        parseText("", {}, { type: "string" }, false),
      ],
      ["conv*", null, ""],
    );
  });

  test("is a list at commas or spaces; what is no number is left for the server to refuse", () => {
    assert.deepEqual(parseText("0, 2 5", {}, numbers, false), [0, 2, 5]);
    assert.deepEqual(parseText("1, two", {}, numbers, false), [1, "two"]);
    assert.deepEqual(parseText("", {}, numbers, false), []);
    const lists = { type: "array", items: { type: "array", items: { type: "number" } } };
    assert.deepEqual(parseText("[[16, 16], [28, 9]]", {}, lists, false), [
      [16, 16],
      [28, 9],
    ]);
    assert.equal(parseText("[[16, 16", {}, lists, false), "[[16, 16");
    assert.deepEqual(parseText("a, b", {}, { type: "array", items: { type: "string" } }, false), ["a", "b"]);
  });

  test("is a number where a number or a word may stand", () => {
    assert.deepEqual([parseText("3", {}, mixed, false), parseText("same", {}, mixed, false)], [3, "same"]);
    const sides = {
      anyOf: [{ type: "integer" }, { type: "array", items: { type: "integer" } }, { type: "string" }],
    };
    assert.deepEqual(
      ["3", "3, 5", "3×5", "same"].map((typed) => parseText(typed, {}, sides, false)),
      [3, [3, 5], [3, 5], "same"],
    );
    assert.equal(parseText("3", {}, { type: "string" }, false), "3");
  });
});

test("an entry that is moved changes places with none but those between", () => {
  assert.deepEqual(moved(["a", "b", "c", "d"], 2, 0), ["c", "a", "b", "d"]);
  assert.deepEqual(moved(["a", "b", "c", "d"], 0, 2), ["b", "c", "a", "d"]);
});

describe("problems", () => {
  function form() {
    /** @type {Map<string, string | null>} */
    const said = new Map();
    const fields = new Map(
      ["/data", "/data/noise", "/network"].map((pointer) => [
        pointer,
        {
          complain: (/** @type {Located | null} */ problem) =>
            void said.set(pointer, problem?.message ?? null),
          warn: () => {},
        },
      ]),
    );
    return { said, fields };
  }

  test("are told at their field, or at the nearest around it", () => {
    const { said, fields } = form();
    const left = showProblems(fields, [
      { pointer: "/data/noise", message: "too loud" },
      { pointer: "/network/3/units", message: "too many" },
    ]);
    assert.deepEqual(
      [...said],
      [
        ["/data/noise", "too loud"],
        ["/network", "too many"],
      ],
    );
    assert.deepEqual(left, []);
  });

  test("that have no field come back", () => {
    const { said, fields } = form();
    const problems = [
      { pointer: "/task/losses/0", message: "no" },
      { pointer: "", message: "too long" },
    ];
    assert.deepEqual(showProblems(fields, problems), problems);
    assert.equal(said.size, 0);
  });

  test("are cleared everywhere", () => {
    const { said, fields } = form();
    clearProblems(fields);
    assert.deepEqual([...said.values()], [null, null, null]);
  });
});

describe("a field's words", () => {
  test("name it as people do", () => {
    assert.deepEqual([labelOf("batch_size", {}), labelOf("beta1", {})], ["Batch size", "β₁"]);
    assert.equal(
      labelOf("p", { description: "Share of the numbers that are dropped." }),
      "p, share of the numbers that are dropped",
    );
  });

  test("say what it is, between which bounds, and whether training goes on", () => {
    assert.equal(
      helpOf({ description: "Points.", minimum: 10, maximum: 100_000, unit: "px" }),
      "Points. From 10 to 100,000 px.",
    );
    assert.equal(
      helpOf({ description: "Rate.", exclusiveMinimum: 0, maximum: 1, live: true }),
      "Rate. Above 0 to 1. Changes while training goes on.",
    );
    assert.equal(helpOf({ description: "Only a lower bound.", minimum: 0 }), "Only a lower bound.");
  });
});
