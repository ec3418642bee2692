import assert from "node:assert/strict";
import { test } from "node:test";

import { begunWhenWritten } from "../../../static/panels/variants/begun_when_written.js";

/** A wait for checkpoints that ends when told to, and what was begun, cancelled and heard meanwhile. */
function waited() {
  /** @type {string[]} */
  const told = [];
  /** @type {(value: unknown) => void} */
  let resolve = () => {};
  /** @type {(error: Error) => void} */
  let reject = () => {};
  const promise = new Promise((onward, back) => ([resolve, reject] = [onward, back]));
  const begin = () => {
    told.push("begun");
    return { cancel: () => void told.push("study cancelled") };
  };
  const study = begunWhenWritten(promise, begin, { state: ({ state }) => void told.push(state) });
  const settle = () => new Promise((done) => setImmediate(done));
  return { told, study, settle, resolve, reject };
}

test("a race from checkpoints begins when they are written, and is cancelled as any", async () => {
  const { told, study, settle, resolve } = waited();
  await settle();
  assert.deepEqual(told, ["waiting"]);
  resolve(null);
  await settle();
  study.cancel();
  assert.deepEqual(told, ["waiting", "begun", "study cancelled"]);
});

test("a race that is cancelled while it waits never begins, and says so once", async () => {
  const { told, study, settle, resolve } = waited();
  study.cancel();
  study.cancel();
  resolve(null);
  await settle();
  assert.deepEqual(told, ["waiting", "cancelled"]);
});

test("a race whose checkpoints cannot be asked for fails", async () => {
  const { told, settle, reject } = waited();
  reject(new Error("no connection"));
  await settle();
  assert.deepEqual(told, ["waiting", "failed"]);
});
