/** Weights to start from, of a file or of another run: what fits, what does not, and what is trained. */

/** @import { RunControl } from "../../run/run.js" */
/** @import { Experiment } from "../../types.d.ts" */
/** @import { Comparison, KeptWeights } from "../../core/weights_api.js" */
/** @import { Trained } from "./weights_model.js" */

import { listRuns } from "../../core/api.js";
import { element } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { compareWeights, postWeights, weightsOfRun } from "../../core/weights_api.js";
import { openDialog } from "../../widgets/dialog.js";
import { tell } from "./export_dialog.js";
import { startedFrom, summaryOf } from "./weights_model.js";

const TEXTS = texts(import.meta.url, {
  title: "Start from weights",
  note: "A state dict: safetensors, or a file of torch.save. Names may be ours, or torchvision's.",
  file: "A file of weights",
  chooseAFile: "Choose a file",
  orARun: "or a run",
  chooseARun: "choose …",
  reading: "Reading {name} …",
  refused: "Does not fit ({count})",
  taken: "Taken, and its name there ({count})",
  fresh: "Starts with initial values ({count})",
  unused: "Left over in the file ({count})",
  without: "Leave it out: what does not fit starts with initial values",
  train: "Train",
  everything: "everything (fine-tuning)",
  onlyNew: "only what is not taken (feature extraction)",
  start: "Start from these weights",
});

/** @param {RunControl} run */
export async function openWeights(run) {
  new Weights(run).open(await listRuns().catch(() => []));
}

class Weights {
  #run;
  #said = element("p", { class: "note", role: "status" }, TEXTS.note);
  #answer = element("div", { class: "weights-answer" });
  /** @type {HTMLDialogElement | null} */
  #dialog = null;
  /** The newest of the requests: what others answer is of no interest. */
  #newest = 0;

  /** @param {RunControl} run */
  constructor(run) {
    this.#run = run;
  }

  /** @param {{ id: string, title: string }[]} runs */
  open(runs) {
    const others = runs.filter(({ id }) => id !== this.#run.state.run?.id).slice(0, 100);
    this.#dialog = openDialog(TEXTS.title, this.#file(), this.#runs(others), this.#said, this.#answer);
  }

  #file() {
    const input = element("input", {
      type: "file",
      class: "visually-hidden",
      accept: ".safetensors,.pt,.pth,.bin",
      "aria-label": TEXTS.file,
      onchange: () => {
        const [file] = input.files ?? [];
        if (file) void this.#take(file.name, () => postWeights(file));
        input.value = "";
      },
    });
    return element("label", { class: "drop-zone" }, element("strong", {}, TEXTS.chooseAFile), input);
  }

  /** @param {{ id: string, title: string }[]} runs */
  #runs(runs) {
    const select = element(
      "select",
      {
        "aria-label": TEXTS.orARun,
        onchange: () => {
          const chosen = runs.find(({ id }) => id === select.value);
          if (chosen) void this.#take(chosen.title, () => weightsOfRun(chosen.id));
        },
      },
      element("option", { value: "" }, TEXTS.chooseARun),
      ...runs.map(({ id, title }) => element("option", { value: id }, title)),
    );
    return element(
      "label",
      { class: "dialog-row" },
      element("span", {}, TEXTS.orARun),
      element("span", { class: "select" }, select),
    );
  }

  /** @param {string} name @param {() => Promise<KeptWeights>} bring */
  async #take(name, bring) {
    const newest = ++this.#newest;
    this.#answer.replaceChildren();
    tell(this.#said, TEXTS.reading({ name }));
    try {
      const { experiment } = this.#run.state;
      const { weights } = await bring();
      if (!experiment || newest !== this.#newest) return;
      const start_from = { weights, nodes: ["*"], without: [] };
      const wanted = { ...experiment, training: { ...experiment.training, start_from } };
      const found = await compareWeights(wanted);
      if (newest === this.#newest) this.#show(experiment, weights, found);
    } catch (error) {
      if (newest === this.#newest)
        tell(this.#said, error instanceof Error ? error.message : String(error), true);
    }
  }

  /** @param {Experiment} experiment @param {string} weights @param {Comparison} found */
  #show(experiment, weights, found) {
    const { refused, taken, fresh, unused } = found;
    tell(this.#said, summaryOf(found), taken.length === 0);
    const without = element("input", { type: "checkbox" });
    const train = element(
      "select",
      { "aria-label": TEXTS.train },
      element("option", { value: "everything" }, TEXTS.everything),
      element("option", { value: "new" }, TEXTS.onlyNew),
    );
    const start = element(
      "button",
      {
        ...{ type: "button", class: "button primary", disabled: refused.length > 0 || taken.length === 0 },
        onclick: () =>
          this.#start(startedFrom(experiment, weights, found, /** @type {Trained} */ (train.value))),
      },
      TEXTS.start,
    );
    without.addEventListener("change", () => (start.disabled = !without.checked));
    const others = refused.length > 0 && taken.length > 0;
    this.#answer.replaceChildren(
      ...listed(TEXTS.refused, refused, true),
      ...(others ? [element("label", { class: "dialog-row" }, without, TEXTS.without)] : []),
      ...listed(
        TEXTS.taken,
        taken.map(({ name, key, shape }) => `${name} ← ${key}  ${shape.join("×")}`),
      ),
      ...listed(TEXTS.fresh, fresh),
      ...listed(TEXTS.unused, unused),
      element(
        "label",
        { class: "dialog-row" },
        element("span", {}, TEXTS.train),
        element("span", { class: "select" }, train),
      ),
      start,
    );
  }

  /** Change the experiment, and begin there. @param {Experiment} after */
  async #start(after) {
    this.#dialog?.close();
    this.#run.edit(after);
    await this.#run.settled();
    const { experiment } = this.#run.state;
    if (JSON.stringify(experiment?.training["start_from"]) === JSON.stringify(after.training["start_from"]))
      await this.#run.playback.reset();
  }
}

/**
 * A list below its heading, folded away unless it is to be read first; none where there is nothing.
 *
 * @param {(values: { count: number }) => string} title @param {string[]} lines @param {boolean} [open]
 */
function listed(title, lines, open = false) {
  if (lines.length === 0) return [];
  return [
    element(
      "details",
      { class: "more", open },
      element("summary", {}, title({ count: lines.length })),
      element("ul", { class: "tensor-names" }, ...lines.map((line) => element("li", {}, line))),
    ),
  ];
}
