/** How a panel stands, in one place for all of them: what it will show, whether it is live, and why it is not. */

/** @import { Status } from "../types.d.ts" */

import { element, setText } from "../core/dom.js";
import { duration, wholeNumber } from "../core/format.js";
import { stateName } from "../core/run_states.js";
import { texts } from "../core/texts.js";

/** @typedef {"empty" | "waiting" | "live" | "paused" | "past" | "stale" | "queued" | "error"} Kind */

/**
 * What is known of the run.
 *
 * @typedef {object} Known
 * @property {Status | null} status
 * @property {"connecting" | "open" | "lost" | "gone"} connection
 * @property {number | null} lostAt
 * @property {number | null} scrubbed the step of the past that is shown
 * @property {number} now in milliseconds, as `lostAt`
 */

/**
 * What is known of a panel.
 *
 * @typedef {object} Shown
 * @property {string} shows what it will show, and how to get it: a sentence
 * @property {boolean} has whether it shows something
 * @property {boolean} comes whether that comes by itself, with the frames of a probe
 * @property {string | null} refusal why the run refuses what it asks for
 * @property {number | null} [step] of the frames it shows, which may be behind the run's
 */

/**
 * @typedef {object} PanelState
 * @property {Kind} kind
 * @property {string} label a word or two, with the step
 * @property {string | null} text what stands in the place of what there is not (yet); null: nothing
 */

const TEXTS = texts(import.meta.url, {
  step: "step {scrubbed}",
  old: ", {value} old",
  recorded: "recorded, {step}",
  refused: "Not shown",
  lost: "connection lost",
  lostAlone: "The connection is lost: this appears when the server is back.",
  queued: "queued",
  queuedAlone: "The run waits for its turn.",
  waiting: "waiting",
  empty: "nothing yet",
  live: "live",
});

/** States of a run of which no frame comes by itself. */
const ENDED = new Set(["stopped", "interrupted", "damaged", "incomplete"]);

/** @param {Known} known @param {Shown} shown @returns {PanelState} */
export function panelState(known, { shows, has, comes, refusal, step: own = null }) {
  const { status, scrubbed } = known;
  const step = TEXTS.step({ scrubbed: wholeNumber(own ?? scrubbed ?? status?.step ?? 0) });
  const unless = (/** @type {string} */ text) => (has ? null : text);
  if (refusal !== null) return { kind: "error", label: TEXTS.refused, text: refusal };
  if (known.connection !== "open" && status !== null) return stale(known, has);
  if (status?.state === "queued") {
    const why = status.reason?.detail ? ` ${status.reason.detail}` : "";
    return { kind: "queued", label: TEXTS.queued, text: unless(`${TEXTS.queuedAlone}${why} ${shows}`) };
  }
  if (!has && comes && !ENDED.has(status?.state ?? ""))
    return { kind: "waiting", label: TEXTS.waiting, text: shows };
  if (!has) return { kind: "empty", label: TEXTS.empty, text: shows };
  if (scrubbed !== null) return { kind: "past", label: TEXTS.recorded({ step }), text: null };
  if (status?.state === "training") return { kind: "live", label: `${TEXTS.live}, ${step}`, text: null };
  return { kind: "paused", label: `${stateName(status?.state ?? "paused")}, ${step}`, text: null };
}

/** @param {Known} known @param {boolean} has @returns {PanelState} */
function stale({ lostAt, now }, has) {
  const age = lostAt === null ? "" : TEXTS.old({ value: duration(Math.max(0, now - lostAt) / 1000) });
  return { kind: "stale", label: `${TEXTS.lost}${has ? age : ""}`, text: has ? null : TEXTS.lostAlone };
}

/** A panel's state as it is seen: a label, and words in the place of what there is not. */
export class PanelStateView {
  label = element("span", { class: "panel-state" });
  place = element("p", { class: "panel-place", hidden: true });

  /** @param {PanelState} state */
  show({ kind, label, text }) {
    this.label.dataset["kind"] = this.place.dataset["kind"] = kind;
    setText(this.label, label);
    setText(this.place, text ?? "");
    this.place.hidden = text === null;
    this.place.setAttribute("role", kind === "error" ? "alert" : "note");
  }
}
