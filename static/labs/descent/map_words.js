/** What the map of a surface says. */

import { texts } from "../../core/texts.js";

export const TEXTS = texts(import.meta.url, {
  theSurface: "The surface",
  fromAbove: "The surface from above; the start is at {start}. Arrow keys move it.",
  height: "f({x}, {y}) ≈ {height}. Drag the start, or press where it shall be.",
});
