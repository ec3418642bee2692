/** Unit health: which units are dead or saturated, in a strip for each activation, and marked on the network. */

/** @import { RunControl } from "../run/run.js" */
/** @import { StageView } from "../network/layout.js" */
/** @import { Activation, Health } from "./unit_health/model.js" */

import { element, picture, setText } from "../core/dom.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { sheet } from "../core/sheet.js";
import { texts } from "../core/texts.js";
import { color } from "../draw/theme_colors.js";
import { model } from "./unit_health/model.js";

const TEXTS = texts(import.meta.url, {
  caption: "Units of each activation: dead, saturated or alive",
  legend: "Each cell is a unit: dead, saturated for more than nine samples of ten, or alive.",
  strip: "{name}: {text}",
});

/** @type {Record<Health, string>} */
const COLORS = { dead: "ink", saturated: "accent", alive: "line-strong" };

/** How high the cells of dead units are drawn, of saturated and of others: a second cue beside the colour. */
const HEIGHTS = { dead: 12, saturated: 8, alive: 4 };

/** The width of a strip, and the most of one cell. */
const WIDTH = 480;
const CELL = 12;

/** @param {RunControl} run @param {StageView} stage */
export function panel(run, stage) {
  const rows = element("tbody");
  const summary = element("p", { class: "note" });
  const content = element(
    "div",
    { class: "health-panel" },
    summary,
    element(
      "table",
      { class: "health-rows" },
      element("caption", { class: "visually-hidden" }, TEXTS.caption),
      rows,
    ),
    element("p", { class: "note" }, TEXTS.legend),
  );
  /** @type {Activation[]} */
  let shown = [];
  const mark = () => markUnits(stage, content.isConnected && isOpen(content) ? shown : []);
  const paint = onNextPaint(() => {
    const frame = run.latest.get("unit_health");
    if (!frame) return;
    const health = model(frame, run.state.description?.nodes ?? []);
    shown = health.activations;
    setText(summary, health.summary);
    rows.replaceChildren(...shown.map(row));
    mark();
  });
  void sheet(new URL("../styles/unit_health.css", import.meta.url));
  run.onFrame("unit_health", paint);
  run.store.watch((state) => state.theme, paint);
  new IntersectionObserver(mark).observe(content); // another tab is opened, or the inspector closed
  stage.onArranged(mark);
  return content;
}

/** @param {HTMLElement} content */
const isOpen = (content) => content.offsetParent !== null;

/** @param {Activation} activation */
function row({ name, units, text }) {
  const strip = picture("health-strip", { "aria-label": TEXTS.strip({ name, text }) });
  drawStrip(strip, units);
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, name),
    element("td", {}, strip),
    element("td", { class: "number" }, text),
  );
}

/** @param {HTMLCanvasElement} strip @param {Health[]} units */
function drawStrip(strip, units) {
  const cell = Math.min(CELL, WIDTH / units.length);
  const scale = devicePixelRatio;
  strip.width = Math.round(cell * units.length * scale);
  strip.height = HEIGHTS.dead * scale;
  strip.style.setProperty("--width", `${cell * units.length}px`);
  const context = strip.getContext("2d");
  if (!context) return;
  context.scale(scale, scale);
  units.forEach((health, unit) => {
    context.fillStyle = color(COLORS[health]);
    const gap = cell > 3 ? 1 : 0;
    context.fillRect(unit * cell, HEIGHTS.dead - HEIGHTS[health], cell - gap, HEIGHTS[health]);
  });
}

/** The units of the drawing that are dead or saturated. @param {StageView} stage @param {Activation[]} shown */
function markUnits(stage, shown) {
  const columns = stage.layout?.columns ?? [];
  /** @type {Map<string, Health[]>} */
  const healths = new Map();
  for (const { node, units } of shown) {
    const column = columns.find(({ members }) => members.some(({ name }) => name === node));
    if (column) healths.set(column.name, units);
  }
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".unit"))) {
    const { column = "", unit } = button.dataset;
    const health = healths.get(column)?.[Number(unit)];
    if (health === "dead" || health === "saturated") button.dataset["health"] = health;
    else delete button.dataset["health"];
  }
}
