/** Every way in for an experiment from elsewhere: a file that is chosen, dropped or pasted, a text, a link. */

/** @import { Experiment } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */

import { element } from "../core/dom.js";
import { readExperiment, MOST_CHARACTERS } from "../core/experiment_document.js";
import { readFragment, fromFragment } from "../core/share_link.js";
import { texts } from "../core/texts.js";

const TEXTS = texts(import.meta.url, {
  notOpened: "{what} was not opened: {why}.",
  text: "The pasted text",
  link: "The link",
  several: "{count} files were given: expected one, an experiment.",
  tooLong: "it is longer than a megabyte, and no experiment is",
});

/** Let the user choose a file. @param {RunControl} run */
export function chooseFile(run) {
  const input = element("input", { type: "file", accept: ".json,application/json" });
  input.addEventListener("change", () => void openFiles(run, input.files));
  input.click();
}

/** What is dropped or pasted on the page, outside of fields. @param {RunControl} run */
export function listenToGivenExperiments(run) {
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    void take(run, event.dataTransfer);
  });
  addEventListener("paste", (event) => {
    if (event.target instanceof Element && event.target.closest("input, textarea, select")) return;
    if (event.clipboardData?.types.length) event.preventDefault();
    void take(run, event.clipboardData);
  });
}

/** @param {RunControl} run @param {DataTransfer | null} given */
async function take(run, given) {
  if (given?.files.length) return openFiles(run, given.files);
  const text = given?.getData("text/plain").trim();
  if (!text) return;
  const fragment = readFragment(text);
  if (fragment) await openAsked(run, TEXTS.link, () => fromFragment(fragment));
  else await openAsked(run, TEXTS.text, async () => readExperiment(text));
}

/** @param {RunControl} run @param {FileList | null} files */
async function openFiles(run, files) {
  const [file] = files ?? [];
  if (files && files.length > 1) return run.notify(TEXTS.several({ count: files.length }), "error");
  if (file) await attempt(run, file.name, async () => run.start(await read(file)));
}

/** @param {File} file @returns {Promise<Experiment>} */
async function read(file) {
  if (file.size > MOST_CHARACTERS) throw new Error(TEXTS.tooLong);
  return readExperiment(await file.text());
}

/**
 * Show what a text or a link holds, and start it where the user says so.
 *
 * @param {RunControl} run @param {string} what @param {() => Promise<Experiment | null>} reading
 */
function openAsked(run, what, reading) {
  return attempt(run, what, async () => {
    const [experiment, { askWhetherToStart }] = await Promise.all([
      reading(),
      import("../widgets/link_question.js"),
    ]);
    if (experiment && (await askWhetherToStart(experiment, run.state.catalog))) await run.start(experiment);
  });
}

/** @param {RunControl} run @param {string} what @param {() => Promise<unknown>} open */
async function attempt(run, what, open) {
  try {
    await open();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    run.notify(TEXTS.notOpened({ what, why: why.replace(/\.$/, "") }), "error");
  }
}
