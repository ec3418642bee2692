/**
 * A dialog that shows what a link from elsewhere would start: no run is created before the user confirms.
 */

/** @import { Catalog, Experiment } from "../types.d.ts" */

import { leaveForNextPage, takeFromPreviousPage } from "../core/storage.js";
import { element } from "../core/dom.js";
import { texts } from "../core/texts.js";
import { findItem } from "../catalog/catalog.js";
import { nodeName, wholeNumber } from "../core/format.js";

const TEXTS = texts(import.meta.url, {
  andMore: "and {nodes} more",
  samples: { one: "{number} sample", other: "{number} samples" },
  nodes: { one: "{number} node", other: "{number} nodes" },
  epochs: { one: "{number} epoch", other: "{number} epochs" },
  data: "Data",
  network: "Network",
  training: "Training",
  batchesOf: "batches of {batch_size}",
  experimentWithoutTitle: "An experiment without a title",
  startThisExperiment: "Start this experiment",
  linkExperiment: "A link to an experiment",
  nothingBeenStarted:
    "Nothing has been started. It would train on this server, and end when no page shows it.",
  notNow: "Not now",
});

/** Set by a page of our own on its way here, and good for one arrival. */
const MARK = "link-of-our-own";

/** Mark a fragment as a link of our own page, which starts without a question. @param {string} fragment */
export function markOwnLink(fragment) {
  leaveForNextPage(MARK, fragment);
}

/** Whether our own page led to this fragment. @param {string} fragment */
export function isOwnLink(fragment) {
  return takeFromPreviousPage(MARK) === fragment;
}

/** Titles are cut here: a link may hold anything. */
const LONGEST = 120;

/**
 * What a link's experiment is, in words; of what it does not say, nothing is said.
 *
 * @param {Experiment} experiment as a link has it, unchecked @param {Catalog} catalog
 * @returns {{ title: string, facts: [string, string][] }}
 */
export function summaryOf(experiment, catalog) {
  const { title, data, network, training } = /** @type {Partial<Experiment>} */ (experiment ?? {});
  const kind = text(data?.kind);
  const nodes = Array.isArray(network) ? network : [];
  const names = nodes
    .slice(0, MOST_NAMED)
    .map((node) => nodeName(text(node?.name) || text(node?.kind)))
    .filter(Boolean);
  const more = nodes.length > names.length ? TEXTS.andMore({ nodes: nodes.length - names.length }) : "";
  /** @type {[string, string][]} */
  const facts = [
    [
      TEXTS.data,
      [findItem(catalog, kind, ["datasets"])?.label ?? kind, count(data?.["samples"], TEXTS.samples)]
        .filter(Boolean)
        .join(", "),
    ],
    [
      TEXTS.network,
      nodes.length > 0
        ? `${count(nodes.length, TEXTS.nodes)}: ${[...names, more].filter(Boolean).join(", ")}`
        : "",
    ],
    [
      TEXTS.training,
      [
        count(training?.epochs, TEXTS.epochs),
        typeof training?.batch_size === "number"
          ? TEXTS.batchesOf({ batch_size: wholeNumber(training.batch_size) })
          : "",
      ]
        .filter(Boolean)
        .join(", "),
    ],
  ];
  return {
    title: text(title) || TEXTS.experimentWithoutTitle,
    facts: facts.filter(([, value]) => value !== ""),
  };
}

/** Names of nodes that are told. */
const MOST_NAMED = 8;

/** @param {unknown} value */
function text(value) {
  if (typeof value !== "string") return "";
  const short = value.trim();
  return short.length > LONGEST ? `${short.slice(0, LONGEST)}…` : short;
}

/** @param {unknown} number @param {(values: { count: number, number: string }) => string} say */
function count(number, say) {
  return typeof number === "number" && Number.isFinite(number)
    ? say({ count: number, number: wholeNumber(number) })
    : "";
}

/**
 * Ask whether a link's experiment shall be started.
 *
 * @param {Experiment} experiment @param {Catalog} catalog @returns {Promise<boolean>}
 */
export function askWhetherToStart(experiment, catalog) {
  const { title, facts } = summaryOf(experiment, catalog);
  const list = element("dl", { class: "facts" });
  for (const [name, value] of facts) list.append(element("dt", {}, name), element("dd", {}, value));
  const start = element(
    "button",
    { type: "submit", value: "start", class: "button primary", autofocus: true },
    TEXTS.startThisExperiment,
  );
  const dialog = element(
    "dialog",
    { class: "question", "aria-labelledby": "question-title" },
    element("p", { class: "caption" }, TEXTS.linkExperiment),
    element("h2", { id: "question-title" }, title),
    list,
    element("p", { class: "note" }, TEXTS.nothingBeenStarted),
    element(
      "form",
      { method: "dialog", class: "dialog-end" },
      element("button", { type: "submit", value: "", class: "button" }, TEXTS.notNow),
      start,
    ),
  );
  for (const earlier of document.querySelectorAll("dialog.question"))
    if (earlier instanceof HTMLDialogElement) earlier.close();
  document.body.append(dialog);
  dialog.showModal();
  start.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "start");
    });
  });
}
