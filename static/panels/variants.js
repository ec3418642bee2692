/** The race on the real thing: variants of the run, forked here, side by side; drop the losers, keep one. */

/** @import { Experiment, Frame, JsonObject, NamedArray } from "../types.d.ts" */
/** @import { RunControl } from "../run.js" */
/** @import { Line } from "../draw/plot.js" */
/** @import { Choices } from "../page/lanes.js" */

import { forkInto, listCheckpoints } from "../api.js";
import { element, iconButton, onNextFrame, setAttribute, setText } from "../dom.js";
import { category, magnitudeTable } from "../draw/colors.js";
import { drawPlot, valueUnder } from "../draw/plot.js";
import { putPixels } from "../draw/signals.js";
import { answerPixels } from "../draw/surface.js";
import { extent, scaleFor } from "../draw/ticks.js";
import { typedNumber } from "../form/number.js";
import { shortNumber, words } from "../format.js";
import { patched } from "../json.js";
import { check, choose, number, progressOf } from "../page/asked.js";
import { dataset } from "../page/catalog.js";
import { plotInk } from "../page/ink.js";
import { firstFour, nameOf, nothing, patchOf } from "../page/lanes.js";

const MOST_LANES = 16;

/** How often it is asked whether a checkpoint is there. */
const WRITTEN_ATTEMPTS = 100;

/** States of a racer, as the study counts them. */
const STATES = ["racing", "arrived", "diverged", "dropped"];

/** By whose loss variants are told apart, as the study counts them: never the test set's. */
const JUDGES = /** @type {const} */ (["train", "validation"]);

/** What is to be known of a choice by each. */
const CHOSEN = {
  train:
    "No sample is kept for validation in all of them: who leads, and who is dropped, is told by the " +
    "training loss, which favours those that overfit. Set a validation share to choose by samples " +
    "that are not trained on. The test set has no say.",
  validation:
    "Who leads, and who is dropped, is told by the validation loss; the test set has no say, so its " +
    "loss is a test of the winner.",
};

/**
 * @typedef {object} Lane
 * @property {Choices} choices
 * @property {string} color
 * @property {HTMLElement} row
 * @property {HTMLElement} fields
 * @property {HTMLElement} loss
 * @property {HTMLElement} stand
 * @property {HTMLCanvasElement} boundary
 * @property {number} slot its place in the race under way, −1 where it has none
 * @property {string | null} from the checkpoint at which that race began for it, null for the run itself
 * @property {Curve[]} past curves of earlier races, which this one went on from
 * @property {Curve | null} curve
 * @property {string} state
 * @property {number} seen
 */

/** @typedef {{ offset: number, steps: Float64Array, series: Map<string, Float64Array[]> }} Curve */

/** @param {RunControl} run @returns {{ element: HTMLElement, demand: () => JsonObject[] }} */
export function variantsPanel(run) {
  const asked = { steps: 1000, seeds: 1, drop_losers: false };
  /** The curve that is shown; null: of the loss by which they are told apart. @type {string | null} */
  let series = null;
  /** @type {typeof JUDGES[number]} */
  let judge = "train";
  let log = true;
  /** Steps that the lanes have behind them from races before this one. */
  let offset = 0;
  let studied = 0;
  /** The name of the race under way, or of the last one: its checkpoints are called by it. */
  let title = "race";
  /** @type {{ cancel: () => void } | null} */
  let study = null;
  let standing = "none";
  /** What to do when the race under way has ended. @type {(() => void) | null} */
  let afterwards = null;
  /** The experiment that was forked. @type {Experiment | null} */
  let forked = null;
  /** @type {number | null} */
  let cursor = null;
  /** @type {Lane[]} */
  const lanes = [];
  /** The curves that can be chosen. */
  let listed = "";

  const canvas = element("canvas", {
    class: "plot race-plot",
    role: "img",
    "aria-label": "Losses of all variants",
  });
  const hint = element("p", { class: "relief-hint" });
  const empty = element(
    "p",
    { class: "relief-empty" },
    "Fork the run here into variants that differ in a few settings. They start with the same " +
      "weights, take the same batches, and train side by side.",
  );
  const figure = element("div", { class: "relief-figure race-figure" }, canvas, empty, hint);
  const list = element("div", { class: "lanes", role: "list" });
  const progress = progressOf(() => study?.cancel());
  const start = element(
    "button",
    { type: "button", class: "button primary needs-control", onclick: () => begin(false) },
    "Fork and race",
  );
  const onward = element(
    "button",
    { type: "button", class: "button needs-control", hidden: true, onclick: () => begin(true) },
    "Race on",
  );
  const add = element(
    "button",
    { type: "button", class: "button", onclick: () => addLane(nothing(), true) },
    "Add a variant",
  );
  const shown = choose(
    "Curve",
    [
      ["train_loss", "train loss"],
      ["validation_loss", "validation loss"],
      ["test_loss", "test loss"],
    ],
    curve(),
    (value) => ((series = value), paint()),
  );
  const chosen = element("p", { class: "note", hidden: true });
  const controls = element(
    "div",
    { class: "race-controls" },
    shown.element,
    number(
      "Steps",
      { value: asked.steps, min: 1, max: 1_000_000 },
      (value) => (asked.steps = value),
      "Steps that each takes",
    ).element,
    number(
      "Seeds",
      { value: 1, min: 1, max: 8 },
      (value) => (asked.seeds = value),
      "Trainings of each, for a band",
    ).element,
    check("log axis", log, (checked) => ((log = checked), paint())).element,
    check(
      "drop losers",
      false,
      (checked) => (asked.drop_losers = checked),
      "After a quarter and after half of the way, the worse half by validation loss; by training " +
        "loss where no sample is kept for validation",
    ).element,
  );

  function curve() {
    return series ?? `${judge}_loss`;
  }

  function find(/** @type {string} */ family, /** @type {string} */ kind) {
    return run.state.catalog[family]?.find((item) => item.kind === kind);
  }

  /** @param {Choices} choices @param {boolean} [open] to be changed at once */
  function addLane(choices, open = false) {
    if (lanes.length >= MOST_LANES)
      return run.notify(`At most ${MOST_LANES} variants race together`, "error");
    const used = new Set(lanes.map(({ color }) => color));
    const color =
      Array.from({ length: 8 }, (_, index) => category(index)).find((each) => !used.has(each)) ??
      category(lanes.length);
    const name = element("button", {
      type: "button",
      class: "lane-name",
      "aria-expanded": "false",
      title: "What it does otherwise",
      onclick: () => unfold(Boolean(fields.hidden)),
    });
    const loss = element("span", { class: "lane-loss" });
    const stand = element("span", { class: "lane-state" });
    const boundary = element("canvas", {
      class: "lane-boundary",
      width: 40,
      height: 40,
      hidden: true,
      "aria-hidden": "true",
    });
    const chip = element("span", { class: "lane-chip" });
    chip.style.setProperty("--lane", color);
    const fields = fieldsOf(choices, () => setText(name, nameOf(choices, find)));
    const unfold = (/** @type {boolean} */ open) => {
      fields.hidden = !open;
      name.setAttribute("aria-expanded", String(open));
    };
    unfold(open);
    const keep = element(
      "button",
      {
        type: "button",
        class: "button lane-keep needs-control",
        title: "Go on with this one as a run of its own",
        onclick: () => keepLane(lane),
      },
      "Keep",
    );
    const head = element(
      "div",
      { class: "lane-head" },
      chip,
      name,
      loss,
      stand,
      keep,
      iconButton("trash", "Drop this variant", () => dropLane(lane), { class: "icon-button lane-drop" }),
    );
    const row = element(
      "div",
      { class: "lane", role: "listitem" },
      boundary,
      element("div", { class: "lane-body" }, head, fields),
    );
    /** @type {Lane} */
    const lane = {
      choices,
      color,
      row,
      fields,
      loss,
      stand,
      boundary,
      slot: -1,
      from: null,
      past: [],
      curve: null,
      state: "",
      seen: NaN,
    };
    setText(name, nameOf(choices, find));
    lanes.push(lane);
    list.append(row);
    mark();
  }

  /** @param {Choices} choices @param {() => void} changed */
  function fieldsOf(choices, changed) {
    const kinds = (/** @type {string} */ family) =>
      /** @type {[string, string][]} */ ([
        ["", "same"],
        ...(run.state.catalog[family] ?? []).map(({ kind, label }) => [kind, label]),
      ]);
    const optional = (
      /** @type {"rate" | "batch"} */ key,
      /** @type {string} */ label,
      /** @type {{ min: number, max: number, step: number | "any" }} */ range,
    ) => {
      const input = element("input", {
        type: "text",
        inputmode: "decimal",
        autocomplete: "off",
        class: "number",
        value: choices[key] ?? "",
        placeholder: "same",
        "aria-label": label,
      });
      input.addEventListener("change", () => {
        choices[key] = input.value.trim() === "" ? null : typedNumber(input, range);
        changed();
      });
      return element("label", { class: "lane-field" }, label, input);
    };
    const pick = (
      /** @type {"optimizer" | "schedule" | "initializer"} */ key,
      /** @type {string} */ label,
      /** @type {string} */ family,
    ) => {
      const select = element(
        "select",
        { "aria-label": label },
        ...kinds(family).map(([value, text]) =>
          element("option", { value, selected: value === choices[key] }, text),
        ),
      );
      select.addEventListener("change", () => ((choices[key] = select.value), changed()));
      return element("label", { class: "lane-field" }, label, element("span", { class: "select" }, select));
    };
    return element(
      "div",
      { class: "lane-fields" },
      pick("optimizer", "optimizer", "optimizers"),
      optional("rate", "rate η", { min: 1e-8, max: 100, step: "any" }),
      pick("schedule", "schedule", "schedules"),
      optional("batch", "batch", { min: 1, max: 1_000_000, step: 1 }),
      pick("initializer", "fresh start", "initializers"),
    );
  }

  /** What can be done now. */
  function mark() {
    const racing = standing === "racing";
    start.disabled = lanes.length === 0;
    setText(start, racing ? "Fork anew" : "Fork and race");
    onward.hidden = racing || !lanes.some(({ slot }) => slot >= 0);
    for (const lane of lanes) {
      lane.row.classList.toggle("raced", lane.slot >= 0);
      lane.row.classList.toggle("out", lane.state === "dropped" || lane.state === "diverged");
    }
  }

  /** @param {boolean} on with those that have raced, from where they are */
  function begin(on) {
    whenEnded(() => {
      const { experiment } = run.state;
      if (!experiment) return;
      if (!on) {
        forked = experiment;
        offset = 0;
        for (const lane of lanes) Object.assign(lane, { slot: -1, from: null, past: [], curve: null });
      }
      const racing = lanes.filter(
        (lane) => !on || (lane.slot >= 0 && lane.state !== "diverged" && lane.state !== "dropped"),
      );
      const base = forked ?? experiment;
      const variants = racing.map((lane) => ({
        name: nameOf(lane.choices, find),
        patch: patchOf(lane.choices, base).map((operation) => ({ ...operation })),
        start: on ? (stoodAt(lane) ?? "here") : lane.choices.initializer ? "fresh" : "here",
      }));
      if (on) offset += studied;
      for (const lane of lanes) {
        lane.from = on ? stoodAt(lane) : null;
        if (on && lane.curve) lane.past = [...lane.past, lane.curve];
        lane.curve = null;
        lane.slot = racing.indexOf(lane);
        lane.state = "";
      }
      title = `race${Date.now().toString(36)}`;
      race(variants);
    });
  }

  /**
   * The checkpoint where a lane stands when no race is under way; null where it has not moved. @param {Lane}
   * lane
   */
  function stoodAt(lane) {
    return lane.curve && lane.slot >= 0 ? `${title}-${lane.slot + 1}` : lane.from;
  }

  /** @param {JsonObject[]} variants */
  function race(variants) {
    standing = "racing";
    studied = 0;
    empty.hidden = true;
    study = run.study(
      { kind: "variants", variants, race: title, ...asked },
      {
        frame: take,
        state: (state) => {
          progress.show(state);
          if (state.state === "running" || state.state === "waiting") return;
          standing = "ended";
          study = null;
          mark();
          const next = afterwards;
          afterwards = null;
          next?.();
        },
      },
    );
    mark();
  }

  /**
   * Do something when no race is under way; each then is a checkpoint of the run. @param {() => void} next
   */
  function whenEnded(next) {
    if (!study) return next();
    afterwards = next;
    study.cancel();
  }

  /** @param {Lane} lane */
  function dropLane(lane) {
    const racing = study !== null && lane.slot >= 0;
    const remove = () => {
      lanes.splice(lanes.indexOf(lane), 1);
      lane.row.remove();
      paint();
      mark();
    };
    if (!racing) return remove();
    // The others go on from where they are, without it.
    const left = Math.max(1, asked.steps - studied);
    whenEnded(() => {
      remove();
      const whole = asked.steps;
      asked.steps = left;
      begin(true);
      asked.steps = whole;
    });
  }

  /** @param {Lane} lane */
  function keepLane(lane) {
    whenEnded(async () => {
      const parent = run.state.run;
      const checkpoint = stoodAt(lane);
      if (!parent || !forked || !checkpoint) return;
      const changed = /** @type {Experiment} */ (
        /** @type {unknown} */ (
          patched(/** @type {any} */ (forked), /** @type {any} */ (patchOf(lane.choices, forked)))
        )
      );
      const called = `${forked.title}: ${nameOf(lane.choices, find)}`.slice(0, 200);
      try {
        await written(parent.id, checkpoint);
        const { id } = await forkInto(parent.id, checkpoint, { ...changed, title: called });
        run.attach(id);
      } catch (error) {
        run.notify(error instanceof Error ? error.message : String(error), "error");
      }
    });
  }

  /** @param {Frame} frame */
  function take(frame) {
    const { arrays } = frame;
    const steps = Float64Array.from(arrays.get("steps")?.data ?? []);
    const names = [...arrays.keys()].filter((name) => arrays.get(name)?.shape.length === 3);
    judge = JUDGES[Number(arrays.get("judge")?.data[0] ?? 0)] ?? "train";
    chosen.hidden = false;
    setText(chosen, CHOSEN[judge]);
    for (const lane of lanes) {
      if (lane.slot < 0) continue;
      /** @type {Map<string, Float64Array[]>} */
      const found = new Map();
      for (const name of names)
        found.set(name, seedsOf(/** @type {NamedArray} */ (arrays.get(name)), lane.slot));
      lane.curve = { offset, steps, series: found };
      const seeds = arrays.get("states")?.shape[1] ?? 1;
      lane.state = STATES[Number(arrays.get("states")?.data[lane.slot * seeds] ?? 0)] ?? "";
      const gone =
        Number(arrays.get("taken")?.data[lane.slot * seeds] ?? 0) -
        Number(arrays.get("starts")?.data[lane.slot * seeds] ?? 0);
      studied = Math.max(studied, gone);
      lane.seen = lastMean(found.get(`${judge}_loss`) ?? []);
      setText(lane.loss, Number.isNaN(lane.seen) ? "" : shortNumber(lane.seen));
      setAttribute(
        lane.loss,
        "title",
        `${judge === "train" ? "Training" : "Validation"} loss${asked.seeds > 1 ? ", the mean over the seeds" : ""}`,
      );
      setText(lane.stand, lane.state === "racing" || lane.state === "arrived" ? "" : lane.state);
      drawBoundary(run, lane, arrays);
    }
    const [best] = lanes
      .filter(({ slot, seen }) => slot >= 0 && !Number.isNaN(seen))
      .sort((a, b) => a.seen - b.seen);
    for (const lane of lanes) lane.row.classList.toggle("leads", lane === best);
    const known = names.filter((name) => /^(train|validation|test)_/.test(name));
    if (known.length && String(known) !== listed) {
      listed = String(known);
      shown.select.replaceChildren(
        ...known.map((name) => element("option", { value: name }, words(name).toLowerCase())),
      );
      if (series !== null && !known.includes(series)) series = null;
    }
    shown.select.value = curve();
    mark();
    paint();
  }

  const paint = onNextFrame(() => {
    /** @type {Line[]} */
    const lines = [];
    for (const lane of lanes) lines.push(...linesOf(lane, curve()));
    if (lines.length === 0) return;
    const end = Math.max(1, ...lines.map(({ x }) => x.at(-1) ?? 0));
    const accuracy = curve().endsWith("accuracy");
    const logarithmic = log && !accuracy;
    const y = scaleFor(
      extent(
        lines.flatMap(({ y: values, band }) => (band ? [band.low, band.high] : [values])),
        logarithmic,
      ),
      logarithmic,
      !accuracy,
    );
    drawPlot(canvas, { lines, x: { low: 0, high: end, log: false }, y, cursor, xLabel: "steps" }, plotInk());
    canvas.setAttribute(
      "aria-label",
      `${words(curve())} of ${lanes.length} variants over ${end.toLocaleString("en-US")} steps`,
    );
  });
  canvas.addEventListener("pointermove", (event) => {
    const end = Math.max(
      1,
      ...lanes.flatMap((lane) => (lane.curve ? [lane.curve.offset + (lane.curve.steps.at(-1) ?? 0)] : [])),
    );
    cursor = valueUnder(canvas, { low: 0, high: end, log: false }, event.offsetX);
    setText(hint, `${Math.round(cursor).toLocaleString("en-US")} steps after the fork`);
    paint();
  });
  canvas.addEventListener("pointerleave", () => {
    cursor = null;
    setText(hint, "");
    paint();
  });
  new ResizeObserver(paint).observe(canvas);
  run.store.watch((state) => state.theme, paint);
  // Another run is another race.
  let raced = run.state.run?.id;
  run.store.watch(
    (state) => state.run?.id,
    (id) => {
      if (!id || id === raced) return;
      raced = id;
      study?.cancel();
      lanes.splice(0).forEach(({ row }) => row.remove());
      if (run.state.experiment) firstFour(run.state.experiment).forEach((choices) => addLane(choices));
      empty.hidden = false;
      canvas.getContext("2d")?.clearRect(0, 0, canvas.width, canvas.height);
    },
  );
  if (run.state.experiment) firstFour(run.state.experiment).forEach((choices) => addLane(choices));
  const side = element(
    "div",
    { class: "relief-side race-side" },
    element("div", { class: "relief-actions" }, start, onward, add),
    progress.element,
    list,
  );
  return {
    element: element(
      "div",
      { class: "relief-tab race-tab" },
      element("div", { class: "race-left" }, figure, controls, chosen),
      side,
    ),
    demand: () => [],
  };
}

/**
 * A race that was ended writes down where all stand, which takes a moment. @param {string} run @param
 * {string} checkpoint
 */
async function written(run, checkpoint) {
  for (let attempt = 0; attempt < WRITTEN_ATTEMPTS; attempt++) {
    if ((await listCheckpoints(run)).some((each) => each.name === checkpoint)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/**
 * The rows of one variant, a column for each seed. @param {NamedArray} array (variants, seeds, rows) @param
 * {number} slot
 */
function seedsOf({ shape, data }, slot) {
  const [, seeds = 1, rows = 0] = shape;
  return Array.from({ length: seeds }, (_, seed) =>
    Float64Array.from(data.subarray((slot * seeds + seed) * rows, (slot * seeds + seed + 1) * rows)),
  );
}

/** The mean of the newest values of all seeds; NaN where one has none. @param {Float64Array[]} seeds */
function lastMean(seeds) {
  const newest = seeds.map((values) => values.findLast((value) => !Number.isNaN(value)) ?? NaN);
  return newest.reduce((sum, value) => sum + value, 0) / newest.length;
}

/**
 * The mean over the seeds, in a band from the least to the greatest of them. @param {Lane} lane @param
 * {string} series @returns {Line[]}
 */
function linesOf(lane, series) {
  const curves = [...lane.past, ...(lane.curve ? [lane.curve] : [])];
  return curves.map(({ offset, steps, series: all }) => {
    const seeds = all.get(series) ?? [];
    const x = steps.map((step) => step + offset);
    const over = (/** @type {(values: number[]) => number} */ combine) =>
      x.map((_, row) => combine(seeds.map((values) => values[row] ?? NaN)));
    const mean = over((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
    const line = { x, y: mean, color: lane.color, width: 2 };
    return seeds.length > 1
      ? {
          ...line,
          band: { low: over((values) => Math.min(...values)), high: over((values) => Math.max(...values)) },
        }
      : line;
  });
}

/** @param {RunControl} run @param {Lane} lane @param {Map<string, NamedArray>} arrays */
function drawBoundary(run, lane, arrays) {
  const output = arrays.get(`surface/${lane.slot}`);
  const range = arrays.get(`surface/${lane.slot}.range`);
  const maps = arrays.get(`maps/${lane.slot}`);
  lane.boundary.hidden = !output && !maps;
  lane.boundary.classList.toggle("maps", maps !== undefined);
  if (maps) drawMaps(lane.boundary, maps);
  const { experiment, catalog, theme } = run.state;
  if (!output || !range || !experiment) return;
  const found = new Map([
    ["output", output],
    ["output.range", range],
  ]);
  const best = arrays.get(`class/${lane.slot}`);
  if (best) found.set("class", best);
  const picture = answerPixels(
    { metadata: {}, arrays: found },
    dataset(catalog, experiment)?.classes?.length ?? 0,
    theme,
    false,
  );
  const context = lane.boundary.getContext("2d");
  if (!picture || !context) return;
  if (lane.boundary.width !== picture.width)
    Object.assign(lane.boundary, { width: picture.width, height: picture.height });
  const image = context.createImageData(picture.width, picture.height);
  new Uint32Array(image.data.buffer).set(picture.pixels);
  context.putImageData(image, 0, 0);
}

/**
 * Maps of the last layer that has some, in rows of three, each from dark to light. @param {HTMLCanvasElement}
 * canvas @param {NamedArray} maps
 */
function drawMaps(canvas, { shape, data }) {
  const [count = 0, high = 1, wide = 1] = shape;
  const across = Math.ceil(Math.sqrt(count));
  const down = Math.ceil(count / across);
  const [width, height] = [across * (wide + 1) - 1, down * (high + 1) - 1];
  const pixels = new Uint32Array(width * height);
  const ramp = magnitudeTable();
  for (let map = 0; map < count; map++) {
    const [left, top] = [(map % across) * (wide + 1), Math.floor(map / across) * (high + 1)];
    for (let row = 0; row < high; row++) {
      for (let column = 0; column < wide; column++) {
        pixels[(top + row) * width + left + column] =
          ramp[data[(map * high + row) * wide + column] ?? 0] ?? 0;
      }
    }
  }
  putPixels(canvas, pixels, width, height);
}
