/** Taking an experiment elsewhere: a link, a file, and back from a file. */

/** @import { Experiment } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { Entry } from "../widgets/menu.js" */

import { at } from "../core/address.js";
import { element, icon } from "../core/dom.js";
import { openDialog } from "../widgets/dialog.js";
import { openMenu } from "../widgets/menu.js";
import { toFragment } from "../core/share_link.js";
import { texts } from "../core/texts.js";
import { chooseFile } from "./opening.js";

const TEXTS = texts(import.meta.url, {
  shareAndKeep: "Share and keep",
  copyLinkExperiment: "Copy a link to this experiment",
  whoeverOpensAsked: "whoever opens it is asked, and trains a copy of their own",
  copyLinkRun: "Copy a link to this run",
  othersWatchSameTraining: "others watch the same training",
  checkpoints: "Checkpoints",
  keptStates: "states of this run, to go back to or on from",
  saveAsAFile: "Save as a file",
  theExperimentAsJson: "the experiment as JSON",
  exportAsPytorch: "Export as PyTorch",
  scriptTrainsSameNetwork: "a script that trains the same network",
  exportTitle: "Export",
  exportFormats: "a script, ONNX, weights or JSON, of now or of a checkpoint",
  startFromWeights: "Start from weights",
  ofAFile: "of a file, or of another run",
  openAFile: "Open a file",
  startsRunOwn: "starts a run of its own; a file, its text or a link may be dropped or pasted, too",
  trainCopyYourOwn: "Train a copy of your own",
  linkCopied: "Link copied",
  link: "Link",
  copyThisLink: "Copy this link",
});

/** @param {HTMLElement} anchor @param {RunControl} run */
export function openShareMenu(anchor, run) {
  openMenu(anchor, TEXTS.shareAndKeep, shareEntries(run));
}

/** Ways to take an experiment elsewhere, and to bring one. @param {RunControl} run @returns {Entry[]} */
export function shareEntries(run) {
  return [
    {
      label: TEXTS.copyLinkExperiment,
      detail: TEXTS.whoeverOpensAsked,
      icon: icon("share"),
      run: () => void copyExperiment(run),
    },
    {
      label: TEXTS.copyLinkRun,
      detail: TEXTS.othersWatchSameTraining,
      icon: icon("eye"),
      run: () => void copy(run, location.href.split("#")[0] ?? ""),
    },
    {
      label: TEXTS.checkpoints,
      detail: TEXTS.keptStates,
      icon: icon("rewind"),
      run: () => void import("./checkpoints.js").then(({ openCheckpoints }) => openCheckpoints(run)),
    },
    {
      label: TEXTS.saveAsAFile,
      detail: TEXTS.theExperimentAsJson,
      icon: icon("save"),
      run: () => void files().then(({ save }) => save(titled(run))),
    },
    {
      label: TEXTS.exportAsPytorch,
      detail: TEXTS.scriptTrainsSameNetwork,
      icon: icon("code"),
      run: () => void files().then(({ exportScript }) => exportScript(run, titled(run))),
    },
    {
      label: TEXTS.exportTitle,
      detail: TEXTS.exportFormats,
      icon: icon("save"),
      run: () => void import("./share/export_dialog.js").then(({ openExport }) => openExport(run)),
    },
    ...(run.control
      ? [
          {
            label: TEXTS.startFromWeights,
            detail: TEXTS.ofAFile,
            icon: icon("open"),
            run: () => void import("./share/weights_dialog.js").then(({ openWeights }) => openWeights(run)),
          },
        ]
      : []),
    {
      label: TEXTS.openAFile,
      detail: TEXTS.startsRunOwn,
      icon: icon("open"),
      run: () => chooseFile(run),
    },
    ...(run.control
      ? []
      : [{ label: TEXTS.trainCopyYourOwn, icon: icon("fork"), run: () => void startCopy(run) }]),
  ];
}

/** What makes files, loaded when one is wanted. */
const files = () => import("./share/files.js");

/** The experiment with the run's title. @param {RunControl} run @returns {Experiment | null} */
function titled(run) {
  const { experiment, run: shown } = run.state;
  return experiment && { ...experiment, title: shown?.title ?? experiment.title };
}

/** @param {RunControl} run */
async function copyExperiment(run) {
  const experiment = titled(run);
  if (experiment) await copy(run, `${location.origin}${at("/")}${await toFragment(experiment)}`);
}

/** @param {RunControl} run @param {string} text */
async function copy(run, text) {
  try {
    await navigator.clipboard.writeText(text);
    run.notify(TEXTS.linkCopied, "info");
  } catch {
    // No clipboard without a secure context: let the user copy it.
    const input = element("input", { class: "text", readonly: true, value: text, "aria-label": TEXTS.link });
    openDialog(TEXTS.copyThisLink, input);
    input.select();
  }
}

/** @param {RunControl} run */
export async function startCopy(run) {
  const experiment = titled(run);
  if (experiment) await run.start(experiment);
}
