/** JSON documents: pointers (RFC 6901), patches (RFC 6902), equality. Nothing here changes its arguments. */

/** @import { Json, JsonObject, PatchOperation } from "../types.d.ts" */

/** @param {string} pointer @returns {string[]} */
export function partsOf(pointer) {
  if (pointer === "") return [];
  return pointer
    .slice(1)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** @param {(string | number)[]} parts */
export function pointerOf(parts) {
  return parts.map((part) => "/" + String(part).replaceAll("~", "~0").replaceAll("/", "~1")).join("");
}

/** @param {Json | undefined} document @param {string} pointer @returns {Json | undefined} */
export function valueAt(document, pointer) {
  let value = document;
  for (const part of partsOf(pointer)) {
    if (Array.isArray(value)) value = value[Number(part)];
    else if (isObject(value)) value = value[part];
    else return undefined;
  }
  return value;
}

/**
 * The document with another value at the pointer.
 *
 * @template T
 * @param {T} document @param {string} pointer @param {Json} value
 * @returns {T}
 */
export function withValue(document, pointer, value) {
  return /** @type {T} */ (replaced(/** @type {Json} */ (document), partsOf(pointer), value));
}

/** @param {Json | undefined} document @param {string[]} parts @param {Json} value @returns {Json} */
function replaced(document, parts, value) {
  const [part, ...rest] = parts;
  if (part === undefined) return value;
  if (Array.isArray(document)) {
    const index = part === "-" ? document.length : Number(part);
    const copy = [...document];
    copy[index] = replaced(document[index], rest, value);
    return copy;
  }
  const object = isObject(document) ? document : {};
  return { ...object, [part]: replaced(object[part], rest, value) };
}

/** @param {unknown} value @returns {value is JsonObject} */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param {unknown} one @param {unknown} other @returns {boolean} */
export function isEqual(one, other) {
  if (Object.is(one, other)) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((value, index) => isEqual(value, other[index]));
  }
  if (!isObject(one) || !isObject(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => name in other && isEqual(one[name], other[name]))
  );
}

/**
 * The patch that turns one document into the other. Lists are compared from both ends, so that one
 * inserted or removed entry is one operation.
 *
 * @param {unknown} before @param {unknown} after
 * @param {string} [path]
 * @returns {PatchOperation[]}
 */
export function difference(before, after, path = "") {
  if (isEqual(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) return listDifference(before, after, path);
  if (!isObject(before) || !isObject(after) || isOtherKind(before, after)) {
    return [{ op: "replace", path, value: /** @type {Json} */ (after) }];
  }
  /** @type {PatchOperation[]} */
  const operations = [];
  for (const name of Object.keys(before)) {
    if (!(name in after)) operations.push({ op: "remove", path: path + pointerOf([name]) });
  }
  for (const [name, value] of Object.entries(after)) {
    const here = path + pointerOf([name]);
    if (name in before) operations.push(...difference(before[name], value, here));
    else operations.push({ op: "add", path: here, value });
  }
  return operations;
}

/**
 * Two items of different kinds have different fields: the whole item is replaced.
 *
 * @param {JsonObject} before @param {JsonObject} after
 */
function isOtherKind(before, after) {
  return before["kind"] !== after["kind"];
}

/** @param {Json[]} before @param {Json[]} after @param {string} path @returns {PatchOperation[]} */
function listDifference(before, after, path) {
  let start = 0;
  while (start < before.length && start < after.length && isEqual(before[start], after[start])) start++;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && isEqual(before[before.length - 1 - end], after[after.length - 1 - end])) end++;
  const removed = before.length - end - start;
  const added = after.slice(start, after.length - end);
  /** @type {PatchOperation[]} */
  const operations = [];
  const both = Math.min(removed, added.length);
  for (let index = start; index < start + both; index++) {
    operations.push(...difference(before[index], after[index], `${path}/${index}`));
  }
  for (let index = start + removed - 1; index >= start + both; index--) {
    operations.push({ op: "remove", path: `${path}/${index}` });
  }
  added.slice(both).forEach((value, offset) => {
    operations.push({ op: "add", path: `${path}/${start + both + offset}`, value });
  });
  return operations;
}

/**
 * The document after a patch; an error where the patch does not fit it.
 *
 * @template T
 * @param {T} document @param {PatchOperation[]} patch
 * @returns {T}
 */
export function patched(document, patch) {
  let value = /** @type {Json} */ (document);
  for (const { op, path, value: given = null } of patch) value = applied(value, op, partsOf(path), given);
  return /** @type {T} */ (value);
}

/**
 * @param {Json | undefined} document @param {PatchOperation["op"]} op @param {string[]} parts
 * @param {Json} value @returns {Json}
 */
function applied(document, op, parts, value) {
  const [part, ...rest] = parts;
  if (part === undefined) return value;
  const adds = op === "add" && rest.length === 0;
  if (Array.isArray(document)) {
    const index = part === "-" && adds ? document.length : Number(part);
    if (!(index in document) && !(adds && index === document.length))
      throw new Error(`'${part}' is not there`);
    const copy = [...document];
    if (rest.length > 0) copy[index] = applied(document[index], op, rest, value);
    else if (op === "remove") copy.splice(index, 1);
    else if (op === "add") copy.splice(index, 0, value);
    else copy[index] = value;
    return copy;
  }
  if (!isObject(document)) throw new Error(`no place for '${part}' in ${JSON.stringify(document)}`);
  if (!adds && !(part in document)) throw new Error(`'${part}' is not there`);
  const copy = { ...document };
  if (rest.length > 0) copy[part] = applied(document[part], op, rest, value);
  else if (op === "remove") delete copy[part];
  else copy[part] = value;
  return copy;
}
