/** What is drawn in pictures leaves as other tools read it: a ZIP, COCO's JSON, YOLO's text. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { checksum, zipped } from "../../../static/core/zip.js";
import { cocoOf, untaken, yoloOf } from "../../../static/page/data/box_drawing/annotations.js";
import { python } from "../support.js";

const PICTURES = [
  { name: "a.png", width: 40, height: 20, boxes: [{ left: 10, top: 5, right: 30, bottom: 10, class: 1 }] },
  { name: "b.png", width: 8, height: 8, boxes: [] },
];

test("an archive is read by Python as it was written", async () => {
  const content = new Blob(["some words"]);
  const made = await zipped([
    { name: "images/größe.txt", content },
    { name: "empty", content: new Blob([]) },
  ]);
  const program = `
import base64, io, json, sys, zipfile
archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(json.load(sys.stdin))))
print(json.dumps([archive.testzip(), {name: archive.read(name).decode() for name in archive.namelist()}]))`;
  const read = python(program, Buffer.from(await made.arrayBuffer()).toString("base64"));
  assert.deepEqual(read, [null, { "images/größe.txt": "some words", empty: "" }]);
  assert.equal(checksum(new TextEncoder().encode("123456789")), 0xcbf43926);
});

test("boxes are COCO's with ids from 1, and YOLO's in shares", () => {
  const { images, annotations, categories } = cocoOf(PICTURES, ["cat", "cup"]);
  assert.deepEqual(images[1], { id: 2, file_name: "b.png", width: 8, height: 8 });
  assert.deepEqual(annotations, [
    { id: 1, image_id: 1, category_id: 2, bbox: [10, 5, 20, 5], area: 100, iscrowd: 0 },
  ]);
  assert.deepEqual(categories[1], { id: 2, name: "cup" });
  assert.deepEqual(PICTURES.map(yoloOf), ["1 0.500000 0.375000 0.500000 0.250000\n", ""]);
});

test("two pictures of one name are told apart, whatever their ending", () => {
  assert.equal(untaken("a.png", new Set()), "a.png");
  assert.equal(untaken("a.jpg", new Set(["a", "a-2"])), "a-3.jpg");
});
