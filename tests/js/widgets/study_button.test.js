import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { choicesOf, listChoices } from "../../../static/widgets/checkpoint_choices.js";
import { nextName } from "../../../static/widgets/line_ends.js";
import { statusOf } from "../../../static/widgets/study_button.js";

describe("the status of a study", () => {
  const running = /** @type {const} */ ({ state: "running", done: 0.347 });
  const done = /** @type {const} */ ({ state: "done", done: 1 });
  const failed = /** @type {const} */ ({ state: "failed", done: 0.2 });

  test("says how far it is, and of which step", () => {
    assert.deepEqual(statusOf(running, "of step 40", null), {
      ended: false,
      failed: false,
      done: 0.347,
      message: "35 % of step 40",
    });
  });

  test("says of what it was when it is done", () => {
    assert.equal(statusOf(done, "of step 40", null).message, "A snapshot of step 40.");
    assert.equal(statusOf(done, "of step 40", "best").message, "Checkpoint best, of step 40.");
    assert.ok(statusOf(done, "of step 40", null).ended);
  });

  test("names the options that were refused, without a pointer", () => {
    const problems = [
      { pointer: "/study/size", message: "expected at most 28" },
      { pointer: "/study", message: "the network has no maps" },
    ];
    const { message, failed: bad, ended } = statusOf({ ...failed, problems }, "", null);
    assert.equal(message, "size: expected at most 28 the network has no maps");
    assert.deepEqual([bad, ended], [true, true]);
  });

  test("falls back on the detail of a failure, and says that it failed where there is none", () => {
    assert.equal(
      statusOf({ ...failed, problems: [], detail: "out of memory" }, "", null).message,
      "out of memory",
    );
    assert.equal(statusOf(failed, "", null).message, "It failed.");
  });

  test("leaves what is said while the server has not taken it", () => {
    assert.equal(statusOf({ state: "waiting", done: 0 }, "of step 40", null).message, null);
    assert.equal(statusOf({ state: "cancelled", done: 0.5 }, "", null).message, "Cancelled.");
  });
});

describe("the checkpoints to choose from", () => {
  test("say of which step they are", () => {
    assert.deepEqual(choicesOf([{ name: "best", step: 12_000 }]), [["best", "best, step 12,000"]]);
  });

  test("get the first name that is free", () => {
    assert.equal(nextName([]), "state-1");
    assert.equal(nextName(["", "state-1", "best", "state-3"]), "state-2");
  });

  test("are a message where they cannot be listed", async (context) => {
    context.mock.method(globalThis, "fetch", () => Promise.reject(new TypeError("the network is down")));
    /** @type {string[]} */
    const said = [];
    const run = { state: { run: { id: "a" } }, notify: (/** @type {string} */ words) => said.push(words) };
    assert.equal(await listChoices(/** @type {any} */ (run)), null);
    assert.match(said.join(), /^The checkpoints cannot be listed: ./);
  });
});
