/**
 * What a first visit may begin with: three hints in a row above the network, each gone for good once it is dismissed or
 * done. Loaded for those who see them; the list of keys brings them back.
 */

/** @import { RunControl } from "../run/run.js" */
/** @import { State } from "../run/state.js" */

import { byId, element, iconButton } from "../core/dom.js";
import { keepInWindow, keptInWindow, storeChoice } from "../core/storage.js";
import { texts } from "../core/texts.js";
import { HINTS } from "./panes.js";

const TEXTS = texts(import.meta.url, {
  name: "First steps",
  unit: "Press a unit to see inside",
  layer: "Add a layer or a unit with +",
  time: "Pull the slider of the loss back in time",
  dismiss: "Dismiss: {hint}",
});

/**
 * The hints in their order: what each says, and what of the run's state changes when it is followed.
 *
 * @type {readonly { id: string, text: string, followed: (state: State, first: State) => boolean }[]}
 */
const STEPS = [
  { id: "unit", text: TEXTS.unit, followed: ({ selected }) => selected !== null },
  {
    id: "layer",
    text: TEXTS.layer,
    followed: ({ experiment, run }, first) =>
      run?.id === first.run?.id &&
      experiment?.network !== first.experiment?.network &&
      first.experiment !== null,
  },
  { id: "time", text: TEXTS.time, followed: ({ scrubbed }) => scrubbed !== null },
];

/**
 * Show the hints that this window has not seen the end of; all of them where they are asked for.
 *
 * @param {RunControl} run @param {boolean} [anew]
 */
export function showHints(run, anew = false) {
  storeChoice(HINTS, "seen");
  const kept = anew ? null : keptInWindow(HINTS);
  const open = new Set(kept?.split(" ") ?? STEPS.map(({ id }) => id));
  document.querySelector(".hints")?.remove();
  const row = element("ul", { class: "hints", "aria-label": TEXTS.name });
  byId("stage").before(row);
  const first = run.state;
  const shown = STEPS.filter(({ id }) => open.has(id));
  const dismiss = (/** @type {string} */ id) => {
    open.delete(id);
    keepInWindow(HINTS, [...open].join(" "));
    leave(row, id, byId("stage"));
  };
  for (const { id, text, followed } of shown) {
    row.append(hint(id, text, () => dismiss(id)));
    run.store.watch(
      (state) => followed(state, first),
      (done) => done && open.has(id) && dismiss(id),
    );
  }
  if (open.size === 0) row.remove();
  keepInWindow(HINTS, [...open].join(" "));
}

/** @param {string} id @param {string} text @param {() => void} dismiss */
function hint(id, text, dismiss) {
  return element(
    "li",
    { "data-hint": id },
    element("span", {}, text),
    iconButton("remove", TEXTS.dismiss({ hint: text }), dismiss, { title: null }),
  );
}

/**
 * Take a hint away; the focus that was on it goes to the next one, or to the network.
 *
 * @param {HTMLElement} row @param {string} id @param {HTMLElement} stage
 */
function leave(row, id, stage) {
  const gone = row.querySelector(`[data-hint="${id}"]`);
  const focused = gone?.contains(document.activeElement);
  gone?.remove();
  const next = row.querySelector("button") ?? stage;
  if (row.childElementCount === 0) row.remove();
  if (focused) next.focus();
}
