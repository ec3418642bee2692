/** Attribution: which pixels of the chosen picture speak for a class, by several methods side by side. */

/** @import { Frame } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { StageView } from "../network/layout.js" */
/** @import { Panel } from "../widgets/lazy_panel.js" */

import { element, onNextFrame, setAttribute, setText } from "../core/dom.js";
import { divergingTable } from "../draw/colors.js";
import { overlaidPixels, picturePixels, planeAt, putPixels, signalPixels } from "../draw/signals.js";
import { percent, shortNumber, wholeNumber } from "../core/format.js";
import { completenessOf, completeWords } from "../widgets/completeness.js";
import { keepButtons, pictureFact, scalar } from "../widgets/save_picture.js";
import { demandChanged } from "../widgets/lazy_panel.js";
import { METHODS } from "../catalog/attribution_methods.js";
import { moreOptions } from "../widgets/probe_options.js";
import { scaleBar } from "../widgets/color_bar.js";
import { hasLocalNorm, hasPictures, noMethod, withMaps } from "../catalog/applicability.js";
import { occlusionPanel } from "./occlusion.js";
import { sanityCheckPanel } from "./sanity_check.js";

/** @type {[string, string][]} */
const VIEWS = [
  ["methods", "Methods"],
  ["occlusion", "Occlusion"],
  ["sanity", "Randomise weights"],
];

/** @param {RunControl} run @param {StageView} _stage @returns {Panel} */
export function attributionPanel(run, _stage) {
  let view = "methods";
  /** The class asked about; null: what the network says. @type {number | null} */
  let target = null;
  const refusal = element("p", { class: "note refusal", hidden: true });
  const words = element("p", { class: "note", role: "status" }, "The maps come with the next look.");
  const classes = element("select", {
    onchange: () => {
      target = classes.value === "" ? null : Number(classes.value);
      update();
    },
  });
  const colour = element(
    "select",
    { onchange: () => paint() },
    element("option", { value: "maps" }, "one number a pixel"),
    element("option", { value: "signal" }, "each colour"),
  );
  const methods = methodCards(run);
  const ask = () => ({ input: run.state.input, target });
  const occlusion = occlusionPanel(run, ask);
  const sanity = sanityCheckPanel(run, () => ({ ...ask(), methods: possible() }));
  const bodies = /** @type {Record<string, HTMLElement>} */ ({
    methods: methods.element,
    occlusion: occlusion.element,
    sanity: sanity.element,
  });
  const buttons = VIEWS.map(([name, title]) =>
    element(
      "button",
      { type: "button", class: "mark", "aria-pressed": "false", onclick: () => turnTo(name) },
      title,
    ),
  );
  const keep = keepButtons(
    () => methods.element,
    () => run.latest.get("attribution"),
    () => "attribution",
    () => ({
      class: String(
        run.state.description?.data.classes?.[
          scalar(run.latest.get("attribution")?.arrays ?? new Map(), "target", 0)
        ] ?? "",
      ),
      picture: pictureFact(ask()),
      methods: possible().join(", "),
      ...rarer(),
    }),
  );
  const colourLabel = smallChoice("Shown as", colour);
  const behind = slider("Picture behind", () => paint());
  const more = moreOptions(
    run,
    "attribution",
    {
      node: () => (possible().includes("grad_cam") ? withMaps(run.state.description) : []),
      // They are doubled by themselves until the sum is right, so this alone is no reason to offer more.
      steps: () => possible().includes("integrated_gradients") && withMaps(run.state.description).length > 0,
      normalisations: () =>
        run.state.description !== null &&
        hasLocalNorm(run.state.description, run.state.description.outputs[0] ?? ""),
    },
    () => update(),
  );

  /** What else was chosen of the methods, in words. @returns {Record<string, string>} */
  function rarer() {
    const { node, normalisations } = more.values();
    const sum = completenessOf(run.latest.get("attribution"));
    return {
      ...(sum ? { "integrated gradients": completeWords(sum) } : {}),
      ...(node ? { "Grad-CAM at": String(node) } : {}),
      ...(normalisations === "gradient" ? { "local normalisations": "by their gradient" } : {}),
    };
  }

  function possible() {
    const { description, catalog } = run.state;
    return description
      ? METHODS.map(({ kind }) => kind).filter((kind) => noMethod(description, catalog, kind) === null)
      : [];
  }

  /** Why nothing can be asked; null where something can. */
  function refused() {
    const { description } = run.state;
    if (!description) return "The network is not known yet.";
    return hasPictures(description)
      ? null
      : "These methods mark pixels: choose data that are pictures, such as the shapes or the digits.";
  }

  function turnTo(/** @type {string} */ wanted) {
    view = wanted;
    VIEWS.forEach(
      ([name], index) =>
        buttons[index] && setAttribute(buttons[index], "aria-pressed", String(name === view)),
    );
    keep.hidden = colourLabel.hidden = behind.label.hidden = view !== "methods";
    update();
  }

  function update() {
    const reason = refused();
    refusal.hidden = reason === null;
    setText(refusal, reason ?? "");
    for (const [name, body] of Object.entries(bodies)) body.hidden = name !== view || reason !== null;
    words.hidden = reason !== null || view !== "methods";
    more.update();
    if (view === "occlusion") occlusion.update();
    if (view === "sanity") sanity.update();
    if (view !== "methods") more.element.hidden = true;
    demandChanged();
    paint();
  }

  const paint = onNextFrame(() => {
    const frame = run.latest.get("attribution");
    const { description, catalog } = run.state;
    if (!description || view !== "methods" || refused()) return;
    methods.refuse((kind) => noMethod(description, catalog, kind));
    if (!frame) return;
    methods.paint(frame, possible(), colour.value, behind.value());
    const names = description.data.classes ?? [];
    const asked = scalar(frame.arrays, "target", 0);
    const truth = scalar(frame.arrays, "truth", -1);
    const share = frame.arrays.get("shares")?.data[asked];
    const known = truth < 0 ? "" : truth === asked ? "; it is one" : `; it is ${names[truth] ?? truth}`;
    const said = names.length
      ? `What speaks for ${names[asked] ?? asked}? The network gives it ${percent(share ?? NaN)}${known}.`
      : `What speaks for output ${asked + 1}?`;
    setText(words, `Step ${wholeNumber(Number(frame.metadata["step"] ?? 0))}. ${said}`);
  });

  run.onFrame("attribution", paint);
  run.store.watch((state) => state.theme, paint);
  run.store.watch((state) => state.input, update);
  run.store.watch(
    (state) => state.description,
    (description) => {
      const names = description?.data?.classes ?? [];
      if (target !== null && target >= names.length) target = null;
      classes.replaceChildren(
        element("option", { value: "" }, "what it says"),
        ...names.map((name, index) => element("option", { value: index }, name)),
      );
      classes.value = target === null ? "" : String(target);
      update();
    },
  );
  turnTo("methods");
  const head = element(
    "div",
    { class: "panel-head" },
    element("div", { class: "marks", role: "group", "aria-label": "What is shown" }, ...buttons),
    smallChoice("Class", classes),
    colourLabel,
    behind.label,
    more.element,
    element("span", { class: "grow" }),
    element("a", { class: "note", href: "/methods", target: "_blank" }, "what each method computes"),
    keep,
  );
  return {
    element: element("div", { class: "attribution" }, head, refusal, words, ...Object.values(bodies)),
    demand() {
      if (refused() !== null) return [];
      if (view === "occlusion") return occlusion.demand();
      return view === "methods" && possible().length > 0
        ? [{ kind: "attribution", ...ask(), methods: possible(), ...more.values(), hz: 2 }]
        : [];
    },
  };
}

/** From nothing to all of it. @param {string} title @param {() => void} changed */
function slider(title, changed) {
  const input = element("input", {
    type: "range",
    min: 0,
    max: 1,
    step: 0.05,
    value: 0,
    "aria-label": title,
    oninput: changed,
  });
  return {
    value: () => Number(input.value),
    label: element("label", { class: "small-choice" }, element("span", {}, title), input),
  };
}

/** @param {string} title @param {HTMLSelectElement} select */
function smallChoice(title, select) {
  setAttribute(select, "aria-label", title);
  return element(
    "label",
    { class: "small-choice" },
    element("span", {}, title),
    element("span", { class: "select" }, select),
  );
}

/**
 * The picture and a card for each method, all on one scale: orange against the class, blue for it. @param
 * {RunControl} run
 */
function methodCards(run) {
  const input = makeCard("The picture", "as the data set has it", null);
  const cards = METHODS.map(({ kind, title, words }) => ({ kind, words, ...makeCard(title, words, kind) }));
  const scale = scaleBar();
  scale.element.classList.add("signal-scale");
  return {
    element: element(
      "div",
      {},
      element("div", { class: "method-cards wide" }, input.figure, ...cards.map(({ figure }) => figure)),
      scale.element,
    ),
    /** @param {(kind: string) => string | null} reason */
    refuse(reason) {
      for (const { kind, figure, note, words } of cards) {
        const why = reason(kind);
        figure.classList.toggle("refused", why !== null);
        setText(note, why ?? words);
      }
    },
    /**
     * @param {Frame} frame @param {string[]} shown methods, in the frame's order @param {string} colour
     * @param {number} behind how much of the picture shows through
     */
    paint(frame, shown, colour, behind) {
      const { arrays } = frame;
      const { theme } = run.state;
      const picture = arrays.get("input");
      const maps = arrays.get("maps");
      if (!picture || !maps || maps.shape[0] !== shown.length) return;
      const [channels = 1] = picture.shape;
      const plane = planeAt(picture, 0, channels);
      putPixels(input.canvas, picturePixels(plane), plane.width, plane.height);
      scale.paint(divergingTable(theme), "against", "for; each map to its own greatest value");
      for (const { kind, canvas, figure, note, words } of cards) {
        const index = shown.indexOf(kind);
        if (index < 0) continue;
        const signal = colour === "signal" ? arrays.get(`signal/${kind}`) : undefined;
        const seen = signal ? planeAt(signal, 0, channels) : planeAt(maps, index, 1);
        putPixels(
          canvas,
          behind > 0
            ? overlaidPixels(signal ? planeAt(maps, index, 1) : seen, plane, theme, behind)
            : signalPixels(seen, theme),
          seen.width,
          seen.height,
        );
        const most = arrays.get("maps.range")?.data[2 * index + 1] ?? NaN;
        const sum = kind === "integrated_gradients" ? completenessOf(frame) : null;
        setAttribute(figure, "title", `${words}; greatest value ${shortNumber(most)}`);
        note.classList.toggle("error", sum !== null && !sum.holds);
        setText(
          note,
          most > 0
            ? [`greatest ${shortNumber(most)}`, sum && completeWords(sum)].filter(Boolean).join("; ")
            : "nothing here: the weighted maps speak against the class everywhere, or not at all",
        );
      }
    },
  };
}

/** @param {string} title @param {string} words @param {string | null} method */
function makeCard(title, words, method) {
  const canvas = element("canvas", { class: "pixels", role: "img", "aria-label": `${title}: ${words}` });
  const note = element("span", { class: "note", "data-label": "" }, words);
  const name = method
    ? element(
        "a",
        { href: `/methods/${method.replaceAll("_", "-")}`, target: "_blank", "data-label": "" },
        title,
      )
    : element("span", { "data-label": "" }, title);
  return {
    canvas,
    note,
    figure: element("figure", { class: "method-card" }, canvas, element("figcaption", {}, name, note)),
  };
}
