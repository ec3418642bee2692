import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { OptimisticStatus } from "../../../static/run/status.js";

/** @import { Status } from "../../../static/types.d.ts" */

/** @type {Status} */
const PAUSED = { state: "paused", step: 40, epoch: 2, speed: 200 };

function listened() {
  /** @type {Status[]} */
  const shown = [];
  const status = new OptimisticStatus((each) => shown.push(each));
  return { status, last: () => shown.at(-1), shown };
}

describe("a status shown before the server has said it", () => {
  test("is the server's with what is expected laid over it", () => {
    const { status, last } = listened();
    status.hear(PAUSED);
    status.expect({ state: "training" });
    assert.deepEqual(last(), { ...PAUSED, state: "training" });
    assert.deepEqual(status.heard, PAUSED);
  });

  test("keeps what is expected while the server says something else", () => {
    const { status, last } = listened();
    status.hear(PAUSED);
    status.expect({ state: "training" });
    status.hear({ ...PAUSED, step: 41 });
    assert.deepEqual(last(), { ...PAUSED, step: 41, state: "training" });
  });

  test("snaps back to the newest word, not to the one from before the command", () => {
    const { status, last } = listened();
    const hope = { speed: null };
    status.hear(PAUSED);
    status.expect(hope);
    status.hear({ ...PAUSED, speed: 50 });
    status.withdraw(hope);
    assert.equal(last()?.speed, 50);
  });

  test("lets the later of two commands win, and the earlier one count again when the later is refused", () => {
    const { status, last } = listened();
    const play = /** @type {const} */ ({ state: "training" });
    const pause = /** @type {const} */ ({ state: "paused" });
    status.hear(PAUSED);
    status.expect(play);
    status.expect(pause);
    assert.equal(last()?.state, "paused");
    status.withdraw(pause);
    assert.equal(last()?.state, "training");
  });

  test("tells two commands that expect the same apart", () => {
    const { status, last } = listened();
    const [first, second] = [{ step: 0 }, { step: 0 }];
    status.hear(PAUSED);
    status.expect(first);
    status.expect(second);
    status.withdraw(first);
    assert.equal(last()?.step, 0);
    status.withdraw(second);
    assert.equal(last()?.step, 40);
  });

  test("never hides that a run has failed", () => {
    const { status, last } = listened();
    status.expect({ state: "training" });
    status.hear({ ...PAUSED, state: "failed" });
    assert.equal(last()?.state, "failed");
  });

  test("is nothing before the server's first word, and again after another run was attached", () => {
    const { status, shown, last } = listened();
    status.expect({ state: "training" });
    assert.equal(shown.length, 0);
    status.hear(PAUSED);
    status.forget();
    status.expect({ state: "training" });
    assert.equal(shown.length, 1);
    status.hear(PAUSED);
    assert.equal(last()?.state, "training", "what was expected since counts");
  });
});
