/**
 * The inspector's tabs: ways of looking into the network, each a panel with what it asks the run for.
 *
 * A new one is an entry of this list and a panel; the inspector shows it where it applies, and asks for its
 * probes only while it is open.
 */

/** @import { InspectorTab } from "../../widgets/lazy_panel.js" */

import { texts } from "../../core/texts.js";
import { SHOWS } from "./words.js";
import { weightsPanel } from "../../panels/weights.js";
import { lazily } from "../../widgets/lazy_panel.js";
import { hasFilters, hasMaps, isFollowed } from "../../run/maps.js";
import { hasPlaces } from "../../catalog/applicability.js";
import { targetsOf } from "../../catalog/catalog.js";

const TEXTS = texts(import.meta.url, {
  arithmetic: "Arithmetic",
  weights: "Weights",
  maps: "Maps",
  filters: "Filters",
  features: "Features",
  attribution: "Attribution",
  gradientFlow: "Gradient flow",
  histograms: "Histograms",
  trajectory: "Trajectory",
  landscape: "Landscape",
  rates: "Rates",
  race: "Race",
  pixelClasses: "Pixels",
});

/** @type {InspectorTab[]} */
export const TABS = [
  {
    id: "arithmetic",
    title: TEXTS.arithmetic,
    group: "unit",
    shows: SHOWS.arithmetic,
    reads: ["arithmetic"],
    tall: true,
    applies: (_, column) => isFollowed(column),
    ...lazily(async () => (await import("../../panels/arithmetic.js")).arithmeticPanel),
  },
  {
    id: "weights",
    title: TEXTS.weights,
    group: "unit",
    shows: SHOWS.weights,
    reads: ["weights"],
    applies: () => true,
    build: (run, stage) => weightsPanel(run, () => stage.layout),
  },
  {
    id: "maps",
    title: TEXTS.maps,
    group: "unit",
    shows: SHOWS.maps,
    reads: ["activation_maps"],
    tall: true,
    applies: (run) => hasMaps(run.state.description),
    ...lazily(async () => (await import("../../panels/activation_maps.js")).activationMapsPanel),
  },
  {
    id: "filters",
    title: TEXTS.filters,
    group: "unit",
    shows: SHOWS.filters,
    reads: ["filters"],
    tall: true,
    applies: (run, column) => hasFilters(run.state, column),
    ...lazily(async () => (await import("../../panels/filters.js")).filtersPanel),
  },
  {
    id: "features",
    title: TEXTS.features,
    group: "unit",
    shows: SHOWS.features,
    tall: true,
    applies: (run, column) => hasPlaces(run.state.description) && !column.data && column.tiled,
    ...lazily(async () => (await import("../../panels/features.js")).featuresPanel),
  },
  {
    id: "attribution",
    title: TEXTS.attribution,
    group: "network",
    shows: SHOWS.attribution,
    tall: true,
    applies: (run) => hasPlaces(run.state.description),
    ...lazily(async () => (await import("../../panels/attribution.js")).attributionPanel),
  },
  {
    id: "pixel_classes",
    title: TEXTS.pixelClasses,
    group: "network",
    shows: SHOWS.pixel_classes,
    reads: ["pixel_classes"],
    tall: true,
    applies: (run) => targetsOf(run.state) === "masks",
    ...lazily(async () => (await import("../../panels/pixel_classes.js")).pixelClassesPanel),
  },
  {
    id: "gradient_flow",
    title: TEXTS.gradientFlow,
    group: "network",
    shows: SHOWS.gradient_flow,
    reads: ["gradient_flow"],
    tall: true,
    whole: true,
    keeps: true,
    applies: () => true,
    ...lazily(async () => (await import("../../panels/gradient_flow.js")).gradientFlowPanel),
  },
  {
    id: "histograms",
    title: TEXTS.histograms,
    group: "network",
    shows: SHOWS.histograms,
    reads: ["histograms"],
    tall: true,
    whole: true,
    applies: () => true,
    ...lazily(async () => (await import("../../panels/histograms.js")).histogramsPanel),
  },
  {
    id: "trajectory",
    title: TEXTS.trajectory,
    group: "network",
    shows: SHOWS.trajectory,
    reads: ["trajectory"],
    tall: true,
    whole: true,
    keeps: true,
    applies: () => true,
    ...lazily(async () => (await import("../../panels/trajectory.js")).trajectoryPanel),
  },
  {
    id: "landscape",
    title: TEXTS.landscape,
    group: "network",
    shows: SHOWS.landscape,
    tall: true,
    whole: true,
    applies: () => true,
    ...lazily(async () => (await import("../../panels/landscape.js")).landscapePanel),
  },
  {
    id: "lr_range_test",
    title: TEXTS.rates,
    group: "network",
    shows: SHOWS.lr_range_test,
    tall: true,
    applies: () => true,
    ...lazily(async () => (await import("../../panels/lr_range_test.js")).lrRangeTestPanel),
  },
  {
    id: "variants",
    title: TEXTS.race,
    group: "network",
    shows: SHOWS.variants,
    tall: true,
    whole: true,
    applies: () => true,
    ...lazily(async () => (await import("../../panels/variants.js")).variantsPanel),
  },
];
