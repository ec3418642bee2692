/** The layers of a frame of the study `feature_atlas`, as records. */

/** @import { DescribedNode, Description, Frame } from "../../types.d.ts" */
/** @import { Wall } from "../../draw/signals.js" */

import { nodeName, wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { wallOf } from "../../draw/signals.js";

const TEXTS = texts(import.meta.url, {
  projectionsAndPatches: "Map {channel} of {name}: projections beside patches",
  eachSeesPx: ", each sees {receptive_field} px",
  dead: ", {dead} dead",
  maps: "{count} maps",
  units: "{count} units",
});

/**
 * @typedef {object} Layer
 * @property {string} node
 * @property {string} title with how many maps it has, how many of them are dead, and what each sees
 * @property {Wall} wall
 * @property {string[]} labels of the maps, one for each row of the wall
 */

/**
 * The layers that have been searched so far, in the order of the network.
 *
 * @param {Frame} frame @param {Description} description @returns {Layer[]}
 */
export function model(frame, { nodes }) {
  return Array.from(frame.arrays.get("layers")?.data ?? []).flatMap((place) => {
    const node = nodes[place];
    const wall = node && wallOf(frame, `${node.name}/`);
    if (!node || !wall) return [];
    const labels = Array.from(wall.channels.data, (channel) =>
      TEXTS.projectionsAndPatches({ channel: channel + 1, name: nodeName(node.name) }),
    );
    return [{ node: node.name, title: titleOf(node, frame), wall, labels }];
  });
}

/** @param {DescribedNode} node @param {Frame} frame */
function titleOf({ name, shape, receptive_field }, frame) {
  const dead = frame.arrays.get(`${name}/dead`)?.data[0] ?? 0;
  const many = { count: wholeNumber(shape[0] ?? 0) };
  const count = shape.length > 1 ? TEXTS.maps(many) : TEXTS.units(many);
  const field = receptive_field?.length
    ? TEXTS.eachSeesPx({ receptive_field: receptive_field.join(" × ") })
    : "";
  return `${nodeName(name)}: ${count}${dead ? TEXTS.dead({ dead }) : ""}${field}`;
}
