/** The lab of gradient descent: optimizers race down a surface one can see all of. */

/** @import { Json, JsonObject, Located, Schema } from "../types.d.ts" */
/** @import { Context, Control } from "../form/field.js" */
/** @import { Entry, Example } from "./descent/examples.js" */

import { getCatalog, getStudySchema } from "../api.js";
import { category } from "../draw/colors.js";
import { drawPlot } from "../draw/plot.js";
import { extent, scaleFor } from "../draw/ticks.js";
import { element, onNextFrame, setText } from "../dom.js";
import { control, groupControl, showProblems, clearProblems, variantControl } from "../form/form.js";
import { defaultOf, resolved, variants } from "../form/schema.js";
import { isEqual, isObject, withValue } from "../json.js";
import { findItem } from "../page/catalog.js";
import { plotInk } from "../page/ink.js";
import { EXAMPLES } from "./descent/examples.js";
import { SurfaceMap } from "./descent/map.js";
import { Pad } from "./descent/pad.js";
import { Playback } from "./descent/playback.js";
import { Points } from "./descent/points.js";
import { Race } from "./descent/race.js";
import { isItem, Runners } from "./descent/runners.js";
import { openLab } from "./lab.js";

/**
 * @typedef {object} Settings what the address keeps
 * @property {JsonObject} surface
 * @property {[number, number] | null} start null: the surface's own
 * @property {Entry[]} entries
 * @property {number} steps
 * @property {number} tolerance
 * @property {number} seed
 * @property {JsonObject} pad the options of the pad that can be turned
 */

const lab = openLab();

const FAMILIES = ["optimizers", "schedules", "surfaces"];

/** Options of a surface with which the domain stays what it is, and so may the start. */
const KEEPS_START = new Set(["/surface/text", "/surface/noise", "/surface/condition", "/surface/curvature", "/surface/width"]);

const PAD_OPTIONS = ["rate_low", "rate_high", "momentum_low", "momentum_high", "steps", "resolution"];

/** Milliseconds of quiet before the pad is filled anew. */
const PAD_WAIT = 180;

const still = matchMedia("(prefers-reduced-motion: reduce)");

const [catalog, raceSchema, padSchema] = await Promise.all([getCatalog(), getStudySchema("optimizer_race"), getStudySchema("optimizer_pad")]);

// What is set ---------------------------------------------------------------------------------------------

/** @type {Settings} */
let settings = read(lab.remembered());
let chosen = 0;
let arrows = true;
let solid = false;
/** @type {Race | null} */
let race = null;
/** A race that is new to the page starts from the beginning; one that follows a dragging hand is shown whole. */
let following = false;
let fresh = true;
/** Whether the start is under a hand: a whole drag is one step of undo. */
let dragged = false;

/** @param {JsonObject | null} kept @returns {Settings} */
function read(kept) {
  const first = fromExample(/** @type {Example} */ (EXAMPLES[0]));
  if (!kept) return first;
  const { surface, start, entries, steps, tolerance, seed, pad } = kept;
  const known = Array.isArray(entries) && entries.length > 0 && entries.every((entry) => isObject(entry) && isItem(entry["optimizer"]));
  return {
    surface: isItem(surface) ? surface : first.surface,
    start: Array.isArray(start) && start.length === 2 ? [Number(start[0]), Number(start[1])] : null,
    entries: known ? /** @type {Entry[]} */ (/** @type {unknown} */ (entries)) : first.entries,
    steps: typeof steps === "number" ? steps : first.steps,
    tolerance: typeof tolerance === "number" ? tolerance : first.tolerance,
    seed: typeof seed === "number" ? seed : 0,
    pad: isObject(pad) ? { ...first.pad, ...pad } : first.pad,
  };
}

/** With every option written out. @param {Example} example @returns {Settings} */
function fromExample({ setup }) {
  const pad = Object.fromEntries(PAD_OPTIONS.map((name) => [name, padSchema.properties?.[name]?.default ?? null]));
  return {
    surface: whole("surface", raceSchema.properties?.["surface"], setup.surface),
    start: setup.start,
    entries: setup.entries.map(({ label = null, optimizer, schedule = { kind: "constant" } }) => ({
      label,
      optimizer: whole("optimizer", entrySchema().properties?.["optimizer"], optimizer),
      schedule: whole("schedule", entrySchema().properties?.["schedule"], schedule),
    })),
    steps: setup.steps,
    tolerance: 0.01,
    seed: 0,
    pad,
  };
}

/** @returns {Schema} */
function entrySchema() {
  return resolved(raceSchema, raceSchema.properties?.["entries"]?.items ?? {});
}

/** An item with its defaults. @param {string} name @param {Schema | undefined} union @param {JsonObject} item @returns {JsonObject} */
function whole(name, union, item) {
  const variant = variants(raceSchema, resolved(raceSchema, union ?? {}))?.get(String(item["kind"]));
  if (!variant) throw new Error(`there is no ${name} '${item["kind"]}'`);
  return { .../** @type {JsonObject} */ (defaultOf(raceSchema, { ...variant, default: undefined })), ...item };
}

// The page ------------------------------------------------------------------------------------------------

/** @type {Context} */
const context = {
  root: raceSchema,
  change: (pointer, value) => change(pointer, value),
  item: (kind) => findItem(catalog, kind, FAMILIES),
  fields: new Map(),
};

const playback = new Playback(() => paint());
const map = new SurfaceMap((x, y, done) => moveStart(x, y, done));
const points = new Points((after) => change("/surface", { ...settings.surface, points: after }));
/** @type {import("./descent/view3d.js").View3d | null} */
let view3d = null;
const chart = element("canvas", { class: "plot race-chart", role: "img", "aria-label": "Loss against step" });
const runners = new Runners(context, catalog, raceSchema.properties?.["entries"] ?? {}, {
  change: (pointer, value) => change(pointer, value),
  choose: (index) => choose(index),
  most: raceSchema.properties?.["entries"]?.maxItems ?? 24,
});

const surfaceForm = variantControl(context, "/surface", "surface", resolved(raceSchema, raceSchema.properties?.["surface"] ?? {}), (name) => name !== "kind" && name !== "points");
const surfaceFormula = element("p", { class: "formula" });
const surfaceWords = element("p", { class: "note" });
const startForm = startControl();
const raceForm = groupControl(context, "", raceSchema, (name) => name === "steps" || name === "tolerance" || name === "seed");
const padContext = { ...context, root: padSchema };
const padForm = groupControl(padContext, "/pad", padSchema, (name) => PAD_OPTIONS.includes(name));
const pad = new Pad(
  (rate, momentum) => setRunner(rate, momentum),
  element("details", { class: "more pad-options" }, element("summary", {}, "Range"), padForm.element),
);
const chips = EXAMPLES.map((example) =>
  element("button", { type: "button", class: "mark", "aria-pressed": "false", onclick: () => setSettings(fromExample(example)) }, example.title),
);
const exampleWords = element("p", { class: "note example-words", role: "status" });
const mapButtons = [segment("From above", () => show(false)), segment("In 3-D", () => show(true))];
const arrowsSwitch = element("input", { type: "checkbox", checked: true });
arrowsSwitch.addEventListener("change", () => {
  arrows = arrowsSwitch.checked;
  paint();
});
const busy = element("progress", { class: "race-progress", max: 1, "aria-label": "Race" });
const stage = element("div", { class: "stage-3d", hidden: true });

lab.root.append(
  element("div", { class: "examples", role: "group", "aria-label": "Examples" }, ...chips),
  exampleWords,
  element(
    "div",
    { class: "descent" },
    element(
      "div",
      { class: "descent-setup" },
      element("section", { class: "lab-card" }, element("h2", { class: "caption" }, "Surface"), surfaceForm.element, surfaceFormula, surfaceWords, points.element, startForm.element),
      element("section", { class: "lab-card" }, element("h2", { class: "caption" }, "Race"), raceForm.element),
      pad.element,
    ),
    element(
      "div",
      { class: "descent-stage" },
      element(
        "div",
        { class: "stage-head" },
        element("div", { class: "segments", role: "group", "aria-label": "View" }, ...mapButtons),
        element("label", { class: "check", title: "An arrow where the momentum leads; an ellipse that is wide where past slopes were small, so that steps are stretched." }, arrowsSwitch, "Momentum and step shape"),
      ),
      map.element,
      stage,
      busy,
      playback.element,
      element("section", { class: "race-loss" }, element("h2", { class: "caption" }, "Loss above the least"), chart),
    ),
    element("div", { class: "descent-runners" }, runners.element),
  ),
);
new ResizeObserver(() => paint()).observe(chart);

/** @param {string} text @param {() => void} onclick */
function segment(text, onclick) {
  return element("button", { type: "button", class: "segment", "aria-pressed": "false", onclick }, text);
}

/** Two numbers, of which the picture is the main way to set them. @returns {Control} */
function startControl() {
  const number = { type: "number", description: "Where all runners start; or drag the ring on the map." };
  const own = { ...context, change: (/** @type {string} */ pointer, /** @type {Json} */ value) => moveStartTo(pointer.endsWith("/0") ? 0 : 1, value) };
  const [x, y] = [control(own, "/start/0", "start_x", number), control(own, "/start/1", "start_y", number)];
  const whole = element("div", { class: "group start" }, x.element, y.element);
  return {
    element: whole,
    update(value) {
      if (!Array.isArray(value)) return;
      x.update(value[0] ?? null);
      y.update(value[1] ?? null);
    },
  };
}

// Changes -------------------------------------------------------------------------------------------------

/** @param {string} pointer @param {Json} value */
function change(pointer, value) {
  let after = withValue(settings, pointer, value);
  if (pointer.startsWith("/surface") && !KEEPS_START.has(pointer)) after = { ...after, start: null };
  setSettings(after);
}

/** What was set before, and what was undone. @type {{ past: Settings[], future: Settings[] }} */
const versions = { past: [], future: [] };
const MOST_UNDONE = 100;

/** @param {Settings} before */
function keepForUndo(before) {
  versions.past.push(before);
  if (versions.past.length > MOST_UNDONE) versions.past.shift();
  versions.future = [];
}

/** @param {Settings[]} from @param {Settings[]} to */
function turnBack(from, to) {
  const found = from.pop();
  if (!found) return;
  to.push(settings);
  present(found);
}

/** @param {Settings} after */
function setSettings(after) {
  keepForUndo(settings);
  present(after);
}

/** @param {Settings} after */
function present(after) {
  if (after.surface["kind"] !== settings.surface["kind"]) map.forget();
  settings = after;
  chosen = Math.min(chosen, settings.entries.length - 1);
  following = false;
  fresh = true;
  refresh();
  run();
}

/** @param {number} x @param {number} y @param {boolean} done */
function moveStart(x, y, done) {
  const [width, height] = [(race?.scene.x[1] ?? 1) - (race?.scene.x[0] ?? 0), (race?.scene.y[1] ?? 1) - (race?.scene.y[0] ?? 0)];
  if (!dragged) keepForUndo(settings);
  dragged = !done;
  settings = { ...settings, start: [rounded(x, width), rounded(y, height)] };
  following = true;
  fresh = true;
  startForm.update(settings.start);
  run(!done);
  if (done) lab.remember(/** @type {JsonObject} */ (/** @type {unknown} */ (settings)));
}

/** To a thousandth of the map. @param {number} value @param {number} range */
function rounded(value, range) {
  const digits = Math.max(0, 3 - Math.floor(Math.log10(range)));
  return Number(value.toFixed(Math.min(12, digits)));
}

/** @param {0 | 1} axis @param {Json} value */
function moveStartTo(axis, value) {
  const { x, y } = race?.place(0, 0) ?? { x: 0, y: 0 };
  const start = /** @type {[number, number]} */ (settings.start ?? [x, y]);
  setSettings({ ...settings, start: axis === 0 ? [Number(value), start[1]] : [start[0], Number(value)] });
}

/** @param {number} index */
function choose(index) {
  chosen = index;
  refresh();
  fillPad();
  paint();
}

/** Race with a place of the pad. @param {number} rate @param {number} momentum */
function setRunner(rate, momentum) {
  const entry = settings.entries[chosen];
  const name = inertiaOf(entry);
  if (!entry || !name) return;
  change(`/entries/${chosen}`, /** @type {JsonObject} */ (/** @type {unknown} */ ({ ...entry, label: null, optimizer: { ...entry.optimizer, learning_rate: rate, [name]: momentum } })));
}

/** What an optimizer calls its momentum. @param {Entry | undefined} entry */
function inertiaOf(entry) {
  return findItem(catalog, String(entry?.optimizer["kind"]), ["optimizers"])?.inertia ?? null;
}

/** Everything that shows the settings. */
function refresh() {
  clearProblems(context.fields);
  const { surface } = settings;
  surfaceForm.update(surface);
  raceForm.update(/** @type {Json} */ (/** @type {unknown} */ (settings)));
  padForm.update(settings.pad);
  const item = findItem(catalog, String(surface["kind"]), ["surfaces"]);
  setText(surfaceFormula, surface["kind"] === "formula" ? "" : (item?.formula ?? ""));
  surfaceFormula.hidden = surfaceFormula.textContent === "";
  setText(surfaceWords, `${item?.summary.replace(/^[^:]*:\s*/, "").replace(/^./, (first) => first.toUpperCase()) ?? ""} ${item?.reference ?? ""}`);
  points.element.hidden = surface["kind"] !== "regression";
  if (Array.isArray(surface["points"])) points.update(/** @type {[number, number][]} */ (surface["points"]));
  runners.update(settings.entries, chosen);
  const example = EXAMPLES.find((each) => isEqual(/** @type {Json} */ (/** @type {unknown} */ (fromExample(each))), /** @type {Json} */ (/** @type {unknown} */ (settings))));
  chips.forEach((chip, index) => chip.setAttribute("aria-pressed", String(EXAMPLES[index] === example)));
  if (example) setText(exampleWords, example.words);
  mapButtons[0]?.setAttribute("aria-pressed", String(!solid));
  mapButtons[1]?.setAttribute("aria-pressed", String(solid));
  markPad();
  lab.remember(/** @type {JsonObject} */ (/** @type {unknown} */ (settings)));
}

// Studies -------------------------------------------------------------------------------------------------

/** @param {boolean} [moving] whether the hand is still at it */
function run(moving = false) {
  const { surface, start, entries, steps, tolerance, seed } = settings;
  const document = /** @type {JsonObject} */ (/** @type {unknown} */ ({ kind: "optimizer_race", surface, start, entries, steps, tolerance, seed }));
  lab.latest(document, {
    frame: (frame) => {
      clearProblems(context.fields);
      race = new Race(frame);
      startForm.update([race.place(0, 0).x, race.place(0, 0).y].map((value) => Number(value.toPrecision(6))));
      if (fresh && !following) playback.pace(settings.steps);
      playback.extend(race.steps, settings.steps);
      if (following || still.matches) playback.finish();
      else if (fresh) playback.restart();
      fresh = false;
      paint();
    },
    state: ({ state, done, detail, problems }) => {
      busy.value = state === "done" ? 1 : done;
      busy.classList.toggle("idle", state !== "running" && state !== "waiting");
      if (state === "failed") refuse(problems ?? [], detail ?? "the race failed");
    },
  }, "race");
  if (!moving) fillPad();
}

/** @param {Located[]} problems @param {string} detail */
function refuse(problems, detail) {
  const placed = problems.map(({ pointer, message }) => ({ pointer: pointer.replace(/^\/study/, "").replace(/^\/start$/, "/start/0"), message }));
  const homeless = showProblems(context.fields, placed);
  const first = homeless[0];
  if (problems.length === 0) lab.notify(detail, "error");
  else if (first) lab.notify(first.message, "error");
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let padding;

function fillPad() {
  clearTimeout(padding);
  padding = setTimeout(fillPadNow, PAD_WAIT);
}

function fillPadNow() {
  const entry = settings.entries[chosen];
  const name = inertiaOf(entry);
  if (!entry || !name) {
    lab.cancel("pad");
    pad.clear(`${entry ? runners.nameOf(entry) : "This"} has no momentum. Choose a runner that has.`);
    return;
  }
  const { surface, start, tolerance, seed } = settings;
  // Rate and momentum are what the pad varies: with others it is the same pad.
  const optimizer = { ...entry.optimizer, learning_rate: 0.01, [name]: 0.9 };
  const document = /** @type {JsonObject} */ (/** @type {unknown} */ ({ kind: "optimizer_pad", surface, start, optimizer, tolerance, seed, ...settings.pad }));
  const most = Number(settings.pad["steps"]);
  lab.latest(document, {
    frame: (frame) => pad.take(frame, most),
    state: ({ state, detail, problems }) => {
      if (state !== "failed") return;
      pad.clear("");
      const own = (problems ?? []).map(({ pointer, message }) => ({ pointer: pointer.replace(/^\/study/, "/pad"), message }));
      const homeless = showProblems(context.fields, own.filter(({ pointer }) => context.fields.has(pointer)));
      if ((problems ?? []).length === 0 || homeless.length > 0) pad.clear(detail ?? "");
    },
  }, "pad");
}

function markPad() {
  const entry = settings.entries[chosen];
  const name = inertiaOf(entry);
  const at = entry && name ? { rate: Number(entry.optimizer["learning_rate"]), momentum: Number(entry.optimizer[name]) } : null;
  pad.mark(entry ? ` of ${runners.nameOf(entry)}` : "", { momentum: "momentum μ", beta: "momentum β", beta1: "β₁" }[name ?? ""] ?? "momentum", at);
}

// Pictures ------------------------------------------------------------------------------------------------

/** @param {boolean} three */
async function show(three) {
  solid = three;
  if (three && !view3d) {
    const { View3d } = await import("./descent/view3d.js");
    view3d = new View3d();
    stage.append(view3d.element);
  }
  map.element.hidden = three;
  stage.hidden = !three;
  arrowsSwitch.disabled = three;
  refresh();
  paint();
}

const paint = onNextFrame(() => {
  if (!race) return;
  const { head } = playback;
  const axes = /** @type {[string, string]} */ (settings.surface["kind"] === "regression" ? ["m", "b"] : ["x", "y"]);
  if (solid) view3d?.show({ race, head, chosen, axes, theme: lab.theme });
  else map.show({ race, head, chosen, state: arrows, axes, theme: lab.theme });
  runners.follow(race, head, settings.steps);
  if (!points.element.hidden) points.follow(race, head);
  paintChart(race, head);
});

/** @param {Race} shown @param {number} head */
function paintChart(shown, head) {
  const known = shown.scene.minima.length > 0;
  const count = Math.floor(head) + 1;
  const x = Float64Array.from({ length: shown.steps + 1 }, (_, step) => step);
  const all = Array.from({ length: shown.count }, (_, runner) => Float64Array.from(shown.losses(runner), (loss) => (known ? loss - shown.scene.least : loss)));
  const highest = Math.max(...all.map((losses) => losses[0] ?? 1));
  // What flies off shall not press the others flat.
  const within = all.map((losses) => losses.filter((loss) => loss <= (known ? 30 : 1) * Math.abs(highest) && loss >= (known ? 1e-12 : shown.scene.least)));
  const lines = all.map((losses, runner) => ({
    x: x.subarray(0, count),
    y: losses.subarray(0, count),
    color: category(runner),
    width: runner === chosen ? 2.5 : 1.5,
    ...(runner < 8 ? {} : { dash: [6, 3] }),
  }));
  const y = scaleFor(extent(within, known), known);
  drawPlot(chart, { lines, x: { low: 0, high: Math.max(1, settings.steps), log: false }, y, cursor: head > 0 ? head : null, xLabel: "step" }, plotInk());
  const said = lines.map((line, runner) => `${runners.nameOf(settings.entries[runner] ?? /** @type {Entry} */ (settings.entries[0]))} ${line.y.at(-1)?.toPrecision(3) ?? "–"}`);
  chart.setAttribute("aria-label", `Loss at step ${count - 1}: ${said.join(", ")}`);
}

lab.onTheme(() => {
  pad.paint(lab.theme);
  paint();
});

document.addEventListener("keydown", (event) => {
  const target = event.target;
  const inText = target instanceof HTMLInputElement && target.type === "text";
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !inText) {
    event.preventDefault();
    if (event.shiftKey) turnBack(versions.future, versions.past);
    else turnBack(versions.past, versions.future);
    return;
  }
  const typing = target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLButtonElement;
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === " ") {
    event.preventDefault();
    if (playback.playing) playback.pause();
    else playback.play();
  } else if (event.key === ".") playback.step(1);
  else if (event.key === ",") playback.step(-1);
  else if (event.key === "r") playback.restart();
});

addEventListener("hashchange", () => {
  const kept = lab.remembered();
  if (kept && !isEqual(kept, /** @type {Json} */ (/** @type {unknown} */ (settings)))) setSettings(read(kept));
});

refresh();
run();
