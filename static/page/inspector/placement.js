/** Where the inspector lies, and how large it may be. Pure. */

/** @typedef {"below" | "right" | "full"} Place */

/** Pages narrower than this have no room for the inspector beside or below three columns. */
export const LEAST_PAGE = 1100;

/** The least that is left of the network, to look into it. */
const LEAST_NETWORK = { height: 250, width: 320 };

/** The least that is left of the inspector. */
export const LEAST_INSPECTOR = { height: 120, width: 360 };

/** Where it lies on a page of some width. @param {number} width @param {string | undefined} wished @returns {Place} */
export function placeOn(width, wished) {
  if (width < LEAST_PAGE) return "full";
  return wished === "right" || wished === "full" ? wished : "below";
}

/**
 * The most that its body may have of the room that it shares with the network.
 *
 * @param {"height" | "width"} along @param {number} room @param {number} head what of it the tabs take
 */
export function mostOf(along, room, head) {
  return Math.max(LEAST_INSPECTOR[along], room - LEAST_NETWORK[along] - head);
}
