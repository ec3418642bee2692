import assert from "node:assert/strict";
import { describe, test } from "node:test";

import {
  difference,
  isEqual,
  isObject,
  partsOf,
  patched,
  pointerOf,
  valueAt,
  withValue,
} from "../../static/core/json.js";
import { chance, present, python } from "./support.js";

/** @import { Json, JsonObject, PatchOperation } from "../../static/types.d.ts" */

describe("pointers", () => {
  test("read as RFC 6901 says in its section 5", () => {
    const document = {
      foo: ["bar", "baz"],
      "": 0,
      "a/b": 1,
      "c%d": 2,
      "e^f": 3,
      "g|h": 4,
      "i\\j": 5,
      'k"l': 6,
      " ": 7,
      "m~n": 8,
    };
    assert.deepEqual(valueAt(document, ""), document);
    const expected = [["bar", "baz"], "bar", 0, 1, 2, 3, 4, 5, 6, 7, 8];
    const pointers = ["/foo", "/foo/0", "/", "/a~1b", "/c%d", "/e^f", "/g|h", "/i\\j", '/k"l', "/ ", "/m~0n"];
    assert.deepEqual(
      pointers.map((pointer) => valueAt(document, pointer)),
      expected,
    );
  });

  test("come back from their parts", () => {
    for (const pointer of ["", "/", "/a~1b/0/m~0n", "/~01", "//"])
      assert.equal(pointerOf(partsOf(pointer)), pointer);
    assert.deepEqual(partsOf("/~01"), ["~1"]);
    assert.equal(pointerOf(["network", 3, "a/b~c"]), "/network/3/a~1b~0c");
  });

  test("that lead nowhere give undefined", () => {
    for (const pointer of ["/a/b/c", "/x", "/list/7", "/list/0/a", "/none/a"]) {
      assert.equal(valueAt({ a: { b: 1 }, list: [2], none: null }, pointer), undefined, pointer);
    }
  });
});

describe("a document with another value", () => {
  test("is a copy along the pointer and shares the rest", () => {
    const before = { a: { b: [1, 2] }, c: { d: 3 } };
    const after = withValue(before, "/a/b/1", 9);
    assert.deepEqual(after, { a: { b: [1, 9] }, c: { d: 3 } });
    assert.deepEqual(before, { a: { b: [1, 2] }, c: { d: 3 } });
    assert.equal(after.c, before.c);
  });

  test("takes values at its end, at new names and in its place", () => {
    assert.deepEqual(withValue({ list: [1] }, "/list/-", 2), { list: [1, 2] });
    assert.deepEqual(withValue({}, "/a/b", 1), { a: { b: 1 } });
    assert.deepEqual(withValue({ a: 1 }, "", 5), 5);
  });
});

describe("equality", () => {
  test("is by content, whatever the order of names", () => {
    assert.ok(isEqual({ a: [1, { b: null }], c: "x" }, { c: "x", a: [1, { b: null }] }));
    assert.ok(isEqual(NaN, NaN));
  });

  test("tells apart what JSON tells apart", () => {
    /** @type {[unknown, unknown][]} */
    const pairs = [
      [1, "1"],
      [null, undefined],
      [null, {}],
      [[], {}],
      [[1], [1, 2]],
      [{ a: 1 }, { a: 1, b: 2 }],
      [{ a: 1 }, { b: 1 }],
      [{ a: undefined }, { b: undefined }],
      [false, 0],
    ];
    for (const [one, other] of pairs) {
      assert.ok(!isEqual(one, other), JSON.stringify([one, other]));
      assert.ok(!isEqual(other, one), JSON.stringify([other, one]));
    }
  });

  test("knows objects from lists and nothing", () => {
    assert.deepEqual([{}, [], null, "a", 1].map(isObject), [true, false, false, false, false]);
  });
});

describe("the difference of two documents", () => {
  test("is nothing for equal ones", () => {
    assert.deepEqual(difference({ a: [1] }, { a: [1] }), []);
  });

  test("names the innermost place", () => {
    const before = { training: { updates: [{ optimizer: { kind: "adam", learning_rate: 0.01 } }] } };
    const after = withValue(before, "/training/updates/0/optimizer/learning_rate", 0.1);
    assert.deepEqual(difference(before, after), [
      { op: "replace", path: "/training/updates/0/optimizer/learning_rate", value: 0.1 },
    ]);
  });

  test("replaces an item of another kind as a whole", () => {
    const before = { optimizer: { kind: "adam", learning_rate: 0.01, beta1: 0.9 } };
    const after = { optimizer: { kind: "sgd", learning_rate: 0.01, momentum: 0 } };
    assert.deepEqual(difference(before, after), [
      { op: "replace", path: "/optimizer", value: after.optimizer },
    ]);
  });

  test("is one operation for one entry inserted or removed, wherever", () => {
    const nodes = ["a", "b", "c", "d"].map((name) => ({ kind: "linear", name }));
    const fresh = { kind: "tanh", name: "fresh" };
    for (let index = 0; index <= nodes.length; index++) {
      const more = nodes.toSpliced(index, 0, fresh);
      assert.deepEqual(difference({ network: nodes }, { network: more }), [
        { op: "add", path: `/network/${index}`, value: fresh },
      ]);
      assert.deepEqual(difference({ network: more }, { network: nodes }), [
        { op: "remove", path: `/network/${index}` },
      ]);
    }
  });

  test("escapes names", () => {
    assert.deepEqual(difference({ "a/b": { "m~n": 1 } }, { "a/b": { "m~n": 2 } }), [
      { op: "replace", path: "/a~1b/m~0n", value: 2 },
    ]);
  });

  test("turns one into the other, for us and for Python's jsonpatch alike", () => {
    const random = chance(7);
    const pick = (/** @type {number} */ below) => Math.floor(random() * below);
    /** @param {number} depth @returns {Json} */
    const anything = (depth) => {
      const choice = pick(depth > 0 ? 8 : 5);
      if (choice < 5) return [null, pick(2) === 0, pick(4), "word", `w${pick(3)}`][choice] ?? null;
      if (choice < 7) return Array.from({ length: pick(5) }, () => anything(depth - 1));
      const names = ["kind", "a/b", "m~n", "units", ""].filter(() => pick(2) === 0);
      return Object.fromEntries(names.map((name) => [name, anything(depth - 1)]));
    };
    /** @param {Json} value @returns {Json} the same with a few changes, as an edit makes them */
    const changed = (value) => {
      if (pick(6) === 0) return anything(2);
      if (Array.isArray(value)) {
        const list = value.map((each) => (pick(4) === 0 ? changed(each) : each));
        if (pick(3) === 0)
          list.splice(pick(list.length + 1), pick(3), ...Array.from({ length: pick(3) }, () => anything(1)));
        return list;
      }
      if (!isObject(value)) return value;
      const entries = Object.entries(value)
        .filter(() => pick(6) > 0)
        .map(([name, each]) => [name, changed(each)]);
      return Object.fromEntries(pick(4) === 0 ? [...entries, ["added", anything(1)]] : entries);
    };
    /** @type {{ before: Json, after: Json, patch: PatchOperation[] }[]} */
    const cases = [];
    for (let count = 0; count < 800; count++) {
      const before = { network: [anything(3), anything(3), anything(2)], training: anything(3) };
      const after = count % 9 === 0 ? anything(4) : changed(before);
      const frozen = structuredClone(before);
      const patch = difference(before, after);
      assert.deepEqual(patched(before, patch), after);
      assert.deepEqual(before, frozen, "arguments stay as they are");
      cases.push({ before, after, patch });
    }
    assert.ok(cases.filter(({ patch }) => patch.length > 1).length > 200, "the cases say something");
    const wrong = python(
      "import json, sys, jsonpatch\n" +
        ("print(json.dumps([case for case in json.load(sys.stdin) if " +
          "jsonpatch.apply_patch(case['before'], case['patch']) != case['after']]))"),
      cases,
    );
    assert.deepEqual(wrong, []);
  });
});

describe("a patch", () => {
  const document = { list: [1, 2, 3], item: { kind: "adam", beta1: 0.9 } };

  test("is applied operation by operation", () => {
    /** @type {PatchOperation[]} */
    const patch = [
      { op: "add", path: "/list/1", value: 9 },
      { op: "remove", path: "/list/0" },
      { op: "add", path: "/list/-", value: 4 },
      { op: "replace", path: "/item/beta1", value: 0.5 },
      { op: "add", path: "/title", value: null },
    ];
    assert.deepEqual(patched(/** @type {JsonObject} */ (document), patch), {
      list: [9, 2, 3, 4],
      item: { kind: "adam", beta1: 0.5 },
      title: null,
    });
    assert.deepEqual(patched({ a: 1 }, [{ op: "replace", path: "", value: [] }]), []);
  });

  // RFC 6902, section 4: what is removed or replaced must be there; lists have no holes.
  /** @type {[string, PatchOperation][]} */
  const unfit = [
    ["replaces an entry beyond a list's end", { op: "replace", path: "/list/3", value: 0 }],
    ["removes an entry beyond a list's end", { op: "remove", path: "/list/3" }],
    ["adds beyond a list's end", { op: "add", path: "/list/4", value: 0 }],
    ["reaches into an entry that is not there", { op: "replace", path: "/list/7/units", value: 0 }],
    ["takes a name for a position", { op: "add", path: "/list/first", value: 0 }],
    ["replaces a field that is not there", { op: "replace", path: "/item/momentum", value: 0 }],
    ["removes a field that is not there", { op: "remove", path: "/item/momentum" }],
    ["adds a field to a number", { op: "add", path: "/item/beta1/x", value: 0 }],
    ["adds below a field that is not there", { op: "add", path: "/other/x", value: 0 }],
  ];
  for (const [what, operation] of unfit) {
    test(`does not fit where it ${what}`, () => {
      assert.throws(
        () => patched(present(/** @type {JsonObject} */ (document)), [operation]),
        /no place|not there/,
      );
    });
  }
});
