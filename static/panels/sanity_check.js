/** The sanity check: weights are randomised layer by layer, and one sees which maps care. */

/** @import { Frame, JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */

import { element, setAttribute, setText } from "../core/dom.js";
import { planeAt, putPixels, signalPixels } from "../draw/signals.js";
import { steadyNumber } from "../core/format.js";
import { isEqual } from "../core/json.js";
import { offWords, TOLERANCE } from "../widgets/completeness.js";
import { keepButtons, pictureFact, scalar } from "../widgets/save_picture.js";
import { METHODS } from "../catalog/attribution_methods.js";
import { studyButton } from "../widgets/study_button.js";

const LESSON =
  "Below each map: how alike its ranking of the pixels is to the first one's (Spearman's ρ of the " +
  "magnitudes). A row that stays near 1 shows the picture's edges, whatever the network learned.";

/**
 * @param {RunControl} run @param {() => JsonObject} ask which picture, class and methods
 * @returns {{ element: HTMLElement, update: () => void }}
 */
export function sanityCheckPanel(run, ask) {
  const table = element("table", { class: "sanity", hidden: true });
  const lesson = element("p", { class: "note", hidden: true }, LESSON);
  /** @type {Frame | null} */
  let newest = null;
  /** @type {string[]} */
  let methods = [];
  let built = "";
  /** What was asked, and what the newest frame answers. @type {JsonObject | null} */
  let asked = null;
  /** @type {JsonObject | null} */
  let answered = null;
  /** @type {{ canvas: HTMLCanvasElement, label: HTMLElement }[][]} */
  let cells = [];

  const build = (/** @type {string[]} */ stages) => {
    const wanted = `${methods} ${stages}`;
    if (built === wanted) return;
    built = wanted;
    cells = methods.map(() =>
      stages.map(() => ({
        canvas: element("canvas", { class: "pixels", role: "img" }),
        label: element("span", { "data-label": "" }, "–"),
      })),
    );
    const head = element(
      "tr",
      {},
      element("td", {}),
      ...stages.map((stage) => element("th", { scope: "col", "data-label": "" }, stage)),
    );
    const rows = methods.map((method, row) => {
      const title = METHODS.find(({ kind }) => kind === method)?.title ?? method;
      return element(
        "tr",
        {},
        element("th", { scope: "row", "data-label": "" }, title),
        ...(cells[row] ?? []).map(({ canvas, label }) => element("td", {}, canvas, label)),
      );
    });
    table.replaceChildren(element("thead", {}, head), element("tbody", {}, ...rows));
  };

  const paint = () => {
    const maps = newest?.arrays.get("maps");
    const correlations = newest?.arrays.get("correlations");
    const nodes = run.state.description?.nodes;
    if (!newest || !maps || !correlations || !nodes || maps.shape[1] !== methods.length) return;
    const stages = [...(newest.arrays.get("nodes")?.data ?? [])].map((place, index) =>
      place < 0 ? "as trained" : `${index > 1 ? "+ " : ""}${nodes[place]?.name ?? place}`,
    );
    build(stages);
    table.hidden = lesson.hidden = false;
    cells.forEach((row, method) =>
      row.forEach(({ canvas, label }, stage) => {
        const correlation = correlations.data[stage * methods.length + method] ?? NaN;
        const plane = planeAt(maps, stage * methods.length + method, 1);
        putPixels(canvas, signalPixels(plane, run.state.theme), plane.width, plane.height);
        const error =
          methods[method] === "integrated_gradients"
            ? (newest?.arrays.get("completeness.error")?.data[stage] ?? NaN)
            : NaN;
        const off = error > TOLERANCE ? `; sum ${offWords(error)}` : "";
        setText(label, Number.isNaN(correlation) ? "–" : steadyNumber(correlation, 2) + off);
        label.className = `rho rho-${Number.isNaN(correlation) ? "none" : Math.round(Math.max(0, correlation) * 4)}`;
        setAttribute(
          canvas,
          "aria-label",
          `${methods[method]}, ${stages[stage]}: rank correlation ` +
            `${Number.isNaN(correlation) ? "not known" : steadyNumber(correlation, 2)}`,
        );
      }),
    );
  };

  /** Another picture, class or network: what is seen stays, dimmed. */
  const mark = () => {
    const other = answered !== null && !isEqual(answered, ask());
    table.classList.toggle("waiting", other);
    setText(
      lesson,
      other
        ? "This answers another question: the picture, the class or the methods were changed. " +
            "“Randomise layer by layer” asks anew."
        : LESSON,
    );
  };

  const keep = keepButtons(
    () => table,
    () => newest,
    () => "sanity-check",
    () => ({
      class: String(
        run.state.description?.data.classes?.[newest ? scalar(newest.arrays, "target") : -1] ?? "",
      ),
      picture: pictureFact(answered),
      methods: methods.join(", "),
      randomised: "from the answer down",
      "below each map": "rank correlation with the first",
      seed: "0",
    }),
  );
  const control = studyButton(run, {
    keep,
    words: "Randomise layer by layer",
    empty:
      "A copy of the network forgets from the answer down; a method that explains what was learned " +
      "must change. Your run keeps its weights.",
    document: () => {
      asked = ask();
      methods = /** @type {string[]} */ (asked["methods"] ?? []);
      return { kind: "sanity_check", ...asked };
    },
    frame: (frame) => {
      [newest, answered] = [frame, asked];
      mark();
      paint();
    },
  });
  run.store.watch((state) => state.theme, paint);
  return {
    element: element(
      "div",
      { class: "study" },
      element("div", { class: "panel-head" }, control.element, element("span", { class: "grow" }), keep),
      lesson,
      table,
    ),
    update: mark,
  };
}
