import assert from "node:assert/strict";
import { test } from "node:test";

import { chipOf, rememberedRun, rememberRun } from "../../static/core/current_run.js";

/** @import { CurrentRun } from "../../static/core/current_run.js" */

/** @type {CurrentRun} */
const RUN = { id: "a1", title: "Spiral", state: "training", step: 1250 };

test("the chip says which run it is, how far it is and how it stands", () => {
  assert.deepEqual(chipOf(RUN), {
    icon: "play",
    title: "Spiral",
    step: ", step 1,250",
    state: ", training",
  });
  assert.equal(chipOf({ ...RUN, state: "queued" }).icon, "pause");
  assert.equal(chipOf({ ...RUN, state: "failed" }).icon, "warning");
});

test("a run is remembered until another is, or none, where the browser stores nothing as well", () => {
  assert.equal(rememberedRun(), null);
  rememberRun(RUN);
  assert.deepEqual(rememberedRun(), RUN);
  rememberRun(null);
  assert.equal(rememberedRun(), null);
});
