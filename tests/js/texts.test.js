/** Texts of the page: values, plural forms, another language; and the rule that finds what is declared nowhere. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Linter } from "eslint";
import { texts } from "../../static/core/texts.js";
import { declaredTexts } from "../../tools/texts/declared.js";
import rules from "../../tools/texts/rules.js";

const SCRIPT = "http://127.0.0.1/static/0123456789abcdef/page/bar/bar.js";

test("a text is a string, and with values a function of them", () => {
  const said = texts(SCRIPT, {
    undo: "Undo (Ctrl+Z)",
    waiting: "Not yet on {place}: {changes}, {changes}",
    long: ["The loss against a rising learning rate,", "and the rates worth {what} with."],
  });
  assert.equal(said.undo, "Undo (Ctrl+Z)");
  assert.equal(
    said.waiting({ place: "the server", changes: "$& {place}" }).slice(-22),
    "$& {place}, $& {place}",
  );
  assert.equal(
    said.long({ what: "training" }),
    "The loss against a rising learning rate, and the rates worth training with.",
  );
});

test("the form of a text follows its number", () => {
  const { units } = texts(SCRIPT, {
    units: { one: "{count} unit of {name}", other: "{count} units of {name}" },
  });
  assert.equal(units({ count: 1, name: "tanh 1" }), "1 unit of tanh 1");
  assert.equal(units({ count: 0, name: "tanh 1" }), "0 units of tanh 1");
});

test("a translation takes the place of English, by script and name, with the forms of its language", async () => {
  const translation = {
    "page/bar/bar": {
      undo: "Cofnij",
      units: { one: "{count} jednostka", few: "{count} jednostki", many: "{count} jednostek", other: "?" },
    },
  };
  Object.assign(globalThis, {
    document: {
      documentElement: { lang: "pl" },
      getElementById: () => ({ textContent: JSON.stringify(translation) }),
    },
  });
  // As on another page: a module reads the page's language once.
  const page = await import(`../../static/core/texts.js?${"pl"}`);
  Reflect.deleteProperty(globalThis, "document");
  const said = page.texts(SCRIPT, { undo: "Undo", redo: "Redo", units: { other: "{count} units" } });
  assert.deepEqual([said.undo, said.redo], ["Cofnij", "Redo"]);
  assert.deepEqual(
    [1, 3, 5].map((count) => said.units({ count })),
    ["1 jednostka", "3 jednostki", "5 jednostek"],
  );
  assert.equal(page.texts(SCRIPT.replace("bar.js", "other.js"), { undo: "Undo" }).undo, "Undo");
});

test("the texts of a script are read without running it, and what is no text is refused", () => {
  const source = `
    import { texts } from "../core/texts.js";
    export const TEXTS = texts(import.meta.url, { undo: "Undo", long: ["a", "b"] });
    const UNITS = texts(import.meta.url, { units: { one: "1", other: "{count}" } });
    const SHOWS = texts(import.meta.url, { node: "Node" });`;
  assert.deepEqual(declaredTexts(source), {
    undo: "Undo",
    long: "a b",
    units: { one: "1", other: "{count}" },
    node: "Node",
  });
  const faulty = (/** @type {string} */ record) => () =>
    declaredTexts(`const T = texts(import.meta.url, ${record});`);
  assert.throws(faulty("{ undo: `Undo` }"), /the text 'undo' is neither/);
  assert.throws(faulty('{ undo: "a" + "b" }'), /the text 'undo' is neither/);
  assert.throws(
    () => declaredTexts(`${source} const T = texts(import.meta.url, { node: "" });`),
    /declared twice/,
  );
});

const linter = new Linter();

/** The texts of a program that the rule finds outside of declarations. @param {string} source */
function stray(source) {
  return linter
    .verify(source, {
      plugins: { texts: rules },
      rules: { "texts/in-one-place": "error" },
      languageOptions: { ecmaVersion: "latest", sourceType: "module" },
    })
    .map(({ message }) => /^'(.*)' is shown/.exec(message)?.[1] ?? message);
}

test("what users read outside of a declaration is found, whatever way it reaches them", () => {
  const found = stray(`
    element("p", {}, "live");
    element("button", { "aria-label": \`Delete \${title}\`, title: "more" });
    iconButton("undo", "undo", act);
    setText(node, \`step \${step} of \${steps}\`);
    run.notify("The link was copied.");
    const unit = n === 1 ? "step" : "steps";
    button.title = "off";`);
  assert.deepEqual(found.length, 9, found.join("; "));
});

test("code that looks like words is no text", () => {
  const source = `
    import { a } from "./Some words here.js";
    const TEXTS = texts(import.meta.url, { undo: "Undo it now" });
    element("p", { class: "note lr-under", "data-key": \`name \${name}\` });
    if (event.key === "Escape") throw new Error("the page has no such element");
    root.querySelector(".head > .title, [data-key]");
    switch (key) { case "ArrowLeft": break; }
    const CHOICES = { left: "ArrowLeft", loss: "train" };`;
  assert.deepEqual(stray(source), []);
});
