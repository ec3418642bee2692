import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { Dictionary } from "../../../static/widgets/explanations/dictionary.js";
import { catalogue } from "../experiments.js";
import { present } from "../support.js";

/** @type {Dictionary} */
let dictionary;
before(() => {
  dictionary = new Dictionary(catalogue(), {
    loss: { label: "Loss", description: "How wrong.", formula: "L = 1/n Σ L", shown: ["loss", "test loss"] },
    step: { label: "Step", description: "One update.", see: "/reference/optimizers" },
    panel_maps: { label: "Maps", description: "Every map.", shown: ["maps panel"] },
  });
});

describe("an explanation", () => {
  test("is found by a label's words, whatever its capitals and numbers", () => {
    for (const words of ["Loss", "LOSS", " test  loss 0.31", "loss −3.1e-5", "loss:", "Loss …"])
      assert.equal(dictionary.ofWords(words)?.description, "How wrong.", words);
    assert.equal(dictionary.ofWords("maps"), null);
    assert.equal(dictionary.ofWords(""), null);
  });

  test("leads to the page that says more, or to the word's own entry", () => {
    assert.equal(dictionary.ofTerm("step")?.page, "/reference/optimizers");
    assert.equal(dictionary.ofTerm("loss")?.page, "/reference/words#loss");
    assert.equal(dictionary.ofTerm("weather"), null);
  });

  test("is an item's own words where a label is called as the item is", () => {
    const adam = present(dictionary.ofWords("Adam"));
    assert.deepEqual([adam.label, adam.page], ["Adam", "/reference/optimizers/adam"]);
    assert.match(adam.description, /^Momentum and RMSprop together/);
    assert.match(present(adam.formula), /θ ← θ − η/);
  });

  test("of a choice says what is chosen, of an option what it does and where its item is described", () => {
    const among = ["classification", "regression"];
    const task = dictionary.ofReason({
      label: "Task",
      description: "What it means.",
      kind: "regression",
      among,
    });
    assert.equal(task.page, "/reference/tasks/regression"); // and not the surface of that name
    assert.match(task.label, /^Task: Regression$/);
    const beta = dictionary.ofReason({
      label: "β₁",
      description: "The share.",
      kind: "adam",
      option: "beta1",
    });
    assert.deepEqual(beta, {
      label: "β₁",
      description: "The share.",
      page: "/reference/optimizers/adam#beta1",
    });
  });

  test("of a part of the experiment leads to that part", () => {
    const pages = ["/training/batch_size", "/training/updates/0/every", "/seed"].map(
      (pointer) => dictionary.ofReason({ label: "x", description: "y", pointer }).page,
    );
    assert.deepEqual(pages, [
      "/reference/experiment/training#batch_size",
      "/reference/experiment/updates#every",
      "/reference/experiment/experiment#seed",
    ]);
  });

  test("of a panel is its term, and without one its probe's or study's words", () => {
    assert.equal(dictionary.ofReason({ term: "panel_maps", kind: "maps" }).description, "Every map.");
    assert.equal(
      dictionary.ofReason({ term: "panel_x", kind: "trajectory" }).page,
      "/reference/probes/trajectory",
    );
  });
});
