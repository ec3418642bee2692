import assert from "node:assert/strict";
import { describe, test } from "node:test";

import {
  joined,
  momentAt,
  momentCard,
  momentsText,
  spread,
} from "../../../../static/panels/features/moments.js";
import { frame, present } from "../../support.js";
import { featuresFrame } from "./walls.js";

/** @param {number} step @param {number} [image] */
const moment = (step, image = 3) => featuresFrame({ channels: [2], images: [image], values: [1.25], step });

describe("moments of the past", () => {
  test("are at most eight, evenly spread, the first and the last among them", () => {
    assert.deepEqual(spread([...Array(22).keys()]), [0, 3, 6, 9, 12, 15, 18, 21]);
    assert.deepEqual(spread([1, 2, 3]), [1, 2, 3]);
    assert.deepEqual([spread([1]), spread([])], [[1], []]);
  });

  test("show the strongest projection, of which step it is and of which picture", () => {
    const card = present(momentCard(moment(1500), ["disc"]));
    assert.deepEqual([card.name, card.value, card.step, card.title], ["disc", "1.25", "step 1,500", null]);
    assert.equal(card.signalLabel, "The strongest projection at step 1500");
    assert.equal(card.patchLabel, "Its patch of picture 3");
  });

  test("show nothing where no picture was known", () => {
    assert.equal(momentCard(moment(0, -1), []), null);
    assert.equal(momentCard(frame({}), []), null);
  });

  test("say since when they are recorded", () => {
    assert.match(momentsText(moment(1500)), /first watched at step 1,500\. Where/);
    assert.match(momentsText(undefined), /at step 0\. Where/);
  });

  test("are as the page shows them up to the next one, and none of them is live", () => {
    const moments = [moment(0), moment(10), moment(20)];
    assert.equal(momentAt(moments, 19), 1);
    assert.equal(momentAt(moments, 20), 2);
    assert.equal(momentAt(moments, null), -1);
    assert.equal(momentAt([moment(10)], 9), -1);
  });

  test("are taken away in one document, arrays by their step", () => {
    const { metadata, arrays } = present(joined([moment(0), moment(10)]));
    assert.equal(metadata["step"], "0, 10");
    assert.deepEqual([arrays.has("0/projections"), arrays.has("10/values")], [true, true]);
    assert.equal(joined([]), undefined);
  });
});
