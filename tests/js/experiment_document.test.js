import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { readExperiment, MOST_CHARACTERS } from "../../static/core/experiment_document.js";
import { readFragment, fromFragment, toFragment } from "../../static/core/share_link.js";

const EXPERIMENT = { title: "Mine", data: { kind: "xor" }, network: [] };

describe("a document from elsewhere", () => {
  test("is an experiment where it has data of a kind, a byte order mark or not", () => {
    for (const mark of ["", "\uFEFF"])
      assert.deepEqual(readExperiment(mark + JSON.stringify(EXPERIMENT)), EXPERIMENT);
  });

  for (const [text, said] of /** @type {const} */ ([
    ["", "it is not JSON"],
    ["\x89PNG", "it is not JSON"],
    ["[1, 2]", "it is JSON, but a list"],
    ["null", "it is JSON, but null"],
    ["7", "it is JSON, but a number"],
    ["{}", "it is an empty object"],
    ['{"name": "x", "version": "1.0.0"}', 'it is JSON, but has "name", "version"'],
    ['{"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}', 'it is JSON, but has "a", "b", "c", "d", "…"'],
    ['{"data": null}', 'it is JSON, but has "data"'],
    ['{"data": {"rows": []}}', 'its "data" has no "kind"'],
  ]))
    test(`that is ${text || "empty"} is refused with what was expected`, () => {
      assert.throws(() => readExperiment(text), {
        message: new RegExp(`^${said}; expected an experiment, as`),
      });
    });

  test("is refused unread where it is too long", () => {
    assert.throws(
      () => readExperiment(" ".repeat(MOST_CHARACTERS + 1)),
      /1,048,577 characters; expected at most/,
    );
  });
});

describe("a link", () => {
  test("is found in a text that is one, and nowhere else", async () => {
    const fragment = await toFragment(EXPERIMENT);
    assert.deepEqual(await fromFragment(fragment), EXPERIMENT);
    for (const text of [fragment, ` http://127.0.0.1:8265/${fragment}\n`])
      assert.equal(readFragment(text), fragment);
    for (const text of ["", "#g1=", `see ${fragment}`, JSON.stringify(EXPERIMENT)])
      assert.equal(readFragment(text), null);
  });

  test("that is cut off, altered or holds something else says so", async () => {
    const fragment = await toFragment(EXPERIMENT);
    for (const damaged of [fragment.slice(0, -9), "#g1=nonsense", "#g1=§"])
      await assert.rejects(fromFragment(damaged), { message: "it is cut off or altered" });
    await assert.rejects(fromFragment(await toFragment({ a: 1 })), /it is JSON, but has "a"; expected/);
  });
});
