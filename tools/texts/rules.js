/** ESLint's rules about texts: what is visible stands in a declaration of `static/core/texts.js`, and nowhere else. */

import { isDeclaration } from "./declared.js";

/** Attributes whose values are read or heard. */
const SPOKEN = new Set([
  "xLabel",
  "yLabel",
  "title",
  "alt",
  "placeholder",
  "label",
  "aria-label",
  "aria-description",
]);

/** Attributes and arguments whose values are code, however many words they have. */
const CODE = new Set([
  "class",
  "className",
  "style",
  "font",
  "data-term",
  "data-key",
  "d",
  "id",
  "textposition",
  "sizes",
  "accept",
  "type",
]);

/** Functions whose arguments are selectors, names of classes, or mistakes of ours. */
const OF_CODE = new Set([
  "querySelector",
  "querySelectorAll",
  "matches",
  "closest",
  "matchMedia",
  "getContext",
  "createElementNS",
  "setProperty",
  "focusKey",
  "keep",
  "FrameError",
  "includes",
  "startsWith",
  "endsWith",
  "Error",
  "RangeError",
  "TypeError",
]);

/** Words with a capital that are names of keys, types or methods. */
const NAMES =
  /^(Enter|Esc|Ctrl|Escape|Tab|Home|End|Delete|Backspace|Space|Shift|Control|Alt|Meta|Page(Up|Down)|Arrow\w+)$/;

/** Selectors of several parts, which have blanks as well. */
const SELECTOR = /(^|[, ])[.#[][\w-]+|:(first|last|not|is)\b/;

/** A text that users would read: a word that begins like a sentence, or several words, or the end of a sentence. */
const READ =
  /(^|[\s(“])([A-Z]|A )[a-z]+(?![\w-]*[A-Z:])|[A-Za-z]{2,}[,;:.]? [A-Za-z]{2,}|[A-Za-z]{3,}[.…!?]$/;

/** A word beside a value that is put in, in a template. */
const BESIDE_VALUE = /(^|[ (])[a-z]{2,}[,;:)]* …|…[,;:]? ([(]?[a-z]{2,}|% [a-z]+)([ ,;:.)]|$)/;

/** @type {import("eslint").Rule.RuleModule} */
const inOnePlace = {
  meta: {
    type: "problem",
    messages: { stray: "'{{text}}' is shown to users: declare it by texts() of core/texts.js" },
  },
  create(context) {
    /** @param {any} node @param {string} text */
    const report = (node, text) =>
      context.report({ node, messageId: "stray", data: { text: text.slice(0, 60) } });
    return {
      Literal(node) {
        if (typeof node.value === "string" && isVisible(node, node.value)) report(node, node.value);
      },
      TemplateLiteral(/** @type {any} */ node) {
        const text = node.quasis.map((/** @type {any} */ each) => each.value.cooked).join("…");
        if (isVisible(node, text)) report(node, text);
      },
    };
  },
};

/**
 * Whether a literal is shown to users, as far as its words and its place tell.
 *
 * @param {any} node @param {string} text
 */
export function isVisible(node, text) {
  if (!/[A-Za-z]{2}/.test(text) || NAMES.test(text) || SELECTOR.test(text) || isCode(node)) return false;
  if (node.type === "TemplateLiteral" && BESIDE_VALUE.test(text)) return true;
  return READ.test(text) || isShown(node, text) || isPlural(node);
}

/** Whether a literal stands where code is expected: a selector, a key, a class. @param {any} node */
function isCode(node) {
  for (let at = node; at.parent; at = at.parent) {
    const { parent } = at;
    if (/^(Import|Export)\w*Declaration$|^ImportExpression$/.test(parent.type) && parent.source === at)
      return true;
    if (isDeclaration(parent)) return true;
    if (parent.type === "Property" && (parent.key === at || CODE.has(nameOf(parent.key)))) return true;
    if (parent.type === "PropertyDefinition" && nameOf(parent.key) === "name") return true;
    if (parent.type === "TaggedTemplateExpression") return true;
    if (parent.type === "BinaryExpression" && parent.operator !== "+") return true;
    if (parent.type === "SwitchCase" && parent.test === at) return true;
    if (parent.type === "MemberExpression" && parent.property === at) return true;
    if (/^(Call|New)Expression$/.test(parent.type) && parent.callee !== at) {
      if (OF_CODE.has(calledBy(parent)) || isClass(parent, at)) return true;
      if (calledBy(parent) === "element") return false;
    }
    if (parent.type === "AssignmentExpression" && CODE.has(nameOf(parent.left.property))) return true;
    if ((/Function/.test(parent.type) && !parent.expression) || /Statement$/.test(parent.type)) return false;
  }
  return false;
}

/** Whether an argument of a call is a class: the first of `picture`, the second of `setAttribute("class", …)`. */
function isClass(/** @type {any} */ call, /** @type {any} */ argument) {
  const [first, second] = call.arguments;
  if (calledBy(call) === "picture") return first === argument;
  return calledBy(call) === "setAttribute" && first.value === "class" && second === argument;
}

/** Whether a literal is one of two words of which a number chooses. @param {any} node */
function isPlural({ parent }) {
  const { test } = parent;
  return (
    parent.type === "ConditionalExpression" && test.type === "BinaryExpression" && test.right.value === 1
  );
}

/** Whether a literal is a child or a spoken attribute of an element. @param {any} node @param {string} text */
function isShown(node, text) {
  const { parent } = node;
  if (parent.type === "Property" && SPOKEN.has(nameOf(parent.key))) return /[a-z]/.test(text);
  if (parent.type === "AssignmentExpression")
    return /^(textContent|title|placeholder)$/.test(nameOf(parent.left.property));
  if (parent.type !== "CallExpression") return false;
  const place = parent.arguments.indexOf(node);
  if (calledBy(parent) === "element") return place > 1;
  if (calledBy(parent) === "setText") return place === 1;
  return calledBy(parent) === "iconButton" && place === 1;
}

/** @param {any} call */
function calledBy(call) {
  return nameOf(call.callee.property ?? call.callee);
}

/** @param {any} node */
function nameOf(node) {
  return String(node?.name ?? node?.value ?? "");
}

export default { rules: { "in-one-place": inOnePlace } };
