/** The inspector's tabs: what a panel watches ends when the panel is dropped. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { withElements } from "../elements.js";

test("a panel that is dropped with its run has its signal aborted, and is built anew with another", async (context) => {
  withElements(context);
  const { Tabs } = await import("../../../static/page/inspector/tabs.js");
  const tab = (/** @type {string} */ id, /** @type {string[] | undefined} */ reads) =>
    /** @type {any} */ ({ id, title: id, group: "network", ...(reads ? { reads } : {}) });
  const all = [tab("transfer", undefined), tab("histograms", ["histograms"])];
  /** @type {[string, AbortSignal][]} */
  const built = [];
  const tabs = new Tabs(all, document.body, document.createElement("div"), ({ id }, signal) => {
    built.push([id, signal]);
    return document.createElement("div");
  });
  tabs.offer(all);
  const open = () => all.forEach(({ id }) => tabs.turnTo(id, true));
  const standing = () => built.map(([id, signal]) => [id, signal.aborted]);
  open();
  tabs.forget();
  const dropped = ["transfer", true];
  assert.deepEqual(standing(), [dropped, ["histograms", false]]);
  open();
  assert.deepEqual(standing(), [dropped, ["histograms", false], ["transfer", false]]);
});
