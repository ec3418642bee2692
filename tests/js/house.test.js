import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { Linter } from "eslint";

/** Half of the page's functions have at most so many lines; eslint.config.js has the limit of the longest. */
const MEDIAN_FUNCTION = 6;

const linter = new Linter();
const STATIC = new URL("../../static/", import.meta.url);

/** @typedef {{ type: string, loc: { start: { line: number }, end: { line: number } } }} Node */

/** @param {unknown} value @returns {value is Node} */
const isNode = (value) => typeof value === "object" && value !== null && "type" in value && "loc" in value;

/** What gives the function in it a name: a declaration is one by itself. */
const NAMING = ["MethodDefinition", "PropertyDefinition", "VariableDeclarator"];

/**
 * The lines of every function that has a name, those inside others too.
 *
 * @param {string} source
 * @returns {number[]}
 */
function functionLengths(source) {
  linter.verify(source, { languageOptions: { ecmaVersion: "latest", sourceType: "module" } });
  /** @type {number[]} */
  const lengths = [];
  /** @param {Node} node @param {Node | null} parent */
  const visit = (node, parent) => {
    const named = node.type === "FunctionDeclaration" || NAMING.includes(parent?.type ?? "");
    if (named && /Function/.test(node.type)) lengths.push(node.loc.end.line - node.loc.start.line + 1);
    for (const [key, value] of Object.entries(node)) {
      if (key === "parent") continue;
      for (const child of [value].flat()) if (isNode(child)) visit(child, node);
    }
  };
  const tree = /** @type {Node} */ (/** @type {unknown} */ (linter.getSourceCode().ast));
  visit(tree, null);
  return lengths;
}

const OURS = readdirSync(STATIC, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith(".js") && !name.startsWith("vendor"));

/** @param {string} name */
const sourceOf = (name) => readFileSync(new URL(name, STATIC), "utf8");

test("what is written on a canvas has a size that grows with the screen", () => {
  const fixed = OURS.filter((name) => /\.font = [`"'][^`"']*\d+px/.test(sourceOf(name)));
  assert.deepEqual(fixed, []);
});

test("functions are counted wherever they have a name", () => {
  const source =
    "function a() {\n}\nconst b = () => {\n\n};\nclass C {\n  d() {}\n  #e = () => 1;\n}\n[].map(() => 2);";
  assert.deepEqual(functionLengths(source), [2, 3, 1, 1]);
});

test("half of the functions of the page are short", () => {
  assert.ok(OURS.length > 200);
  const lengths = OURS.flatMap((name) => functionLengths(sourceOf(name)));
  const long = lengths.filter((length) => length > MEDIAN_FUNCTION).length;
  assert.ok(
    long <= lengths.length / 2,
    `${long} of ${lengths.length} are longer than ${MEDIAN_FUNCTION} lines`,
  );
});
