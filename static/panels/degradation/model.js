/** What a frame of the study `degradation` says: a curve of each network, and how the last losses compare. */

/** @import { Frame } from "../../types.d.ts" */
/** @import { Compared } from "../../widgets/compared_trainings.js" */

import { shortNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  plain: "plain, {layers} layers",
  shortcuts: "with shortcuts, {layers} layers",
  last: "Last loss: {each}.",
  each: "{loss} {name}",
  degrades: "{last} The deeper plain network trains worse than the shallower one; with shortcuts it learns.",
});

/** The networks in the study's order, with their names. */
const NETWORKS = [
  { id: "plain", name: TEXTS.plain },
  { id: "shortcuts", name: TEXTS.shortcuts },
  { id: "shallow_plain", name: TEXTS.plain },
  { id: "shallow_shortcuts", name: TEXTS.shortcuts },
];

/** @param {Pick<Frame, "arrays">} frame @returns {Compared | null} */
export function model({ arrays }) {
  const steps = Float64Array.from(arrays.get("steps")?.data ?? []);
  if (steps.length === 0) return null;
  const curves = NETWORKS.flatMap(({ id, name }) => {
    const loss = arrays.get(`${id}.loss`);
    const layers = Number(arrays.get(`${id}.layers`)?.data[0]);
    return loss ? [{ id, name: name({ layers }), y: Float64Array.from(loss.data) }] : [];
  });
  return { curves, steps, series: ["loss"], text: textOf(curves) };
}

/** @param {{ id: string, name: string, y: Float64Array }[]} curves */
function textOf(curves) {
  const last = new Map(curves.map(({ id, y }) => [id, y.at(-1) ?? NaN]));
  if ([...last.values()].every(Number.isNaN)) return "";
  const each = curves.map(({ id, name }) => TEXTS.each({ loss: shortNumber(last.get(id) ?? NaN), name }));
  const said = TEXTS.last({ each: each.join("; ") });
  const [deep = NaN, shallow = NaN, whole = NaN] = ["plain", "shallow_plain", "shortcuts"].map((id) =>
    last.get(id),
  );
  return deep > shallow && deep > whole ? TEXTS.degrades({ last: said }) : said;
}
