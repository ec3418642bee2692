/**
 * Features: what excites the selected feature map most, sent down to the pixels, while the network trains.
 * One map, its layer, the whole network as the paper prints it, and the first layer's filters.
 */

/** @import { Frame, JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { StageView } from "../network/layout.js" */
/** @import { Wall } from "../draw/signals.js" */
/** @import { Panel } from "../widgets/lazy_panel.js" */

import { getFrames } from "../core/api.js";
import { element, onNextFrame, setAttribute, setText } from "../core/dom.js";
import {
  drawEntry,
  drawMosaic,
  picturePixels,
  planeAt,
  projectionPixels,
  putPixels,
  wallOf,
} from "../draw/signals.js";
import { shortNumber, wholeNumber } from "../core/format.js";
import { keepButtons } from "../widgets/save_picture.js";
import { demandChanged } from "../widgets/lazy_panel.js";
import { moreOptions } from "../widgets/probe_options.js";
import { hasBatchNorm, hasLocalNorm, hasMaxPool, hasPictures, noRule } from "../catalog/applicability.js";
import { featureAtlasPanel } from "./feature_atlas.js";
import { firstLayerPanel } from "./first_layer.js";

/** Entries of one map, as in the paper's figure 2. */
const NINE = 9;

/** Maps of a layer that are shown at once. */
const MOST_MAPS = 64;

/**
 * Moments of the past that stand beside each other, as in the paper's figure 4, and milliseconds until they
 * are asked for again.
 */
const MOMENTS = 8;
const AGAIN = 3000;

/** @type {[string, string][]} */
const VIEWS = [
  ["map", "This map"],
  ["time", "Over time"],
  ["chosen", "Chosen picture"],
  ["layer", "Its layer"],
  ["network", "The network"],
  ["first", "First layer"],
];

/** @param {RunControl} run @param {StageView} stage @returns {Panel} */
export function featuresPanel(run, stage) {
  /** @type {"map" | "time" | "chosen" | "layer" | "network" | "first"} */
  let view = "map";
  const moving = () => view === "map" || view === "time" || view === "layer";
  const live = () => moving() || view === "chosen";
  /** What is asked for, and the last frame of what was asked for before. */
  let asked = "";
  /** @type {Frame | undefined} */
  let stale;
  const words = element("p", { class: "note features-words", role: "status" });
  const refusal = element("p", { class: "note refusal", hidden: true });
  const map = oneMap(run, () => colours());
  const time = overTime(run, () => colours());
  const chosenPicture = onePicture(run, () => colours());
  const layer = wholeLayer(
    run,
    () => colours(),
    (unit) => {
      run.select(run.state.selected, unit);
      turnTo("map");
    },
  );
  const choices = {
    set: choice("Set", ["test", "train"]),
    rule: choice("Way down", ["deconvnet", "guided", "gradient"]),
    seed: choice("From", ["strongest", "map"], { strongest: "strongest", map: "whole map" }),
  };
  const shown = choice("Shown in", ["greys", "colours"]);
  const enlarged = choice("Enlarged", ["crisp", "smooth"]);
  const colours = () => shown.value() === "colours";
  const onWay = (/** @type {typeof hasMaxPool} */ has) =>
    run.state.description !== null &&
    column() !== null &&
    has(run.state.description, run.state.selected ?? "");
  const more = moreOptions(
    run,
    "features",
    { normalisations: () => onWay(hasLocalNorm), mask_empty: () => onWay(hasMaxPool) },
    () => update(),
    () =>
      onWay(hasBatchNorm) ? "Batch norm passes a signal on by its γ/σ, as it does when it evaluates." : "",
  );
  const options = () => ({
    set: choices.set.value(),
    rule: choices.rule.value(),
    seed: choices.seed.value(),
    ...more.values(),
  });
  const atlas = featureAtlasPanel(run, options, colours);
  const first = firstLayerPanel(run);
  const bodies = /** @type {Record<string, HTMLElement>} */ ({
    map: map.element,
    time: time.element,
    chosen: chosenPicture.element,
    layer: layer.element,
    network: atlas.element,
    first: first.element,
  });
  const buttons = VIEWS.map(([name, title]) =>
    element(
      "button",
      { type: "button", class: "mark", "aria-pressed": "false", onclick: () => turnTo(name) },
      title,
    ),
  );
  const keep = keepButtons(
    () => ({ time, layer, chosen: chosenPicture, map })[/** @type {"map"} */ (view)].picture,
    () =>
      view === "chosen"
        ? run.latest.get("projection")
        : view === "time"
          ? time.frame()
          : run.latest.get("features"),
    () => {
      const unit = view === "layer" ? "" : `-${run.state.unit + 1}`;
      const which = { time: "-over-time", chosen: "-chosen-picture" }[/** @type {"time"} */ (view)] ?? "";
      return `features-${column()?.name ?? ""}${unit}${which}`;
    },
    facts,
  );

  /** What the picture is, for who takes it away. @returns {Record<string, string>} */
  function facts() {
    const { set, rule, seed } = options();
    const rarer = more.values();
    return {
      node: column()?.name ?? "",
      ...(view === "layer" ? {} : { map: String(run.state.unit + 1) }),
      method: rule,
      from: seed === "map" ? "the whole map" : "the strongest activation",
      ...(view === "chosen" ? {} : { set }),
      ...(rarer["normalisations"] === "gradient" ? { "local normalisations": "by their gradient" } : {}),
      ...(rarer["mask_empty"] ? { "empty pooling windows": "masked" } : {}),
    };
  }
  const foot = element(
    "div",
    { class: "panel-head" },
    words,
    element("span", { class: "grow" }),
    element("a", { class: "note", href: "/methods/deconvnet", target: "_blank" }, "how this is computed"),
    keep,
  );

  function column() {
    return stage.layout?.columns.find(({ name }) => name === run.state.selected) ?? null;
  }

  /** Why nothing can be shown of this column; null where it can. */
  function refused() {
    const { description, catalog } = run.state;
    const chosen = column();
    if (!description || !chosen) return "Select a layer.";
    if (!hasPictures(description))
      return "Features are shown in pixels: choose data that are pictures, such as the shapes or the digits.";
    if (chosen.data)
      return "This is the picture itself. Select a convolution to see what its feature maps look for.";
    if (options().rule === "gradient" || view === "first") return null;
    const reason = noRule(description, catalog, chosen.name);
    return reason && `${reason} Choose “gradient” as the way down, or ReLU in the network.`;
  }

  function turnTo(/** @type {string} */ wanted) {
    view = /** @type {typeof view} */ (wanted);
    VIEWS.forEach(([name], index) => {
      const button = buttons[index];
      if (button) setAttribute(button, "aria-pressed", String(name === view));
      const body = bodies[name];
      if (body) body.hidden = name !== view;
    });
    update();
  }

  function update() {
    const reason = refused();
    refusal.hidden = reason === null;
    setText(refusal, reason ?? "");
    for (const [name, body] of Object.entries(bodies))
      body.hidden = name !== view || (reason !== null && name !== "first");
    foot.hidden = reason !== null || !live();
    words.hidden = !moving();
    for (const { label } of [...Object.values(choices), shown, enlarged]) label.hidden = view === "first";
    choices.set.label.hidden ||= view === "chosen";
    more.update();
    if (view === "first") more.element.hidden = true;
    const wanted = JSON.stringify(demand());
    if (wanted !== asked) stale = run.latest.get("features");
    asked = wanted;
    demandChanged();
    paint();
  }

  /** @returns {JsonObject[]} */
  function demand() {
    const chosen = column();
    if (!chosen || refused() || !live()) return [];
    const { set: _, ...down } = options();
    if (view === "chosen")
      return [
        {
          kind: "projection",
          node: chosen.name,
          channel: run.state.unit,
          input: run.state.input,
          ...down,
          hz: 2,
        },
      ];
    const units = chosen.shape[0] ?? 1;
    const shown = Math.min(MOST_MAPS, units);
    const channels = view === "layer" ? Array.from({ length: shown }, (_, index) => index) : [run.state.unit];
    const count = view !== "layer" || shown <= 16 ? NINE : shown <= 36 ? 4 : 1;
    return [{ kind: "features", node: chosen.name, channels, count, ...options(), hz: 2 }];
  }

  const paint = onNextFrame(() => {
    const frame = run.latest.get("features");
    const wall = frame && wallOf(frame);
    const chosen = column();
    const waits = !frame || !wall || !chosen || frame === stale;
    map.picture.classList.toggle("waiting", waits);
    layer.picture.classList.toggle("waiting", waits);
    if (waits || refused() || !moving()) return;
    const [searched = 0, all = 0] = frame.arrays.get("seen")?.data ?? [];
    const step = wholeNumber(Number(frame.metadata["step"] ?? 0));
    const search =
      searched < all
        ? `Searched ${wholeNumber(searched)} of ${wholeNumber(all)} pictures of the ${choices.set.value()} set so far.`
        : `The strongest of ${wholeNumber(all)} pictures of the ${choices.set.value()} set; some are ` +
          "searched anew at each look.";
    setText(words, `Step ${step}. ${search}`);
    const unit = wall.channels.data.indexOf(run.state.unit);
    if (view === "map" && unit >= 0) map.paint(wall, unit);
    if (view === "time" && unit >= 0) time.paint(frame);
    if (view === "layer") layer.paint(wall);
  });

  for (const { select } of Object.values(choices)) select.addEventListener("change", update);
  shown.select.addEventListener("change", () => {
    time.forget();
    chosenPicture.paint();
    paint();
    atlas.paint();
  });
  const root = element("div", { class: "features" });
  enlarged.select.addEventListener("change", () =>
    root.classList.toggle("smooth", enlarged.value() === "smooth"),
  );
  run.onFrame("features", paint);
  run.store.watch((state) => state.theme, paint);
  run.store.watch((state) => `${state.selected} ${state.unit}`, update);
  run.store.watch((state) => state.description, update);
  run.store.watch((state) => state.input, update);
  turnTo("map");
  const head = element(
    "div",
    { class: "panel-head" },
    element("div", { class: "marks", role: "group", "aria-label": "How much is shown" }, ...buttons),
    ...Object.values(choices).map(({ label }) => label),
    shown.label,
    enlarged.label,
    more.element,
  );
  root.append(head, refusal, foot, ...Object.values(bodies));
  return { element: root, demand };
}

/**
 * A small select with its label. @param {string} title @param {string[]} values @param {Record<string,
 * string>} [names]
 */
function choice(title, values, names = {}) {
  const select = element(
    "select",
    { "aria-label": title },
    ...values.map((value) => element("option", { value }, names[value] ?? value)),
  );
  return {
    select,
    value: () => select.value,
    label: element(
      "label",
      { class: "small-choice" },
      element("span", {}, title),
      element("span", { class: "select" }, select),
    ),
  };
}

/**
 * Nine entries: a projection, the patch it stands for, and where and when it is from. Where there is room the
 * nine
 * projections stand in a square beside the square of patches, as in the paper's figure 2; else as nine cards.
 *
 * @param {RunControl} run @param {() => boolean} colours */
function oneMap(run, colours) {
  const heads = ["sent down to the pixels", "what the map saw", "the strongest, and since when"].map(
    (title) => element("span", { class: "nine-head", "data-label": "" }, title),
  );
  const picture = element("div", { class: "feature-cards nine" });
  /** @type {ReturnType<typeof card>[]} */
  let cards = [];
  const dead = element(
    "p",
    { class: "note", hidden: true },
    "No picture excites this map: it is zero everywhere, which is what “dead” means. A smaller " +
      "learning rate, or another start, may keep it alive.",
  );
  return {
    element: element("div", {}, picture, dead),
    picture,
    /** @param {Wall} wall @param {number} row */
    paint(wall, row) {
      if (cards.length !== wall.count) {
        cards = Array.from({ length: wall.count }, card);
        picture.replaceChildren(...heads, ...cards.map(({ figure }) => figure));
      }
      const classes = run.state.description?.data.classes ?? [];
      let alive = false;
      cards.forEach((each, index) => {
        const entry = row * wall.count + index;
        const image = wall.images.data[entry] ?? -1;
        const value = wall.values.data[entry] ?? 0;
        each.figure.hidden = image < 0;
        if (image < 0) return;
        alive ||= value > 0;
        drawEntry(each.signal, wall, entry, "projections", run.state.theme, colours());
        drawEntry(each.patch, wall, entry, "patches", run.state.theme, true);
        const name = classes[wall.targets.data[entry] ?? -1] ?? `picture ${image}`;
        const step = wholeNumber(wall.steps.data[entry] ?? 0);
        setText(each.name, name);
        setText(each.value, shortNumber(value));
        setText(each.step, `step ${step}`);
        const [top = 0, left = 0, bottom = 0, right = 0] = wall.boxes.data.subarray(4 * entry, 4 * entry + 4);
        const title =
          `Picture ${image} (${name}): activation ${shortNumber(value)}, which sees rows ${top} to ` +
          `${bottom - 1} and columns ${left} to ${right - 1}; among the strongest since it was ` +
          `searched at step ${step}`;
        setAttribute(each.figure, "title", title);
        setAttribute(each.signal, "aria-label", `Projection ${index + 1}: ${title}`);
        setAttribute(each.patch, "aria-label", `Patch ${index + 1}`);
      });
      dead.hidden = alive || (wall.images.data[row * wall.count] ?? -1) < 0;
    },
  };
}

/**
 * The strongest projection at moments of the past, as in the paper's figure 4: where it jumps, another
 * picture came
 * to excite the map most; where it stays, the map has converged.
 *
 * @param {RunControl} run @param {() => boolean} colours
 */
function overTime(run, colours) {
  const picture = element("div", { class: "feature-cards moments" });
  const words = element("p", { class: "note" });
  const cards = Array.from({ length: MOMENTS }, () => moment(run));
  picture.append(...cards.map(({ figure }) => figure));
  let [key, due] = ["", 0];
  /** @type {Frame[]} those that are shown */
  let moments = [];
  /** The step that the page shows; null: as it is. @type {number | null} */
  let looked = null;
  const mark = () => {
    const last =
      looked === null
        ? -1
        : moments.findLastIndex(({ metadata }) => Number(metadata["step"]) <= Number(looked));
    cards.forEach(({ step }, index) => setAttribute(step, "aria-current", index === last ? "step" : null));
  };
  const show = (/** @type {Frame[]} */ frames) => {
    const count = Math.min(MOMENTS, frames.length);
    const classes = run.state.description?.data.classes ?? [];
    moments = Array.from(
      { length: count },
      (_, index) => frames[count === 1 ? 0 : Math.round((index * (frames.length - 1)) / (count - 1))],
    ).filter((frame) => frame !== undefined);
    cards.forEach((each, index) => {
      const frame = moments[index];
      const wall = frame && wallOf(frame);
      const image = wall?.images.data[0] ?? -1;
      each.figure.hidden = !wall || image < 0;
      if (!frame || !wall || image < 0) return;
      each.at = Number(frame.metadata["step"]);
      drawEntry(each.signal, wall, 0, "projections", run.state.theme, colours());
      drawEntry(each.patch, wall, 0, "patches", run.state.theme, true);
      setText(each.name, classes[wall.targets.data[0] ?? -1] ?? `picture ${image}`);
      setText(each.value, shortNumber(wall.values.data[0] ?? 0));
      setText(each.step, `step ${wholeNumber(Number(frame.metadata["step"]))}`);
      setAttribute(each.signal, "aria-label", `The strongest projection at step ${frame.metadata["step"]}`);
      setAttribute(each.patch, "aria-label", `Its patch of picture ${image}`);
    });
    const first = wholeNumber(Number(frames[0]?.metadata["step"] ?? 0));
    setText(
      words,
      "The strongest activation as it was, recorded since this map was first watched at step " +
        `${first}. Where the picture stays the same, the map has converged. A moment chosen here is ` +
        "the one the whole page shows.",
    );
    mark();
  };
  return {
    element: element("div", {}, picture, words),
    picture,
    /** All moments in one document: each array's name begins with its step. */
    frame: () => {
      const [first] = moments;
      return (
        first && {
          metadata: { ...first.metadata, step: moments.map(({ metadata }) => metadata["step"]).join(", ") },
          arrays: new Map(
            moments.flatMap(({ metadata, arrays }) =>
              [...arrays].map(
                ([name, array]) => /** @type {const} */ ([`${metadata["step"]}/${name}`, array]),
              ),
            ),
          ),
        }
      );
    },
    forget() {
      due = 0;
    },
    /** @param {Frame} frame the newest */
    paint(frame) {
      const { run: shown } = run.state;
      looked = run.scrub.step === null ? null : Number(frame.metadata["step"] ?? 0);
      mark();
      const wanted = frame.metadata["key"] ?? "";
      if (!shown || (wanted === key && performance.now() < due)) return;
      [key, due] = [wanted, performance.now() + AGAIN];
      getFrames(shown.id, wanted).then(
        (frames) => {
          if (wanted === key) show(frames.length > 0 ? frames : [frame]);
        },
        (error) =>
          run.notify(
            `What was recorded cannot be fetched: ${error instanceof Error ? error.message : error}`,
            "error",
          ),
      );
    },
  };
}

/** A card whose step turns the page to it, and back to what is live. @param {RunControl} run */
function moment(run) {
  const made = card();
  const step = element("button", {
    type: "button",
    class: "since moment",
    "data-label": "",
    title: "Show the whole page as it was then; again: as it is",
  });
  made.step.replaceWith(step);
  const turned = { ...made, step, at: 0 };
  made.figure.addEventListener("click", () =>
    run.scrub.at(step.getAttribute("aria-current") ? null : turned.at),
  );
  return turned;
}

/**
 * The chosen picture, and what in it excites the map. @param {RunControl} run @param {() => boolean} colours
 */
function onePicture(run, colours) {
  const picture = element("div", { class: "method-cards pair" });
  const words = element("p", { class: "note", role: "status" }, "The projection comes with the next look.");
  const [input, projection] = [["The picture"], ["The map, sent down"]].map(([title = ""]) => {
    const canvas = element("canvas", { class: "pixels", role: "img", "aria-label": title });
    picture.append(
      element(
        "figure",
        { class: "method-card" },
        canvas,
        element("figcaption", {}, element("span", { "data-label": "" }, title)),
      ),
    );
    return canvas;
  });
  const paint = onNextFrame(() => {
    const arrays = run.latest.get("projection")?.arrays;
    const [seen, signal, value, box] = ["input", "projection", "value", "box"].map((name) =>
      arrays?.get(name),
    );
    if (!input || !projection || !seen || !signal || !value || !box) return;
    const [below, above] = [planeAt(seen, 0, seen.shape[0] ?? 1), planeAt(signal, 0, signal.shape[0] ?? 1)];
    putPixels(input, picturePixels(below), below.width, below.height);
    putPixels(projection, projectionPixels(above, run.state.theme, colours()), above.width, above.height);
    const [top = 0, left = 0, bottom = 0, right = 0] = box.data;
    const strongest = value.data[0] ?? 0;
    setText(
      words,
      strongest > 0
        ? `The strongest activation is ${shortNumber(strongest)}; it sees rows ${top} to ${bottom - 1} ` +
            `and columns ${left} to ${right - 1}.`
        : "This picture does not excite the map.",
    );
  });
  run.onFrame("projection", paint);
  run.store.watch((state) => state.theme, paint);
  return { element: element("div", {}, words, picture), picture, paint };
}

function card() {
  const signal = element("canvas", { class: "pixels", role: "img" });
  const patch = element("canvas", { class: "pixels", role: "img" });
  const [name, value, step] = [
    element("span", { "data-label": "" }),
    element("b", { "data-label": "" }),
    element("span", { class: "since", "data-label": "" }),
  ];
  return {
    signal,
    patch,
    name,
    value,
    step,
    figure: element(
      "figure",
      { class: "feature-card" },
      signal,
      patch,
      element("figcaption", {}, name, value, step),
    ),
  };
}

/**
 * All maps of the layer, each as the paper prints it. @param {RunControl} run @param {() => boolean} colours
 * @param {(unit: number) => void} open
 */
function wholeLayer(run, colours, open) {
  const picture = element("div", { class: "mosaics" });
  /** @type {{ button: HTMLButtonElement, canvas: HTMLCanvasElement, label: HTMLElement }[]} */
  let tiles = [];
  return {
    element: picture,
    picture,
    /** @param {Wall} wall */
    paint(wall) {
      const channels = [...wall.channels.data];
      if (tiles.length !== channels.length) {
        tiles = channels.map(() => {
          const canvas = element("canvas", { class: "pixels", "aria-hidden": true });
          const label = element("span", { "data-label": "" });
          return {
            canvas,
            label,
            button: element("button", { type: "button", class: "mosaic" }, canvas, label),
          };
        });
        tiles.forEach(({ button }, index) => button.addEventListener("click", () => open(index)));
        picture.replaceChildren(...tiles.map(({ button }) => button));
      }
      tiles.forEach(({ canvas, label, button }, row) => {
        drawMosaic(canvas, wall, row, run.state.theme, colours());
        const value = wall.values.data[row * wall.count] ?? NaN;
        const dead = (wall.images.data[row * wall.count] ?? -1) >= 0 && !(value > 0);
        setText(label, `${(channels[row] ?? 0) + 1}${dead ? " dead" : ""}`);
        setAttribute(
          button,
          "aria-label",
          `Map ${(channels[row] ?? 0) + 1}: its strongest projections beside their ` +
            `patches${dead ? "; dead" : `, activation up to ${shortNumber(value)}`}`,
        );
        button.classList.toggle("dead", dead);
      });
    },
  };
}
