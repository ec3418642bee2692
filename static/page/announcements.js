/** What of a run is said aloud: how it stands, the step it has reached, its numbers at the end, edits that hold. */

/** @import { CatalogItem, Experiment, Json, Status } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */

import { nodeName } from "../network/names.js";
import { nodeItem } from "../catalog/catalog.js";
import { announce } from "../core/announce.js";
import { sentenceCase, shortNumber, wholeNumber } from "../core/format.js";
import { difference, partsOf, valueAt } from "../core/json.js";
import { stateName } from "../core/run_states.js";
import { texts } from "../core/texts.js";

const TEXTS = texts(import.meta.url, {
  stepEpoch: "step {step}, epoch {epoch}{numbers}.",
  pausedAt: "Paused at {at}",
  finishedAt: "Finished at {at}",
  stoppedAt: "{title}: {detail}. At {at}",
  theRunStopped: "the run stopped",
  numberInTheQueue: "Number {position} in the queue.",
  waitingForAWorker: "Waiting for a worker.",
  theRunIs: "The run is {state}.",
  at: "At {at}",
  added: "Added {added}.",
  removed: "Removed {removed}.",
});

/** States by what is said of them; of others, their own word. @type {Record<string, string>} */
const SAID = texts(import.meta.url, {
  training: "Training.",
  starting: "Starting.",
  incomplete: "A plug-in is missing.",
});

/** The numbers that are said, in this order. */
const MEASURES = ["train_loss", "test_loss", "test_accuracy"];

/** @param {Status["metrics"]} metrics @returns {string} such as ", train loss 0.031, test loss 0.05" */
function numbers(metrics = {}) {
  return MEASURES.filter((name) => Number.isFinite(metrics[name]))
    .map((name) => `, ${name.replace("_", " ")} ${shortNumber(metrics[name] ?? NaN)}`)
    .join("");
}

/**
 * What there is to say of a status after the one that was said last. Of a run that trains, its steps are not:
 * there are hundreds a second.
 *
 * @param {Status | null} before @param {Status} status
 * @returns {string | null}
 */
export function statusMessage(before, status) {
  const { state, step, epoch, metrics, reason, queue_position: position } = status;
  const changed = before?.state !== state;
  const at = TEXTS.stepEpoch({
    step: wholeNumber(step),
    epoch: wholeNumber(Math.floor(epoch)),
    numbers: numbers(metrics),
  });
  if (changed && state === "paused") return TEXTS.pausedAt({ at });
  if (changed && state === "finished" && reason?.stop)
    return TEXTS.stoppedAt({ title: reason.title ?? "", detail: reason.detail ?? "", at });
  if (changed && state === "finished") return TEXTS.finishedAt({ at });
  if (changed && state === "failed") return `Failed: ${reason?.title ?? TEXTS.theRunStopped}.`;
  if (state === "queued" && (changed || before?.queue_position !== position))
    return position ? TEXTS.numberInTheQueue({ position }) : TEXTS.waitingForAWorker;
  if (changed) return SAID[state] ?? TEXTS.theRunIs({ state: stateName(state) });
  return state !== "training" && before?.step !== step ? TEXTS.at({ at }) : null;
}

/** @param {Experiment} experiment @returns {Map<string, string>} the kind of each node of the outermost list */
function kinds({ network }) {
  return new Map(network.map((node) => [String(node["name"]), String(node["kind"])]));
}

/**
 * An edit that the run has taken over: layers that came or went, or else the first value that differs.
 *
 * @param {Experiment} before @param {Experiment} after @param {(kind: string) => string} labelOf a kind of node
 * @returns {string | null}
 */
export function editMessage(before, after, labelOf) {
  const [had, has] = [kinds(before), kinds(after)];
  const named = (/** @type {Map<string, string>} */ some, /** @type {Map<string, string>} */ others) =>
    [...some]
      .filter(([name]) => !others.has(name))
      .map(([name, kind]) => `${labelOf(kind)} ${nodeName(name)}`);
  const [added, removed] = [named(has, had), named(had, has)];
  if (added.length > 0 || removed.length > 0)
    return [
      added.length > 0 && TEXTS.added({ added: added.join(", ") }),
      removed.length > 0 && TEXTS.removed({ removed: removed.join(", ") }),
    ]
      .filter(Boolean)
      .join(" ");
  const [first] = difference(before, after);
  return first ? valueMessage(after, first.path) : null;
}

/** @param {Experiment} experiment @param {string} pointer @returns {string} such as "linear 1: units 5." */
function valueMessage(experiment, pointer) {
  const document = /** @type {Json} */ (/** @type {unknown} */ (experiment));
  const parts = partsOf(pointer);
  const name = sentenceCase(String(parts.findLast((part) => !/^\d+$/.test(part)) ?? "experiment"));
  const value = valueAt(document, pointer);
  const [list, index] = parts;
  const owner = list === "network" ? experiment.network[Number(index)]?.["name"] : null;
  const plain =
    typeof value === "object" ? "changed" : typeof value === "number" ? shortNumber(value, 6) : value;
  return owner ? `${nodeName(owner)}: ${name.toLowerCase()} ${plain}.` : `${name} ${plain}.`;
}

/** Say what becomes of the run. @param {RunControl} run */
export function announceRun(run) {
  const { store } = run;
  /** @type {Status | null} */
  let told = null;
  /** @type {Experiment | null} */
  let known = null;
  const ofStatus = () => {
    const { status } = run.state;
    const before = told;
    told = status;
    return status && statusMessage(before, status);
  };
  const ofEdit = () => {
    const { applied, catalog } = run.state;
    const before = known;
    if (!applied || !before) return null;
    known = applied;
    return editMessage(before, applied, (kind) => nodeItem(catalog, kind)?.label ?? kind);
  };
  store.watch(
    (state) => state.status,
    (status) => (status ? announce("status", ofStatus) : (told = null)),
  );
  store.watch(
    (state) => state.experiment,
    (experiment) => (known = experiment && (known ?? experiment)),
  );
  store.watch(
    (state) => state.applied,
    (applied) => applied && announce("edit", ofEdit),
  );
}
