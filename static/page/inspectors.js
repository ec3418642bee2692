/**
 * The tabs of the drawer: ways of looking into the network, each a panel with what it asks the run for.
 *
 * A new one is an entry of this list and a panel; the drawer shows it where it applies, and asks for its
 * probes only while it is open.
 */

/** @import { Inspector } from "../widgets/lazy_panel.js" */
/** @import { JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { Stage } from "./stage/stage.js" */
/** @import { Placed } from "../network/layout.js" */

import { weightsPanel } from "../panels/weights.js";
import { lazily } from "../widgets/lazy_panel.js";
import { hasFilters, hasMaps, isFollowed } from "../run/maps.js";
import { hasPictures } from "../catalog/applicability.js";

/** @type {Inspector[]} */
export const INSPECTORS = [
  {
    id: "maps",
    title: "Maps",
    tall: true,
    applies: (run) => hasMaps(run.state.description),
    ...lazily(async () => (await import("../panels/activation_maps.js")).activationMapsPanel),
  },
  {
    id: "arithmetic",
    title: "Arithmetic",
    tall: true,
    applies: (_, column) => isFollowed(column),
    ...lazily(async () => (await import("../panels/arithmetic.js")).arithmeticPanel),
  },
  {
    id: "filters",
    title: "Filters",
    applies: (run, column) => hasFilters(run.state, column),
    ...lazily(async () => (await import("../panels/filters.js")).filtersPanel),
  },
  {
    id: "features",
    title: "Features",
    tall: true,
    applies: (run, column) => hasPictures(run.state.description) && !column.data && column.tiled,
    ...lazily(async () => (await import("../panels/features.js")).featuresPanel),
  },
  {
    id: "attribution",
    title: "Attribution",
    tall: true,
    applies: (run) => hasPictures(run.state.description),
    ...lazily(async () => (await import("../panels/attribution.js")).attributionPanel),
  },
  {
    id: "lr_range_test",
    title: "Rates",
    tall: true,
    applies: () => true,
    ...lazily(async () => (await import("../panels/lr_range_test.js")).lrRangeTestPanel),
  },
  {
    id: "trajectory",
    title: "Trajectory",
    tall: true,
    whole: true,
    keeps: true,
    applies: () => true,
    ...lazily(async () => (await import("../panels/trajectory.js")).trajectoryPanel),
  },
  {
    id: "landscape",
    title: "Landscape",
    tall: true,
    whole: true,
    applies: () => true,
    ...lazily(async () => (await import("../panels/landscape.js")).landscapePanel),
  },
  {
    id: "variants",
    title: "Race",
    tall: true,
    whole: true,
    applies: () => true,
    ...lazily(async () => (await import("../panels/variants.js")).variantsPanel),
  },
  {
    id: "weights",
    title: "Weights",
    applies: () => true,
    build: (run, stage) => weightsPanel(run, () => stage.layout),
  },
];
