import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { panelState } from "../../../static/widgets/panel_state.js";

/** @import { Known, Shown } from "../../../static/widgets/panel_state.js" */

/** @param {Partial<Omit<Known, "status">> & { state?: string, detail?: string }} [given] @returns {Known} */
const known = ({ state = "training", detail, ...given } = {}) => ({
  status: /** @type {Known["status"]} */ ({
    state,
    step: 1250,
    epoch: 5,
    ...(detail ? { reason: { detail } } : {}),
  }),
  connection: "open",
  lostAt: null,
  scrubbed: null,
  now: 65_000,
  ...given,
});

/** @param {Partial<Shown>} [given] @returns {Shown} */
const shown = (given = {}) => ({ shows: "The path.", has: true, comes: true, refusal: null, ...given });

describe("a panel is", () => {
  test("live while the run trains, paused when it rests, both with the step", () => {
    assert.deepEqual(panelState(known(), shown()), { kind: "live", label: "live, step 1,250", text: null });
    for (const state of ["paused", "finished", "failed", "stopped"])
      assert.deepEqual(panelState(known({ state }), shown()), {
        kind: "paused",
        label: `${state}, step 1,250`,
        text: null,
      });
  });

  test("of the past while a recorded step is chosen", () => {
    assert.deepEqual(panelState(known({ scrubbed: 400 }), shown()), {
      kind: "past",
      label: "recorded, step 400",
      text: null,
    });
  });

  test("waiting for frames that come by themselves, empty where none come, and says what it will show", () => {
    assert.deepEqual(panelState(known(), shown({ has: false })), {
      kind: "waiting",
      label: "waiting",
      text: "The path.",
    });
    for (const [state, comes] of /** @type {[string, boolean][]} */ ([
      ["training", false],
      ["stopped", true],
      ["interrupted", true],
    ])) {
      const { kind, text } = panelState(known({ state }), shown({ has: false, comes }));
      assert.deepEqual([kind, text], ["empty", "The path."]);
    }
  });

  test("queued, with the reason, and keeps what it shows", () => {
    const queued = known({ state: "queued", detail: "Both workers are busy." });
    assert.equal(panelState(queued, shown()).text, null);
    assert.deepEqual(panelState(queued, shown({ has: false })), {
      kind: "queued",
      label: "queued",
      text: "The run waits for its turn. Both workers are busy. The path.",
    });
  });

  test("stale without a connection, with the age of what it shows", () => {
    const lost = known({ connection: "lost", lostAt: 5_000 });
    assert.deepEqual(panelState(lost, shown()), {
      kind: "stale",
      label: "connection lost, 1 min old",
      text: null,
    });
    assert.match(panelState(lost, shown({ has: false })).text ?? "", /when the server is back/);
  });

  test("an error in the words of who refused, before all else", () => {
    const refused = shown({ has: false, refusal: "The trajectory needs weights." });
    for (const each of [known(), known({ connection: "lost", lostAt: 0 }), known({ state: "queued" })])
      assert.deepEqual(panelState(each, refused), {
        kind: "error",
        label: "Not shown",
        text: "The trajectory needs weights.",
      });
  });
});

test("a panel says the step of what it shows, where the run is ahead of it", () => {
  assert.equal(panelState(known(), shown({ step: 1240 })).label, "live, step 1,240");
  assert.equal(panelState(known({ scrubbed: 400 }), shown({ step: 405 })).label, "recorded, step 405");
});
