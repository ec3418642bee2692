/** The theme's colours as canvases need them: read once, and again when the theme changes. */

/** @type {{ theme: string, colors: Record<string, string> } | null} */
let kept = null;

// A larger window has larger type.
globalThis.addEventListener?.("resize", () => (kept = null));

/** @param {string[]} names of tokens, without dashes */
function read(names) {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

/** @returns {Record<string, string>} */
function colors() {
  const theme = document.documentElement.dataset["theme"] ?? "light";
  if (kept?.theme !== theme) {
    const names = [
      "negative",
      "positive",
      "edge-neutral",
      "line",
      "ink",
      "ink-2",
      "ink-3",
      "tile",
      "tile-line",
      "accent",
      "train",
      "validation",
      "test",
      "batch",
      "paper",
      "panel",
      "line-strong",
      "font",
      "size-caption",
      "size-plot",
    ];
    kept = { theme, colors: read(names) };
  }
  return kept.colors;
}

/** @param {string} name of a token */
export function color(name) {
  return colors()[name] ?? "#888";
}

export function networkColors() {
  return {
    negative: color("negative"),
    positive: color("positive"),
    neutral: color("edge-neutral"),
    line: color("line-strong"),
    text: color("ink-2"),
    tile: color("tile"),
    tileLine: color("tile-line"),
    accent: color("accent"),
    caption: `${color("size-caption")} ${color("font")}`,
  };
}

export function plotColors() {
  return {
    text: color("ink-3"),
    grid: color("line"),
    cursor: color("accent"),
    mark: color("line-strong"),
    paper: color("panel"),
    font: plotFont(),
  };
}

/** Pixels of the type of plots on a usual screen; styles/tokens.css has the same, and more on a large one. */
const USUAL = 11;

/**
 * The type of what is written on a plot; it grows with the screen.
 *
 * @param {number} [size] in pixels, on a usual screen @param {string} [style]
 */
export function plotFont(size = USUAL, style = "") {
  return `${style} ${size * plotScale()}px ${color("font")}`.trim();
}

/** How much larger what is written on a plot is than on a usual screen. */
export const plotScale = () => (parseFloat(color("size-plot")) || USUAL) / USUAL;

/** The colours of what stands on a surface that is turned or read off. */
export function groundColors() {
  return { ink: color("ink"), paper: color("paper") };
}
