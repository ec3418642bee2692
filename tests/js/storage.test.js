import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import {
  leaveForNextPage,
  storeChoice,
  storedChoice,
  takeFromPreviousPage,
} from "../../static/core/storage.js";

/** A browser's storage, as far as it is used. @param {Map<string, string>} content */
const storage = (content) => ({
  getItem: (/** @type {string} */ name) => content.get(name) ?? null,
  setItem: (/** @type {string} */ name, /** @type {string} */ value) => void content.set(name, value),
  removeItem: (/** @type {string} */ name) => void content.delete(name),
});

/** @param {() => object} get what reading either storage does */
function provide(get) {
  for (const name of ["localStorage", "sessionStorage"])
    Object.defineProperty(globalThis, name, { configurable: true, get });
}

afterEach(() => provide(() => storage(new Map())));

test("a choice is the browser's to keep, and what is handed over is taken once", () => {
  const content = new Map();
  provide(() => storage(content));
  storeChoice("theme", "dark");
  assert.deepEqual([...content], [["theme", "dark"]]);
  assert.equal(storedChoice("theme"), "dark");
  leaveForNextPage("mark", "x");
  assert.deepEqual([takeFromPreviousPage("mark"), takeFromPreviousPage("mark")], ["x", null]);
});

test("in a frame that may keep nothing, a choice lasts as long as the page", () => {
  provide(() => {
    throw new DOMException("Access is denied for this document.", "SecurityError");
  });
  assert.equal(storedChoice("speed"), null);
  storeChoice("speed", "10");
  assert.equal(storedChoice("speed"), "10");
  leaveForNextPage("mark", "x");
  assert.equal(takeFromPreviousPage("mark"), null);
});
