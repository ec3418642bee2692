/** How large what is pressed has to be: tokens.css decides, by the pointer and the screen. */

/** @returns {boolean} whether targets are as large as fingers need them */
export function forFingers() {
  return parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--target")) > 0;
}
