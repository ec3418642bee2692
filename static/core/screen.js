/** Screens on which parts of the page are laid out otherwise. */

/** A phone, held upright; the style sheets have the same width. */
export const PHONE = matchMedia("(max-width: 640px)");

/** One that leaves the network little room beside what is said of it: a phone, or a screen at twice its size. */
export const SMALL = matchMedia("(max-width: 640px), (max-height: 560px)");
