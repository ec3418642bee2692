/** Architectures made here, so that no test waits for the engine. */

/** @import { Kind, PlanNode, Variant } from "../../../static/site/architecture/folding.js" */

/** @param {string} label @param {Partial<Kind>} [more] @returns {Kind} */
const kind = (label, more = {}) => ({
  label,
  words: "",
  formula: "",
  family: "layers",
  role: null,
  folds: false,
  ...more,
});

/** @type {Record<string, Kind>} */
export const KINDS = {
  conv2d: kind("Convolution", { role: "convolution" }),
  batch_norm: kind("Batch norm", { role: "batch_normalization", folds: true }),
  relu: kind("ReLU", { family: "activations", folds: true }),
  max_pool2d: kind("Max pooling", { role: "max_pooling" }),
  add: kind("Add", { role: "sum" }),
  linear: kind("Dense", { role: "dense" }),
  bottleneck: kind("Bottleneck", { family: "blocks" }),
};

/** @param {string} name @param {string} type @param {string[]} inputs @param {number[]} shape @returns {PlanNode} */
export const node = (name, type, inputs, shape) => ({
  name,
  kind: type,
  inputs,
  shape,
  kernel: type === "conv2d" ? [3, 3] : null,
  stride: type === "conv2d" ? [1, 1] : null,
  groups: 1,
  parameters: type === "conv2d" ? 100 : 0,
  macs: type === "conv2d" ? 1000 : 0,
  receptive_field: [3, 3],
});

/** @param {PlanNode[]} nodes @param {Record<string, string>} [blocks] @returns {Variant} */
export function variant(nodes, blocks = {}) {
  const total = (/** @type {"parameters" | "macs"} */ what) =>
    nodes.reduce((all, each) => all + each[what], 0);
  return {
    kind: "made",
    label: "Made",
    options: {},
    input: [3, 224, 224],
    nodes,
    blocks,
    kinds: KINDS,
    totals: { parameters: total("parameters"), macs: total("macs"), activations: 0, depth: 1 },
    published: {
      year: 2015,
      top5: 3.57,
      top5_of: "test set",
      map: null,
      map_of: "",
      file_mb: null,
      file_of: "",
    },
  };
}

/** A residual network of bottlenecks. @param {number[]} stages how many blocks each has */
export function residual(stages) {
  const nodes = [node("conv1", "conv2d", ["input"], [64, 112, 112])];
  /** @type {Record<string, string>} */
  const blocks = {};
  stages.forEach((count, stage) => {
    for (let number = 1; number <= count; number++) {
      const block = `stage${stage + 1}.block${number}`;
      blocks[block] = "bottleneck";
      const entry = nodes.at(-1)?.name ?? "";
      let last = entry;
      const put = (
        /** @type {string} */ name,
        /** @type {string} */ type,
        /** @type {string[]} */ inputs,
      ) => {
        nodes.push(node(`${block}.${name}`, type, inputs, [64, 56 >> stage, 56 >> stage]));
        last = `${block}.${name}`;
      };
      for (let layer = 1; layer <= 3; layer++) {
        put(`conv${layer}`, "conv2d", [last]);
        put(`norm${layer}`, "batch_norm", [last]);
        if (layer < 3) put(`relu${layer}`, "relu", [last]);
      }
      put("sum", "add", [entry, last]);
      put("relu3", "relu", [last]);
    }
  });
  nodes.push(node("output", "linear", [nodes.at(-1)?.name ?? ""], [1000]));
  return variant(nodes, blocks);
}
