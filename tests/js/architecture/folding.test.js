import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";

import {
  groupsAround,
  groupsOf,
  idOf,
  isGroup,
  merged,
  treeOf,
} from "../../../static/site/architecture/folding.js";
import { present } from "../support.js";
import { KINDS, node, residual, variant } from "./variants.js";

describe("folding an architecture", () => {
  test("puts nodes into their blocks and blocks into their stages, in order", () => {
    const tree = treeOf(residual([2, 1]));
    assert.deepEqual(tree.children.map(idOf), ["conv1", "stage1", "stage2", "output"]);
    const stage = present(tree.children.filter(isGroup)[0]);
    assert.deepEqual(stage.children.map(idOf), ["stage1.block1", "stage1.block2"]);
    assert.equal(stage.nodes.length, 20);
    assert.equal(present(stage.children.filter(isGroup)[0]).kind, "bottleneck");
    assert.deepEqual(stage.shape, [64, 56, 56]);
    assert.equal(stage.parameters, 600);
    assert.equal(tree.macs, 10_000);
  });

  test("keeps every node once, whatever is folded", () => {
    const made = residual([3, 8, 36, 3]);
    const tree = treeOf(made);
    assert.deepEqual(tree.nodes, made.nodes);
    assert.equal(groupsOf(tree).length, 4 + 50);
    assert.deepEqual(groupsAround(tree, "stage3.block7.conv2").map(idOf), ["stage3", "stage3.block7"]);
  });

  test("makes stages of maps of one size where there are too many parts, pooling at their ends", () => {
    const nodes = [32, 16, 8].flatMap((side, stage) => [
      ...[1, 2, 3, 4, 5].map((at) => node(`conv${stage}_${at}`, "conv2d", [], [4, side, side])),
      node(`pool${stage}`, "max_pool2d", [], [4, side / 2, side / 2]),
    ]);
    const tree = treeOf(variant(nodes));
    const ends = tree.children.filter(isGroup).map(({ nodes: inside }) => present(inside.at(-1)).name);
    assert.deepEqual(ends, ["pool0", "pool1", "pool2"]);
    assert.equal(treeOf(variant(nodes.slice(0, 12))).children.filter(isGroup).length, 0);
  });
});

describe("merging what changes an output alone", () => {
  test("puts norm and activation into the convolution, and not what has another reader or two inputs", () => {
    const made = residual([1]);
    const { nodes, followers } = merged(made.nodes, KINDS);
    assert.deepEqual(
      nodes.map(({ name }) => name.split(".").at(-1)),
      ["conv1", "conv1", "conv2", "conv3", "sum", "output"],
    );
    assert.deepEqual(
      present(followers.get("stage1.block1.conv1")).map(({ kind }) => kind),
      ["batch_norm", "relu"],
    );
    assert.deepEqual(present(nodes[4]).inputs, ["conv1", "stage1.block1.conv3"]);
  });

  test("leaves of GoogLeNet's block four branches and their concatenation", () => {
    const file = new URL("../../../app/architectures.json", import.meta.url);
    const { drawn } = JSON.parse(readFileSync(file, "utf8"));
    const { nodes } = merged(drawn.googlenet.nodes, KINDS);
    assert.deepEqual(
      nodes.map(({ name }) => name.split(".").at(-1)),
      ["one", "three_reduce", "three", "five_reduce", "five", "pool", "pool_conv", "joined"],
    );
    assert.equal(present(nodes.at(-1)).inputs.length, 4);
  });
});
