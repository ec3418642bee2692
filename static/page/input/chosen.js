/**
 * The chosen input: the one picture that every panel shows to the network. A sample of the set, a drawing,
 * a file or what the camera sees; `run.state.input` holds it as an item of the engine's inputs.
 */

/** @import { JsonObject } from "../../types.d.ts" */
/** @import { RunControl } from "../../run/run.js" */
/** @import { Chooser, Source } from "./source.d.ts" */

import { postBlob } from "../../core/api.js";
import { element, icon, iconButton, setAttribute, setText } from "../../core/dom.js";
import { setName } from "../../core/metric_names.js";
import { wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { base64, lightOf, sampleOf } from "../../draw/pad.js";
import { predictionPanel } from "../../panels/prediction.js";
import { dataset } from "../../catalog/catalog.js";
import { cameraSource } from "./camera.js";
import { drawingSource } from "./drawing.js";
import { fileSource } from "./file.js";

const TEXTS = texts(import.meta.url, {
  sample: "Sample",
  draw: "Draw",
  file: "File",
  camera: "Camera",
  wherePictureComesFrom: "Where the picture comes from",
  whichSet: "Which set",
  placeInTheSet: "Place in the set",
  of: "of {sets}",
  theSampleBefore: "The sample before",
  theNextSample: "The next sample",
  anySample: "Any sample",
});

/**
 * Bytes of a picture that a message may hold; several panels ask for it at once, in one message of 64 KiB.
 */
const MOST_BYTES = 64 * 64 * 3;

/** @param {RunControl} run @returns {HTMLElement} */
export function chosenPanel(run) {
  /** @type {Chooser} */
  const chooser = {
    shape: () => run.state.description?.input.shape ?? [1, 1, 1],
    style: () => (run.state.experiment && dataset(run.state.catalog, run.state.experiment)?.drawn) || "plain",
    choose: (input) => run.store.set({ input }),
    chooseDrawn: (canvas, context, style) => {
      const shape = chooser.shape();
      if (shape.reduce((product, size) => product * size, 1) > MOST_BYTES) return void sendLarge(canvas);
      const light = lightOf(context.getImageData(0, 0, canvas.width, canvas.height), shape[0] ?? 1);
      chooser.choose({ kind: "pixels", pixels: base64(sampleOf(light, shape, 255, style)) });
    },
  };
  let sending = false;
  /** Too large for a message: it goes as a file, one at a time. @param {HTMLCanvasElement} canvas */
  const sendLarge = async (canvas) => {
    if (sending) return;
    sending = true;
    try {
      const file = await new Promise((/** @type {(blob: Blob | null) => void} */ resolve) =>
        canvas.toBlob(resolve),
      );
      if (file)
        chooser.choose({ kind: "picture", blob: `sha256:${(await postBlob(file)).sha256}`, fit: "stretch" });
    } catch (error) {
      run.notify(error instanceof Error ? error.message : String(error), "error");
    } finally {
      sending = false;
    }
  };
  const drawn = () =>
    run.state.experiment && dataset(run.state.catalog, run.state.experiment)?.form === "picture";
  /** @type {[string, string, Source][]} */
  const sources = [
    ["sample", TEXTS.sample, sampleSource(run, chooser)],
    ["draw", TEXTS.draw, drawingSource(chooser)],
    ["file", TEXTS.file, fileSource(run, chooser)],
    ["camera", TEXTS.camera, cameraSource(chooser)],
  ];
  let open = "";
  const buttons = sources.map(([name, title]) =>
    element(
      "button",
      { type: "button", class: "mark", "aria-pressed": "false", onclick: () => turnTo(name) },
      title,
    ),
  );
  const turnTo = (/** @type {string} */ wanted) => {
    if (wanted === open) return;
    sources.find(([name]) => name === open)?.[2].hide?.();
    open = wanted;
    sources.forEach(([name, , source], index) => {
      source.element.hidden = name !== wanted;
      if (buttons[index]) setAttribute(buttons[index], "aria-pressed", String(name === wanted));
    });
    sources.find(([name]) => name === wanted)?.[2].show();
  };
  turnTo("sample");
  // What is no picture is neither drawn nor photographed.
  run.store.watch(
    (state) => state.experiment?.data.kind,
    () => {
      for (const button of buttons) button.hidden = !drawn();
      if (!drawn()) turnTo("sample");
    },
  );
  // Another panel may choose, too: an example of a confusion, say.
  run.store.watch(
    (state) => state.input,
    (input) => input["kind"] === "sample" && turnTo("sample"),
  );
  return element(
    "div",
    { class: "chosen" },
    element("div", { class: "marks", role: "group", "aria-label": TEXTS.wherePictureComesFrom }, ...buttons),
    ...sources.map(([, , source]) => source.element),
    predictionPanel(run),
  );
}

/** @param {RunControl} run @param {Chooser} chooser @returns {Source} */
function sampleSource(run, chooser) {
  let [set, index] = ["test", 0];
  const select = element("select", { "aria-label": TEXTS.whichSet, onchange: () => choose(select.value, 0) });
  const number = element("input", {
    type: "number",
    class: "number",
    min: 0,
    "aria-label": TEXTS.placeInTheSet,
    onchange: () => choose(set, Number(number.value)),
  });
  const of = element("span", { class: "note" });
  const sets = () => /** @type {Record<string, number>} */ (run.state.description?.data.sets ?? { test: 1 });
  const choose = (/** @type {string} */ wanted, /** @type {number} */ place) => {
    const count = sets()[wanted] ?? 1;
    [set, index] = [wanted, Number.isFinite(place) ? ((Math.trunc(place) % count) + count) % count : 0];
    chooser.choose({ kind: "sample", set, index });
  };
  const show = (/** @type {JsonObject} */ input) => {
    if (input["kind"] !== "sample") return;
    [set, index] = [String(input["set"]), Number(input["index"])];
    select.value = set;
    number.value = String(index);
    setText(of, TEXTS.of({ sets: wholeNumber(sets()[set] ?? 1) }));
  };
  run.store.watch(
    (state) => state.description?.data?.sets,
    (counts) => {
      if (counts)
        select.replaceChildren(
          ...Object.keys(counts).map((name) => element("option", { value: name }, setName(name))),
        );
      show(run.state.input);
    },
  );
  run.store.watch((state) => state.input, show);
  return {
    element: element(
      "div",
      { class: "chosen-row" },
      element("span", { class: "select" }, select),
      number,
      of,
      iconButton("up", TEXTS.theSampleBefore, () => choose(set, index - 1), { class: "icon-button turned" }),
      iconButton("up", TEXTS.theNextSample, () => choose(set, index + 1), {
        class: "icon-button turned back",
      }),
      element(
        "button",
        {
          type: "button",
          class: "icon-button",
          "aria-label": TEXTS.anySample,
          title: TEXTS.anySample,
          onclick: () => choose(set, Math.floor(Math.random() * (sets()[set] ?? 1))),
        },
        icon("reset"),
      ),
    ),
    show: () => choose(set, index),
  };
}
