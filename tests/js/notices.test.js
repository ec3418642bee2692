import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { MOST, withNotice } from "../../static/core/notices.js";
import { Store } from "../../static/core/store.js";
import { notify } from "../../static/run/notice.js";
import { initialState } from "../../static/run/state.js";

/** @import { Notice } from "../../static/core/notices.js" */

/** @param {readonly Notice[]} notices */
const texts = (notices) => notices.map(({ text }) => text);

/** @param {string} text @param {string} [about] @returns {Notice} */
const notice = (text, about = text) => ({ text, tone: "info", about });

describe("notices", () => {
  test("stand beside what was said before, the newest last", () => {
    const standing = [notice("second changed too"), notice("Unit 5 starts anew", "growth")];
    assert.deepEqual(texts(standing.reduce(withNotice, /** @type {Notice[]} */ ([]))), texts(standing));
  });

  test("about one thing take each other's place", () => {
    const standing = [notice("Unit 5 starts anew", "growth"), notice("Link copied")];
    assert.deepEqual(texts(withNotice(standing, notice("Unit 5 is gone", "growth"))), [
      "Link copied",
      "Unit 5 is gone",
    ]);
    assert.equal(withNotice(standing, notice("Link copied")).length, 2);
  });

  test("are few: of more, the oldest go", () => {
    let standing = /** @type {Notice[]} */ ([]);
    for (let index = 0; index <= MOST; index++) standing = withNotice(standing, notice(String(index)));
    assert.deepEqual(texts(standing), ["1", "2", "3"]);
  });

  test("given while another is being shown are not lost", () => {
    const given = /** @type {any} */ ({ catalog: {}, schema: {}, presets: [], theme: "light" });
    const store = new Store(initialState(given));
    store.watch(
      ({ status }) => status,
      (status) => {
        if (!status) return;
        notify(store, "one", "info");
        notify(store, "two", "error");
      },
    );
    /** @type {string[][]} */
    const shown = [];
    store.watch(
      ({ notices }) => notices,
      (notices) => shown.push(texts(notices)),
    );
    store.set({ status: /** @type {any} */ ({ state: "paused" }) });
    assert.deepEqual(shown.at(-1), ["one", "two"]);
  });
});
