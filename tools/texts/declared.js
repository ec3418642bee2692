/** The texts that a script of the page declares (`static/core/texts.js`), read from its syntax tree. */

import { Linter } from "eslint";

const linter = new Linter();

/**
 * The syntax tree of a module.
 *
 * @param {string} source
 * @returns {any}
 */
export function treeOf(source) {
  linter.verify(source, { languageOptions: { ecmaVersion: "latest", sourceType: "module" } });
  return linter.getSourceCode().ast;
}

/** Whether a node is a call of `texts`. @param {any} node */
export function isDeclaration(node) {
  return node.type === "CallExpression" && node.callee.type === "Identifier" && node.callee.name === "texts";
}

/**
 * The texts of a module by name. Raises an Error where a text is not a literal, or a name is declared twice.
 *
 * @param {string} source
 * @returns {Record<string, string | Record<string, string>>}
 */
export function declaredTexts(source) {
  /** @type {Record<string, string | Record<string, string>>} */
  const found = {};
  for (const call of treeOf(source).body.flatMap(topLevelCalls)) {
    for (const [name, text] of Object.entries(recordOf(call.arguments[1]))) {
      if (name in found) throw new Error(`the text '${name}' is declared twice`);
      found[name] = text;
    }
  }
  return found;
}

/** The declarations that a statement of a module makes. @param {any} statement @returns {any[]} */
function topLevelCalls(statement) {
  const declared = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
  const variables = declared?.type === "VariableDeclaration" ? declared.declarations : [];
  return variables
    .map((/** @type {any} */ variable) => variable.init)
    .filter((/** @type {any} */ init) => {
      return init && isDeclaration(init);
    });
}

/** @param {any} node an object literal @returns {Record<string, string | Record<string, string>>} */
function recordOf(node) {
  if (node?.type !== "ObjectExpression") throw new Error("texts() is given import.meta.url and a record");
  return Object.fromEntries(
    node.properties.map((/** @type {any} */ property) => {
      const name = property.key?.name ?? property.key?.value;
      return [name, textOf(property.value, name)];
    }),
  );
}

/** @param {any} node @param {string} name @returns {any} */
function textOf(node, name) {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  if (node?.type === "ArrayExpression")
    return node.elements.map((/** @type {any} */ line) => textOf(line, name)).join(" ");
  if (node?.type === "ObjectExpression") return recordOf(node);
  throw new Error(
    `the text '${name}' is neither a literal, nor a list of lines, nor a record of plural forms`,
  );
}
