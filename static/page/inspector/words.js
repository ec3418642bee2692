/** What the inspector says, in one place. */

export const WORDS = {
  name: "Inspector",
  close: "Close (Esc)",
  remove: "Remove this layer",
  network: "Network",
  input: "Input",
  height: "Height of the inspector",
  width: "Width of the inspector",
  place: "Where the inspector lies",
  unitTabs: "Unit",
  networkTabs: "Network",
  node: "Node",
  data: "What the data give the network.",
  /** @param {number} unit counted from 1 @param {string} column */
  unitPicture: (unit, column) => `What unit ${unit} of ${column} does`,
};

/** Where it may lie: the place, what its button is called, its icon. */
export const PLACES = /** @type {const} */ ([
  ["below", "Below the network", "dock-below"],
  ["right", "To the right of the network", "dock-right"],
  ["full", "Full, with the network as a strip", "dock-full"],
]);
