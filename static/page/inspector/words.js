/** What the inspector says, in one place. */

import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  belowTheNetwork: "Below the network",
  rightNetwork: "To the right of the network",
  fullNetworkStrip: "Full, with the network as a strip",
});

export const WORDS = texts(import.meta.url, {
  name: "Inspector",
  close: "Close (Esc)",
  remove: "Remove this layer",
  network: "Network",
  height: "Height of the inspector",
  width: "Width of the inspector",
  place: "Where the inspector lies",
  unitTabs: "Unit",
  networkTabs: "Network",
  node: "Node",
  data: "What the data give the network.",
  computes: "Computes {what}: {time}",
  noReference: "What the reference says cannot be fetched: {reason}. Select the unit again to try again.",
  unitPicture: "What unit {unit} of {column} does",
});

/** Where it may lie: the place, what its button is called, its icon. */
export const PLACES = /** @type {const} */ ([
  ["below", TEXTS.belowTheNetwork, "dock-below"],
  ["right", TEXTS.rightNetwork, "dock-right"],
  ["full", TEXTS.fullNetworkStrip, "dock-full"],
]);

/** What each tab will show, and how to get it. */
export const SHOWS = texts(import.meta.url, {
  arithmetic: [
    "How one number of this map or unit comes about: window, products, sum. It comes with the next",
    "step.",
  ],
  weights:
    "The weights of a layer as a matrix, and how often each size occurs. Select a layer that has some.",
  maps: "Every layer's feature maps of the chosen picture. They come with the next step.",
  filters: "The layer's kernels as pictures. They come with the next step.",
  features: [
    "The pictures that excite this map most, and what in them does. They are searched as soon as the",
    "tab is open.",
  ],
  attribution: "Which pixels speak for the answer, by several methods.",
  gradient_flow:
    "How large the gradient of each layer is, and how far each step moves it. It comes with the next step.",
  histograms:
    "How the activations and gradients of each node are spread, step by step. It comes with the next step.",
  trajectory: "The path of all weights, in the plane that shows most of it. It grows as training goes on.",
  landscape:
    "The loss around the network's weights. It is computed as soon as the tab is open, coarse at once.",
  pixel_classes: "What the network says of each pixel, drawn over pictures of the set.",
  lr_range_test: "The loss against a rising learning rate, and the rates worth training with. Press Run.",
  variants: "Variants of this run side by side, from the same state. Name them, then start the race.",
});
