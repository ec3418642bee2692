/** What a frame of the probe `unit_health` says of each activation: its units, dead, saturated or alive. Pure. */

/** @import { Frame } from "../../types.d.ts" */

import { percent, wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { nodeName } from "../../network/names.js";

const TEXTS = texts(import.meta.url, {
  ofUnits: "{dead} of {units} dead",
  saturated: "saturated for {share} of the samples",
  well: "No unit is dead.",
  partly: "{text} So far {read} of {samples} samples are read.",
  ill: "{dead} of {units} units are dead: no gradient passes them for any sample, so they cannot come back.",
});

/** A unit is marked as saturated that is so for more than this share of the samples. */
const SATURATED = 0.9;

/** @typedef {"dead" | "saturated" | "alive"} Health */

/**
 * @typedef {object} Activation
 * @property {string} node
 * @property {string} name
 * @property {Health[]} units
 * @property {number[]} shares of samples for which each unit is saturated
 * @property {string} text
 */

/**
 * @param {Frame} frame @param {{ name: string }[]} nodes of the network
 * @returns {{ activations: Activation[], summary: string }}
 */
export function model({ arrays }, nodes) {
  const activations = Array.from(arrays.get("nodes")?.data ?? [], Number).flatMap((index) => {
    const node = nodes[index]?.name ?? "";
    const dead = arrays.get(`${node}.dead`)?.data;
    return dead ? [activationOf(node, Array.from(dead, Number), arrays)] : [];
  });
  const units = activations.flatMap((each) => each.units);
  const dead = units.filter((unit) => unit === "dead").length;
  const text = dead === 0 ? TEXTS.well : TEXTS.ill({ dead, units: units.length });
  const [read, samples] = ["read", "samples"].map((name) => Number(arrays.get(name)?.data[0] ?? 0));
  const partly = read !== undefined && samples !== undefined && read < samples;
  return {
    activations,
    summary: partly ? TEXTS.partly({ text, read: wholeNumber(read), samples: wholeNumber(samples) }) : text,
  };
}

/** @param {string} node @param {number[]} dead @param {Frame["arrays"]} arrays @returns {Activation} */
function activationOf(node, dead, arrays) {
  const shares = Array.from(arrays.get(`${node}.saturated`)?.data ?? [], Number);
  const units = dead.map((flag, unit) => healthOf(flag === 1, shares[unit] ?? 0));
  const mean = shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length);
  const count = TEXTS.ofUnits({
    dead: units.filter((unit) => unit === "dead").length,
    units: units.length,
  });
  return {
    node,
    name: nodeName(node),
    units,
    shares,
    text: `${count}, ${TEXTS.saturated({ share: percent(mean) })}`,
  };
}

/** @param {boolean} dead @param {number} share @returns {Health} */
function healthOf(dead, share) {
  if (dead) return "dead";
  return share > SATURATED ? "saturated" : "alive";
}
