/** Joined scripts: the imports and exports that the server reads are those of a parser, in every script of the page. */

import assert from "node:assert/strict";
import test from "node:test";
import { parse } from "acorn";
import { python } from "./support.js";

const PROGRAM = `
import json, sys
from pathlib import Path
sys.path.insert(0, ".")
from tools.package import use_this_checkout
use_this_checkout()
from glassnet.app.core.comments import without_comments
from glassnet.app.core.joining import JOINED, Module, join
scripts = {path.relative_to("static").as_posix(): path.read_bytes() for path in sorted(Path("static").rglob("*.js"))}
modules = [Module.parse(name, without_comments(source).decode()) for name, source in scripts.items()]
files = join(scripts, "main.js", "core/theme.js")
json.dump({
    "modules": [[each.name, scripts[each.name].decode(), [*each.imports], each.exports, each.body] for each in modules],
    "files": {name: content.decode() for name, content in files.items() if name.endswith(".js")},
}, sys.stdout)
`;

/**
 * @typedef {{ modules: [name: string, source: string, imports: string[], exports: [string, string][], body: string][],
 * files: Record<string, string> }} Answer
 */

/** @param {string} source */
const parsed = (source) => parse(source, { ecmaVersion: "latest", sourceType: "module" }).body;

/** How often a node of a type stands in a program. @param {unknown} node @param {string} type @returns {number} */
function count(node, type) {
  if (node === null || typeof node !== "object") return 0;
  const own = "type" in node && node.type === type ? 1 : 0;
  return Object.values(node).reduce((sum, each) => sum + count(each, type), own);
}

/** The names that a program exports. @param {any[]} program @returns {string[]} */
function exportsOf(program) {
  return program.flatMap((node) => {
    if (node.type !== "ExportNamedDeclaration") return [];
    const { declaration, specifiers } = node;
    const declared = declaration?.declarations ?? (declaration ? [declaration] : []);
    const names = declared.flatMap((/** @type {any} */ { id }) =>
      id.type === "ObjectPattern"
        ? id.properties.map((/** @type {any} */ { value }) => value.name)
        : [id.name],
    );
    return [...names, ...specifiers.map((/** @type {any} */ { exported }) => exported.name)];
  });
}

const { modules, files } = /** @type {Answer} */ (python(PROGRAM));

/** The programs of the scripts, by name. */
const programs = new Map(modules.map(([name, source]) => [name, parsed(source)]));

test("the server reads of every script what a parser reads", () => {
  assert.ok(modules.length > 150);
  for (const [name, source, imports, exports, body] of modules) {
    const program = programs.get(name) ?? [];
    const asked = program.flatMap((/** @type {any} */ node) =>
      node.type === "ImportDeclaration"
        ? [new URL(node.source.value, `http://x/${name}`).pathname.slice(1)]
        : [],
    );
    assert.deepEqual(new Set(imports), new Set(asked), name);
    assert.deepEqual(exports.map(([said]) => said).sort(), exportsOf(program).sort(), name);
    // As a function's body it is a program of its own: nothing of a module is left but what it may say anywhere.
    const left = parsed(`async () => {${body}\n};`);
    assert.equal(count(left, "ImportExpression"), count(program, "ImportExpression"), name);
    assert.equal(body.split("\n").length, source.split("\n").length, name);
  }
});

/** The names that are assigned again anywhere in a program. @param {unknown} node @returns {string[]} */
function assignedIn(node) {
  if (node === null || typeof node !== "object") return [];
  const { type, left, argument } = /** @type {any} */ (node);
  const target = type === "AssignmentExpression" ? left : type === "UpdateExpression" ? argument : null;
  const own = target?.type === "Identifier" ? [target.name] : [];
  return [...own, ...Object.values(node).flatMap(assignedIn)];
}

test("what is exported is never assigned again: importers hold what it was", () => {
  for (const [name, , , exports] of modules) {
    const assigned = new Set(assignedIn(programs.get(name)));
    const held = exports.map(([, local]) => local).filter((local) => assigned.has(local));
    assert.deepEqual(held, [], name);
  }
});

test("a joined script is a program, and what stands for a module exports what that does", () => {
  assert.ok(parsed(files["joined.js"] ?? "").length > 100);
  for (const [name, source] of Object.entries(files))
    if (name !== "joined.js")
      assert.deepEqual(exportsOf(parsed(source)).sort(), exportsOf(programs.get(name) ?? []).sort(), name);
});
