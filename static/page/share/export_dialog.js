/** A run taken away: as a script, as ONNX, as its weights or as its experiment, in one dialog. */

/** @import { RunControl } from "../../run/run.js" */
/** @import { Choice } from "../../widgets/checkpoint_choices.js" */

import { element, setText } from "../../core/dom.js";
import { download } from "../../core/download.js";
import { wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { exportedWeights } from "../../core/weights_api.js";
import { listChoices } from "../../widgets/checkpoint_choices.js";
import { openDialog } from "../../widgets/dialog.js";
import { exportScript, save } from "./files.js";

const TEXTS = texts(import.meta.url, {
  title: "Export",
  weights: "Weights",
  now: "now, step {step}",
  script: "PyTorch script",
  scriptIs: "Trains the same network where only torch is installed.",
  onnx: "ONNX",
  onnxIs: "The network with these weights, for onnxruntime and others; nodes keep their names.",
  safetensors: "safetensors",
  safetensorsIs: "The state dict: these weights by the names of their nodes.",
  json: "JSON",
  jsonIs: "The experiment, to be opened here again.",
  download: "Download",
  downloadAs: "Download: {format}",
  making: "Making {format} …",
  made: "Saved as {name}",
});

/** @param {RunControl} run */
export async function openExport(run) {
  const { run: shown, status, experiment } = run.state;
  if (!shown || !experiment) return;
  const now = /** @type {Choice} */ (["", TEXTS.now({ step: wholeNumber(status?.step ?? 0) })]);
  const kept = (await listChoices(run)) ?? [];
  const select = element(
    "select",
    { "aria-label": TEXTS.weights },
    ...[now, ...kept].map(([value, label]) => element("option", { value }, label)),
  );
  const said = element("p", { class: "note", role: "status" });
  const titled = { ...experiment, title: shown.title };
  /** @param {"onnx" | "safetensors"} format */
  const weights = async (format) => {
    const { name, bytes } = await exportedWeights(shown.id, format, select.value);
    download(bytes, name);
    return TEXTS.made({ name });
  };
  openDialog(
    TEXTS.title,
    element(
      "label",
      { class: "dialog-row" },
      element("span", {}, TEXTS.weights),
      element("span", { class: "select" }, select),
    ),
    element(
      "ul",
      { class: "checkpoints" },
      row(said, TEXTS.onnx, TEXTS.onnxIs, () => weights("onnx"), run.control),
      row(said, TEXTS.safetensors, TEXTS.safetensorsIs, () => weights("safetensors"), run.control),
      row(said, TEXTS.script, TEXTS.scriptIs, async () => void (await exportScript(run, titled))),
      row(said, TEXTS.json, TEXTS.jsonIs, async () => save(titled)),
    ),
    said,
  );
}

/**
 * A format with its button; what comes of it, or why nothing does, is said below.
 *
 * @param {HTMLElement} said @param {string} format @param {string} words
 * @param {() => Promise<string | void>} make @param {boolean} [allowed]
 */
function row(said, format, words, make, allowed = true) {
  const button = element(
    "button",
    {
      ...{ type: "button", class: "button", disabled: !allowed, "aria-label": TEXTS.downloadAs({ format }) },
      onclick: async () => {
        button.disabled = true;
        tell(said, TEXTS.making({ format }));
        try {
          tell(said, (await make()) ?? "");
        } catch (error) {
          tell(said, error instanceof Error ? error.message : String(error), true);
        } finally {
          button.disabled = false;
        }
      },
    },
    TEXTS.download,
  );
  const text = element(
    "div",
    { class: "checkpoint-words" },
    element("p", {}, element("b", {}, format)),
    element("p", { class: "note" }, words),
  );
  return element("li", {}, text, button);
}

/** @param {HTMLElement} said @param {string} text @param {boolean} [complains] */
export function tell(said, text, complains = false) {
  said.className = complains ? "complaint" : "note";
  setText(said, text);
}
