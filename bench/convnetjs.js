/**
 * ConvNetJS at work on its digits network, for comparison: a line of JSON with the samples comes first, then
 * each line asks for so many samples to be trained on, and is answered when that is done.
 */

import { createInterface } from "node:readline";

import convnetjs from "convnetjs";

/** @typedef {{ batch: number, inputs: number[][], targets: number[] }} Work */

const convolution = { type: "conv", sx: 5, stride: 1, pad: 2, activation: "relu" };
const pooling = { type: "pool", sx: 2, stride: 2 };

/** @type {any} */
const net = new convnetjs.Net();
net.makeLayers([
  { type: "input", out_sx: 8, out_sy: 8, out_depth: 1 },
  { ...convolution, filters: 8 },
  pooling,
  { ...convolution, filters: 16 },
  pooling,
  { type: "softmax", num_classes: 10 },
]);

/** @type {any[]} */
let volumes = [];
/** @type {number[]} */
let targets = [];
/** @type {any} */
let trainer = null;
let next = 0;

createInterface({ input: process.stdin }).on("line", (line) => {
  if (trainer === null) {
    /** @type {Work} */
    const work = JSON.parse(line);
    volumes = work.inputs.map((pixels) =>
      Object.assign(new convnetjs.Vol(8, 8, 1, 0), { w: Float64Array.from(pixels) }),
    );
    targets = work.targets;
    trainer = new convnetjs.SGDTrainer(net, {
      method: "sgd",
      learning_rate: 0.03,
      momentum: 0,
      batch_size: work.batch,
      l2_decay: 0,
    });
    console.log("ready");
    return;
  }
  for (let count = Number(line); count > 0; count--) {
    trainer.train(volumes[next], targets[next]);
    next = (next + 1) % volumes.length;
  }
  console.log("done");
});
