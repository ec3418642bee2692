/** What the diagnosis has found, above the network: in words, by which numbers, its cures, and a way to try them. */

/** @import { RunControl } from "../run/run.js" */
/** @import { Finding } from "../run/changes.js" */
/** @import { CuresPanel } from "../panels/cures.js" */

import { announce } from "../core/announce.js";
import { element, icon, iconButton } from "../core/dom.js";
import { nodeName, shortNumber, wholeNumber } from "../core/format.js";
import { storeChoice, storedChoice } from "../core/storage.js";
import { SMALL } from "../core/screen.js";
import { sheet } from "../core/sheet.js";
import { texts } from "../core/texts.js";
import { curesPanel } from "../panels/cures.js";

const TEXTS = texts(import.meta.url, {
  diagnosis: "Diagnosis",
  dismiss: "Dismiss this finding",
  more: "Why, and what may cure it",
  judgedBy: "Judged by, at step {step}",
  above: "{what}: {value}, above {bound}",
  below: "{what}: {value}, below {bound}",
  cures: "What may cure it",
  keptCure: "You go on with a cure: {cure}.",
  takeBack: "Take it back",
  look: "Look at {node}",
});

/** Findings that were dismissed, and how many are remembered. */
const DISMISSED = "dismissed-findings";
const MOST_DISMISSED = 200;

/** @param {HTMLElement} stage @param {RunControl} run */
export async function showDiagnosis(stage, run) {
  await sheet(new URL("../styles/diagnosis.css", import.meta.url));
  const banner = element("section", { class: "diagnosis", "aria-label": TEXTS.diagnosis, hidden: true });
  stage.before(banner);
  /** @type {string | null} */
  let shown = null;
  /** @type {CuresPanel | null} */
  let panel = null;
  /** The cure that was kept: a run of its own. @type {{ cure: string, parent: string } | null} */
  let kept = null;
  // An open inspector or a small screen leaves the network little room: then a line of the finding is enough.
  const fold = () => {
    const little = SMALL.matches || run.state.selected !== null;
    banner.classList.toggle("foldable", little);
    unfold(banner, !little);
  };
  const show = () => {
    const goesOn = kept !== null && run.state.run !== null && run.state.run.id !== kept.parent;
    const finding = current(run);
    const key = finding ? keyOf(run, finding) : goesOn ? `${run.state.run?.id} ${kept?.cure}` : null;
    if (key === shown) return;
    shown = key;
    panel?.end();
    panel = finding && curesPanel(run, finding, (cure, parent) => (kept = { cure, parent }));
    banner.hidden = key === null;
    const content = finding
      ? bannerOf(run, finding, panel, () => dismiss(finding))
      : goesOn && kept
        ? keptOf(run, kept)
        : [];
    banner.replaceChildren(...content);
    fold();
    if (finding) announce("finding", `${finding.title}. ${finding.detail}`);
  };
  /** @param {Finding} finding */
  const dismiss = (finding) => {
    const before = JSON.parse(storedChoice(DISMISSED) ?? "[]");
    storeChoice(DISMISSED, JSON.stringify([...before, dismissedAs(run, finding)].slice(-MOST_DISMISSED)));
    show();
  };
  run.store.watch((state) => state.findings, show);
  run.store.watch(({ selected }) => selected === null, fold);
  SMALL.addEventListener("change", fold);
  run.store.watch(({ status, run: of }) => `${of?.id} ${status?.life} ${status?.revision}`, show);
}

/** Show all of the banner, or its head alone. @param {HTMLElement} banner @param {boolean} whole */
function unfold(banner, whole) {
  banner.classList.toggle("folded", !whole);
  banner.querySelector(".diagnosis-more")?.setAttribute("aria-expanded", String(whole));
}

/** The newest finding of the run as it is now, if it is not dismissed. @param {RunControl} run */
function current(run) {
  const { findings, status } = run.state;
  const dismissed = new Set(JSON.parse(storedChoice(DISMISSED) ?? "[]"));
  return (
    findings.findLast(
      (finding) =>
        finding.life === status?.life &&
        finding.revision === status?.revision &&
        !dismissed.has(dismissedAs(run, finding)),
    ) ?? null
  );
}

/** @param {RunControl} run @param {Finding} finding */
const keyOf = (run, { trouble, life, revision }) => `${run.state.run?.id} ${trouble} ${life} ${revision}`;

/** A finding that is dismissed does not come back in its run. @param {RunControl} run @param {Finding} finding */
const dismissedAs = (run, { trouble }) => `${run.state.run?.id} ${trouble}`;

/**
 * @param {RunControl} run @param {Finding} finding @param {CuresPanel | null} panel @param {() => void} dismiss
 */
function bannerOf(run, finding, panel, dismiss) {
  const { title, detail, node, evidence, step } = finding;
  return [
    element(
      "div",
      { class: "diagnosis-head" },
      element("h2", { onclick: turn }, title),
      node
        ? element(
            "button",
            { type: "button", class: "mend", onclick: () => run.select(node) },
            TEXTS.look({ node: nodeName(node) }),
          )
        : null,
      moreButton(),
      iconButton("remove", TEXTS.dismiss, dismiss),
    ),
    element("p", {}, detail),
    evidence.length > 0 ? judgedBy(evidence, step) : null,
    // In a block of its own: a grid would put the mark of its explanation in its corner.
    finding.cures.length > 0 ? element("div", {}, element("h3", { class: "caption" }, TEXTS.cures)) : null,
    finding.cures.length > 0 ? (panel?.element ?? null) : null,
  ].filter((part) => part !== null);
}

/** Unfolds the banner that it is in, and folds it again. */
function moreButton() {
  return element(
    "button",
    { type: "button", class: "mend diagnosis-more", onclick: turn },
    element("span", {}, TEXTS.more),
    icon("down"),
  );
}

/** Unfold the banner that was pressed, or fold it. @param {MouseEvent} event */
function turn({ currentTarget }) {
  const banner = currentTarget instanceof Element ? currentTarget.closest(".diagnosis.foldable") : null;
  if (banner instanceof HTMLElement) unfold(banner, banner.classList.contains("folded"));
}

/** @param {Finding["evidence"]} evidence @param {number} step */
function judgedBy(evidence, step) {
  return element(
    "details",
    { class: "judged-by" },
    element("summary", {}, TEXTS.judgedBy({ step: wholeNumber(step) })),
    element(
      "ul",
      {},
      ...evidence.map(({ what, value, relation, bound }) =>
        element(
          "li",
          {},
          TEXTS[relation === ">" ? "above" : "below"]({
            what,
            value: shortNumber(value),
            bound: shortNumber(bound),
          }),
        ),
      ),
    ),
  );
}

/** @param {RunControl} run @param {{ cure: string, parent: string }} kept */
function keptOf(run, { cure, parent }) {
  const back = () => (run.state.undoes === cure ? run.undo() : run.attach(parent));
  return [
    element(
      "div",
      { class: "diagnosis-head" },
      element("p", {}, TEXTS.keptCure({ cure })),
      element("button", { type: "button", class: "button", onclick: back }, TEXTS.takeBack),
    ),
  ];
}
