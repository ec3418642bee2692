/** The lab of gradient descent: optimizers race down a surface one can see all of. */

/** @import { Json, JsonObject, Located } from "../types.d.ts" */
/** @import { Context } from "../form/field.js" */
/** @import { Entry } from "./descent/examples.js" */
/** @import { Settings } from "./descent/settings.js" */

import { getCatalog, getStudySchema } from "../core/api.js";
import { element, onNextFrame, setText } from "../core/dom.js";
import { clearProblems, groupControl, showProblems, variantControl } from "../form/form.js";
import { resolved } from "../form/schema.js";
import { isEqual } from "../core/json.js";
import { texts } from "../core/texts.js";
import { findItem } from "../catalog/catalog.js";
import { Chart } from "./descent/chart.js";
import { EXAMPLES } from "./descent/examples.js";
import { Filling } from "./descent/filling.js";
import { History } from "./history.js";
import { listenToKeys } from "./descent/keys.js";
import { Pad } from "./descent/pad.js";
import { Playback } from "./descent/playback.js";
import { Points } from "./descent/points.js";
import { Race } from "./descent/race.js";
import { Runners } from "./descent/runners.js";
import { asJson, changed, PAD_OPTIONS, raceOf, SettingsReader } from "./descent/settings.js";
import { Stage } from "./descent/stage.js";
import { startControl } from "./descent/start.js";
import { openLab } from "./lab.js";

const TEXTS = texts(import.meta.url, {
  range: "Range",
  race: "Race",
  examples: "Examples",
  surface: "Surface",
  this: "This",
  theRaceFailed: "the race failed",
});

const lab = openLab();

const FAMILIES = ["optimizers", "schedules", "surfaces"];

const still = matchMedia("(prefers-reduced-motion: reduce)");

const [catalog, raceSchema, padSchema] = await Promise.all([
  getCatalog(),
  getStudySchema("optimizer_race"),
  getStudySchema("optimizer_pad"),
]);

// What is set ---------------------------------------------------------------------------------------------

const reader = new SettingsReader(raceSchema, padSchema);
let settings = reader.read(lab.remembered());
/** @type {History<Settings>} */
const versions = new History();
let chosen = 0;
/** @type {Race | null} */
let race = null;
/**
 * A race that is new to the page starts from the beginning; one that follows a dragging hand is shown whole.
 */
let following = false;
let fresh = true;
/** Whether the start is under a hand: a whole drag is one step of undo. */
let dragged = false;

// The page ------------------------------------------------------------------------------------------------

/** @type {Context} */
const context = {
  root: raceSchema,
  change: (pointer, value) => change(pointer, value),
  item: (kind) => findItem(catalog, kind, FAMILIES),
  fields: new Map(),
};

const playback = new Playback(() => paint());
const stage = new Stage(
  (x, y, done) => moveStart(x, y, done),
  () => paint(),
);
const chart = new Chart(() => paint());
const points = new Points((after) => change("/surface", { ...settings.surface, points: after }));
const runners = new Runners(context, catalog, raceSchema.properties?.["entries"] ?? {}, {
  change: (pointer, value) => change(pointer, value),
  choose: (index) => choose(index),
  most: raceSchema.properties?.["entries"]?.maxItems ?? 24,
});

const surfaceForm = variantControl(
  context,
  "/surface",
  "surface",
  resolved(raceSchema, raceSchema.properties?.["surface"] ?? {}),
  (name) => name !== "kind" && name !== "points",
);
const surfaceFormula = element("p", { class: "formula" });
const surfaceNote = element("p", { class: "note" });
const startForm = startControl(context, (axis, value) => moveStartTo(axis, value));
const raceForm = groupControl(
  context,
  "",
  raceSchema,
  (name) => name === "steps" || name === "tolerance" || name === "seed",
);
const padForm = groupControl({ ...context, root: padSchema }, "/pad", padSchema, (name) =>
  PAD_OPTIONS.includes(name),
);
const pad = new Pad(
  (rate, momentum) => setRunner(rate, momentum),
  element("details", { class: "more pad-options" }, element("summary", {}, TEXTS.range), padForm.element),
);
const filling = new Filling(lab, pad, catalog, context.fields);
const chips = EXAMPLES.map((example) =>
  element(
    "button",
    {
      type: "button",
      class: "mark",
      "aria-pressed": "false",
      onclick: () => setSettings(reader.fromExample(example)),
    },
    example.title,
  ),
);
const exampleNote = element("p", { class: "note example-words", role: "status" });
const busy = element("progress", { class: "race-progress", max: 1, "aria-label": TEXTS.race });

lab.root.append(
  element("div", { class: "examples", role: "group", "aria-label": TEXTS.examples }, ...chips),
  exampleNote,
  element(
    "div",
    { class: "descent" },
    element(
      "div",
      { class: "descent-setup" },
      element(
        "section",
        { class: "lab-card" },
        element("h2", { class: "caption" }, TEXTS.surface),
        surfaceForm.element,
        surfaceFormula,
        surfaceNote,
        points.element,
        startForm.element,
      ),
      element(
        "section",
        { class: "lab-card" },
        element("h2", { class: "caption" }, TEXTS.race),
        raceForm.element,
      ),
      pad.element,
    ),
    element("div", { class: "descent-stage" }, stage.element, busy, playback.element, chart.element),
    element("div", { class: "descent-runners" }, runners.element),
  ),
);

const paint = onNextFrame(() => {
  if (!race) return;
  const { head } = playback;
  const axes = /** @type {[string, string]} */ (
    settings.surface["kind"] === "regression" ? ["m", "b"] : ["x", "y"]
  );
  const names = settings.entries.map((entry) => runners.nameOf(entry));
  stage.show({ race, head, chosen, axes, names, theme: lab.theme });
  runners.follow(race, head, settings.steps);
  if (!points.element.hidden) points.follow(race, head);
  chart.show({
    race,
    head,
    chosen,
    steps: settings.steps,
    names,
  });
});

/** The chosen runner. @returns {[Entry | undefined, string]} with its name */
function runner() {
  const entry = settings.entries[chosen];
  return [entry, entry ? runners.nameOf(entry) : TEXTS.this];
}

/** Everything that shows the settings. */
function refresh() {
  clearProblems(context.fields);
  const { surface } = settings;
  surfaceForm.update(surface);
  raceForm.update(asJson(settings));
  padForm.update(settings.pad);
  const item = findItem(catalog, String(surface["kind"]), ["surfaces"]);
  setText(surfaceFormula, surface["kind"] === "formula" ? "" : (item?.formula ?? ""));
  surfaceFormula.hidden = surfaceFormula.textContent === "";
  setText(
    surfaceNote,
    `${item?.summary.replace(/^[^:]*:\s*/, "").replace(/^./, (first) => first.toUpperCase()) ?? ""} ` +
      `${item?.reference ?? ""}`,
  );
  points.element.hidden = surface["kind"] !== "regression";
  if (Array.isArray(surface["points"])) points.update(/** @type {[number, number][]} */ (surface["points"]));
  runners.update(settings.entries, chosen);
  const example = EXAMPLES.find((each) => isEqual(asJson(reader.fromExample(each)), asJson(settings)));
  chips.forEach((chip, index) => chip.setAttribute("aria-pressed", String(EXAMPLES[index] === example)));
  if (example) setText(exampleNote, example.description);
  filling.mark(...runner());
  lab.remember(asJson(settings));
}

// Changes -------------------------------------------------------------------------------------------------

/** @param {string} pointer @param {Json} value */
function change(pointer, value) {
  setSettings(changed(settings, pointer, value));
}

/** @param {Settings} after */
function setSettings(after) {
  versions.keep(settings);
  present(after);
}

/** @param {Settings | undefined} after undefined: as it is */
function present(after) {
  if (!after) return;
  if (after.surface["kind"] !== settings.surface["kind"]) stage.forget();
  settings = after;
  chosen = Math.min(chosen, settings.entries.length - 1);
  following = false;
  fresh = true;
  refresh();
  run();
}

/** @param {number} x @param {number} y @param {boolean} done */
function moveStart(x, y, done) {
  const [width, height] = [
    (race?.scene.x[1] ?? 1) - (race?.scene.x[0] ?? 0),
    (race?.scene.y[1] ?? 1) - (race?.scene.y[0] ?? 0),
  ];
  if (!dragged) versions.keep(settings);
  dragged = !done;
  settings = { ...settings, start: [rounded(x, width), rounded(y, height)] };
  following = true;
  fresh = true;
  startForm.update(settings.start);
  run(!done);
  if (done) lab.remember(asJson(settings));
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
  filling.fill(settings, ...runner());
  paint();
}

/** Race with a place of the pad. @param {number} rate @param {number} momentum */
function setRunner(rate, momentum) {
  const [entry] = runner();
  const name = filling.inertiaOf(entry);
  if (!entry || !name) return;
  change(`/entries/${chosen}`, {
    ...asJson(entry),
    label: null,
    optimizer: { ...entry.optimizer, learning_rate: rate, [name]: momentum },
  });
}

// The race ------------------------------------------------------------------------------------------------

/** @param {boolean} [moving] whether the hand is still at it */
function run(moving = false) {
  lab.latest(
    raceOf(settings),
    {
      frame: (frame) => {
        clearProblems(context.fields);
        race = new Race(frame);
        startForm.update(
          [race.place(0, 0).x, race.place(0, 0).y].map((value) => Number(value.toPrecision(6))),
        );
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
        if (state === "failed") refuse(problems ?? [], detail ?? TEXTS.theRaceFailed);
      },
    },
    "race",
  );
  if (!moving) filling.fill(settings, ...runner());
}

/** @param {Located[]} problems @param {string} detail */
function refuse(problems, detail) {
  const placed = problems.map(({ pointer, message }) => ({
    pointer: pointer.replace(/^\/study/, "").replace(/^\/start$/, "/start/0"),
    message,
  }));
  const homeless = showProblems(context.fields, placed);
  const first = homeless[0];
  if (problems.length === 0) lab.notify(detail, "error");
  else if (first) lab.notify(first.message, "error");
}

lab.onTheme(() => {
  pad.paint(lab.theme);
  paint();
});

listenToKeys(playback, {
  undo: () => present(versions.undo(settings)),
  redo: () => present(versions.redo(settings)),
});

addEventListener("hashchange", () => {
  const kept = lab.remembered();
  if (kept && !isEqual(kept, asJson(settings))) setSettings(reader.read(kept));
});

refresh();
run();
