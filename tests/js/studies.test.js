import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { decodeFrame } from "../../static/core/frame.js";
import { Disconnected, Refused } from "../../static/core/live.js";
import { Studies } from "../../static/core/studies.js";
import { document, present } from "./support.js";

/** @import { JsonObject } from "../../static/types.d.ts" */
/** @import { StudyState } from "../../static/core/studies.js" */

/**
 * What was asked for, as the documents' own `n`; what was cancelled, as `-key`.
 *
 * @type {(number | string)[]}
 */
let asked;
/** @type {{ resolve: (answer: JsonObject) => void, reject: (error: Error) => void }[]} */
let waiting;
let connected = true;
/** @type {[string, StudyState["state"]][]} */
let told;
/** @type {string[]} */
let shown;
/** @type {Studies} */
let studies;

/** @param {string} name */
const listener = (name) => ({
  frame: () => shown.push(name),
  state: (/** @type {StudyState} */ { state }) => told.push([name, state]),
});

/** The server names the study that was asked for last. @param {string} key */
async function named(key) {
  present(waiting.pop()).resolve({ key });
  await Promise.resolve();
}

/** @param {string} key */
const frame = (key) => studies.take(decodeFrame(document({ __metadata__: { key, probe: "race" } }, [])));

beforeEach(() => {
  [asked, waiting, told, shown, connected] = [[], [], [], [], true];
  studies = new Studies((command) => {
    if (!connected) return Promise.reject(new Disconnected("not connected"));
    if (command["type"] === "cancel") {
      asked.push(`-${command["key"]}`);
      return Promise.resolve({});
    }
    asked.push(Number(/** @type {JsonObject} */ (command["study"])["n"]));
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  });
});

describe("one study", () => {
  test("is asked for, shown by its key, and done", async () => {
    studies.study({ kind: "race", n: 1 }, listener("a"));
    await named("k1");
    frame("k1");
    frame("other");
    studies.hear({ type: "study", key: "k1", study: "race", state: "running", done: 0.5 });
    studies.hear({ type: "study", key: "k1", study: "race", state: "done", done: 1 });
    frame("k1");
    assert.deepEqual(shown, ["a"]);
    assert.deepEqual(told, [
      ["a", "waiting"],
      ["a", "running"],
      ["a", "done"],
    ]);
  });

  test("that is refused says where", async () => {
    /** @type {StudyState[]} */
    const states = [];
    studies.study({ kind: "race" }, { state: (state) => states.push(state) });
    const problems = [{ pointer: "/study/steps", message: "steps: 0" }];
    present(waiting[0]).reject(new Refused("steps: 0", problems));
    await new Promise(setImmediate);
    assert.deepEqual(states.at(-1), { state: "failed", done: 0, detail: "steps: 0", problems });
  });

  test("that is cancelled shows nothing more, even where the server had not yet named it", async () => {
    const first = studies.study({ n: 1 }, listener("a"));
    await named("k1");
    first.cancel();
    frame("k1");
    studies.study({ n: 2 }, listener("b")).cancel();
    await named("k2");
    assert.deepEqual(asked, [1, "-k1", 2, "-k2"]);
    assert.deepEqual(shown, []);
  });

  test("that another asks for as well goes on until both are cancelled", async () => {
    const first = studies.study({ n: 1 }, listener("a"));
    await named("k");
    const second = studies.study({ n: 1 }, listener("b"));
    await named("k");
    first.cancel();
    assert.deepEqual(asked, [1, 1]);
    frame("k");
    assert.deepEqual(shown, ["b"]);
    second.cancel();
    assert.deepEqual(asked, [1, 1, "-k"]);
  });

  test("begins anew when the connection is back", async () => {
    connected = false;
    studies.study({ n: 1 }, listener("a"));
    connected = true;
    studies.connected();
    await named("k1");
    studies.lost();
    studies.connected();
    await named("k1");
    frame("k1");
    assert.deepEqual(asked, [1, 1]);
    assert.deepEqual(shown, ["a"]);
  });
});

describe("the newest of many", () => {
  test("begins when the one before has shown something, and those between are left out", async () => {
    const slot = studies.newest();
    slot.show({ n: 1 }, listener("1"));
    await named("k1");
    for (const n of [2, 3, 4]) slot.show({ n }, listener(String(n)));
    assert.deepEqual(asked, [1]);
    frame("k1");
    assert.deepEqual(asked, [1, "-k1", 4]);
    await named("k4");
    frame("k4");
    assert.deepEqual(shown, ["1", "4"]);
  });

  test("follows one that was refused, and is not asked for twice", async () => {
    const slot = studies.newest();
    slot.show({ n: 0 }, listener("0"));
    slot.show({ n: 0 }, listener("0"));
    slot.show({ n: 1 }, listener("1"));
    present(waiting.pop()).reject(new Refused("no", []));
    await new Promise(setImmediate);
    slot.show({ n: 1 }, listener("1"));
    assert.deepEqual(asked, [0, 1]);
  });

  test("is ended with its slot", async () => {
    const slot = studies.newest();
    slot.show({ n: 1 }, listener("1"));
    await named("k1");
    slot.cancel();
    assert.deepEqual(told.at(-1), ["1", "cancelled"]);
    slot.show({ n: 1 }, listener("1"));
    assert.deepEqual(asked, [1, "-k1", 1]);
  });
});
