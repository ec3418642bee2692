/** The weights of a layer as the drawing needs them: one for each edge, or a picture for each unit. Pure. */

/** @import { Frame, NamedArray } from "../types.d.ts" */
/** @import { Layout, Link, Placed } from "../network/layout.js" */

/**
 * The weight of each edge of a dense link: (units, inputs), a convolution's kernels added up, a transposed
 * one's turned.
 *
 * @param {Frame | undefined} frame of the `weights` probe @param {Link} link
 * @returns {{ values: Float32Array, units: number, inputs: number, scale: number } | null}
 */
export function edgeWeights(frame, { to }) {
  const array = frame?.arrays.get(`${to.head}.weight`);
  if (!array || !(array.data instanceof Float32Array) || array.shape.length < 2) return null;
  const [units = 0, inputs = 0] = array.shape;
  if (frame?.arrays.has(`${to.head}.weight.shape`)) return null; // thinned: rows no longer are units
  const kernel = array.data.length / Math.max(1, units * inputs);
  const values = kernel === 1 ? array.data : sums(array.data, units * inputs, kernel);
  let scale = 0.6;
  for (let index = 0; index < values.length; index++) scale = Math.max(scale, Math.abs(values[index] ?? 0));
  return {
    ...(to.members[0]?.transposed ? turned(values, units, inputs, to.units) : { values, units, inputs }),
    scale,
  };
}

/**
 * The weights of a transposed convolution, which torch lays out as (inputs, units of a group), the other way
 * round.
 *
 * @param {Float32Array} values @param {number} sources @param {number} each units of a group @param {number}
 * units
 */
function turned(values, sources, each, units) {
  const groups = Math.max(1, Math.round(units / Math.max(1, each)));
  const inputs = Math.floor(sources / groups);
  const across = new Float32Array(units * inputs);
  for (let unit = 0; unit < units; unit++) {
    const first = Math.floor(unit / each) * inputs; // of the sources of its group
    for (let input = 0; input < inputs; input++)
      across[unit * inputs + input] = values[(first + input) * each + (unit % each)] ?? 0;
  }
  return { values: across, units, inputs };
}

/**
 * Where the weight from one unit to another stands; −1 where there is none: between groups of a convolution,
 * and for
 * units that were just added, of which a frame from before knows nothing yet.
 *
 * @param {{ units: number, inputs: number }} weights @param {Placed} from @param {number} source
 * @param {number} target
 */
export function weightPlace({ units, inputs }, from, source, target) {
  if (target >= units) return -1;
  const groups = from.maps && from.units > inputs ? Math.round(from.units / Math.max(1, inputs)) : 1;
  if (groups === 1) return source < inputs ? target * inputs + source : -1;
  const within = source - Math.floor((target * groups) / Math.max(1, units)) * inputs;
  return within >= 0 && within < inputs ? target * inputs + within : -1;
}

/** @param {Float32Array} data @param {number} count @param {number} each */
function sums(data, count, each) {
  const totals = new Float32Array(count);
  for (let index = 0; index < data.length; index++) {
    const at = Math.floor(index / each);
    totals[at] = (totals[at] ?? 0) + (data[index] ?? 0);
  }
  return totals;
}

/**
 * Whether a column's weights can be seen as a picture: it reads the input itself, or the network is among
 * tables.
 *
 * @param {Layout} layout @param {Placed} column
 */
export function looksAtPixels(layout, column) {
  const source = sourceOf(layout, column);
  const before = source && flattens(source) ? sourceOf(layout, source) : source;
  return before?.data || !layout.columns.some(({ maps }) => maps);
}

/**
 * The shape in which a column's inputs came before they were flattened.
 *
 * @param {Layout} layout @param {Placed} column @returns {number[]}
 */
export function sourceShape(layout, column) {
  const source = sourceOf(layout, column);
  const before = source && flattens(source) ? sourceOf(layout, source) : source;
  return (before ?? source)?.shape ?? [];
}

/** The column that a column reads first. @param {Layout} layout @param {Placed} column */
function sourceOf(layout, { inputs }) {
  return layout.columns.find(({ name }) => name === inputs[0]);
}

/** @param {Placed} column */
function flattens({ members }) {
  return members[0]?.role === "flattening";
}

/**
 * The grid on which one unit's weights are laid out: an image's own, or the squarest.
 *
 * @param {NamedArray} array (units, …) @param {number[]} source shape of what comes in
 * @returns {{ width: number, height: number, at: (index: number) => number }} `at`: cell of a weight
 */
export function weightGrid({ shape }, source) {
  const each = shape.slice(1).reduce((product, size) => product * size, 1);
  const kernel =
    shape.length === 4
      ? shape.slice(2)
      : source.length === 3 && source.reduce((a, b) => a * b, 1) === each
        ? source.slice(1)
        : null;
  if (kernel) {
    const [height = 1, width = 1] = kernel;
    return { width, height, at: (index) => index % (width * height) };
  }
  const width = Math.ceil(Math.sqrt(each));
  return { width, height: Math.ceil(each / width), at: (index) => index };
}

/**
 * One unit's weights on their grid, as levels from 0 to 255 around a middle that is zero.
 *
 * @param {NamedArray} array @param {number} unit @param {number} each @param {number} cells
 * @param {(index: number) => number} at
 */
export function weightLevels({ data }, unit, each, cells, at) {
  const totals = new Float32Array(cells);
  for (let index = 0; index < each; index++) {
    const cell = at(index);
    totals[cell] = (totals[cell] ?? 0) + (data[unit * each + index] ?? 0);
  }
  const size = totals.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
  return Uint8Array.from(totals, (value) => Math.round(127.5 + (127.5 * value) / size));
}
