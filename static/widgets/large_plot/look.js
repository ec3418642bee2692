/** How Plotly draws in the page's look: a template of colours and type from the tokens. */

import { color } from "../../draw/theme_colors.js";

/** Tokens of the page, as a layout's template has them; what a figure says itself stands above it. */
export function template() {
  const [paper, ink, faint, line] = ["panel", "ink", "ink-2", "line"].map(color);
  const axis = {
    color: faint,
    gridcolor: line,
    linecolor: color("line-strong"),
    zerolinecolor: color("line-strong"),
    exponentformat: "e",
    minexponent: 4,
    separatethousands: true,
    automargin: true,
    ticklabelstandoff: 4,
  };
  const solid = { ...axis, backgroundcolor: paper, showspikes: false };
  return {
    layout: {
      font: { family: color("font"), size: 13, color: ink },
      paper_bgcolor: paper,
      plot_bgcolor: paper,
      xaxis: axis,
      yaxis: axis,
      scene: { xaxis: solid, yaxis: solid, zaxis: solid, bgcolor: paper },
      hoverlabel: { bgcolor: color("paper"), bordercolor: color("line-strong"), font: { color: ink } },
      legend: { orientation: "h", x: 0, y: 1.01, yanchor: "bottom", uirevision: "kept" },
    },
  };
}
