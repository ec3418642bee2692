/** The page's state: the run's status, and the parts of it that the user is looking at. */

/**
 * @import { Catalog, Description, Experiment, JsonObject, Located, Preset, Run, Schema, Status
 * } from "../types.d.ts"
 */
/** @import { Notice } from "../core/notices.js" */
/** @import { Finding } from "./changes.js" */
/** @import { Fresh } from "./growth.js" */
/** @import { Refusal } from "./refusal.js" */

/**
 * @typedef {object} State
 * @property {Catalog} catalog
 * @property {Schema} schema
 * @property {Preset[]} presets
 * @property {Run | null} run
 * @property {Status | null} status
 * @property {"connecting" | "open" | "lost" | "gone"} connection
 * @property {number | null} lostAt
 * @property {Experiment | null} experiment as the page shows it, edits included
 * @property {Experiment | null} applied the newest that the run has taken over from this page
 * @property {Description | null} description of the network
 * @property {Located[]} problems of the last refused edit
 * @property {Refusal | null} refusal what the last refused edit would have made of the network
 * @property {string | null} selected name of a column
 * @property {number} unit of the selected column
 * @property {number} replica the one of several that is shown; an edit may have left fewer
 * @property {string | null} begins the study that a link led to, until its panel has begun it
 * @property {JsonObject} input the sample that is shown to the network where one is looked at: an item of
 * `inputs`
 * @property {{ reason: string } | null} unreadable what was said of the last input that shows nothing
 * @property {{ x: number, y: number } | null} point of the plane that is pointed at, as shares from the top
 * left
 * @property {{ column: string, unit: number, name: string } | null} pointed the unit that is shown large
 * @property {{ x: number, y: number } | null} pinned the point that stays when nothing is pointed at
 * @property {number} depth at which volumes and clips are shown, as a share from 0 to 1
 * @property {boolean} playing whether the slices are shown one after the other
 * @property {number | null} scrubbed the step as which everything is shown; null for live
 * @property {string | null} undoes the name of what undo would undo; null where there is nothing
 * @property {string | null} redoes
 * @property {Fresh[]} fresh units that have just begun
 * @property {string[]} unconfirmed the names of changes that are shown, and that the server has not confirmed
 * @property {Finding[]} findings of the run's diagnosis, in order
 * @property {"light" | "dark"} theme
 * @property {Notice[]} notices that stand at the edge of the page, the newest last
 */

/** What every run has of its own, where there is none (yet). @satisfies {Partial<State>} */
export const NO_RUN = {
  run: null,
  status: null,
  experiment: null,
  applied: null,
  description: null,
  selected: null,
  pointed: null,
  problems: [],
  refusal: null,
  undoes: null,
  redoes: null,
  fresh: [],
  unconfirmed: [],
  findings: [],
  begins: null,
  replica: 0,
};

/**
 * The state with which the page begins.
 *
 * @param {Pick<State, "catalog" | "schema" | "presets" | "theme">} given @returns {State}
 */
export function initialState(given) {
  return {
    ...given,
    ...NO_RUN,
    connection: "connecting",
    lostAt: null,
    unit: 0,
    input: { kind: "sample", set: "test", index: 0 },
    unreadable: null,
    point: null,
    pinned: null,
    depth: 0.5,
    playing: false,
    scrubbed: null,
    notices: [],
  };
}
