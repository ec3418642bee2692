/** What the palette finds besides actions: the pages of the site and runs, as offers. */

/** @import { ListedRun, Place } from "../../core/api.js" */
/** @import { Offer } from "../../core/offers.js" */

import { at } from "../../core/address.js";
import { duration, wholeNumber } from "../../core/format.js";
import { stateName } from "../../core/run_states.js";
import { texts } from "../../core/texts.js";
import { TEXT } from "./words.js";

const TEXTS = texts(import.meta.url, {
  step: "step {step}",
  ago: "{value} ago",
});

/**
 * @param {Place[]} places
 * @returns {Offer[]}
 */
export function placeOffers(places) {
  return places.map(({ part, path, title, description }) => ({
    id: path,
    group: part,
    label: title,
    detail: description.replace(`${title}: `, ""),
    terms: path.replaceAll("_", " "),
    href: at(path),
  }));
}

/**
 * @param {ListedRun[]} runs the newest first
 * @param {number} now in seconds
 * @returns {Offer[]}
 */
export function runOffers(runs, now) {
  return runs.slice(0, MOST_RUNS).map(({ id, title, state, step, created }) => ({
    id: `run ${id}`,
    group: TEXT.run,
    label: title,
    detail: [
      stateName(state),
      TEXTS.step({ step: wholeNumber(step) }),
      created && TEXTS.ago({ value: duration(Math.max(0, now - created)) }),
    ]
      .filter(Boolean)
      .join(" · "),
    href: at(`/runs/${id}`),
  }));
}

/** Runs that are listed at most. */
const MOST_RUNS = 60;

/** Entries of each group that are shown before anything is typed. */
const AT_FIRST = 6;

/**
 * What is shown before anything is typed: what can be done and the newest runs before all else.
 *
 * @param {Offer[]} offers
 */
export function atFirst(offers) {
  /** @type {Map<string, number>} */
  const shown = new Map();
  return offers.filter(({ group, reason, act, typed }) => {
    const before = shown.get(group) ?? 0;
    shown.set(group, before + 1);
    return act ? !reason && !typed : before < AT_FIRST && KEPT_SHORT.has(group);
  });
}

/** Groups that are worth a look before anything is typed. */
const KEPT_SHORT = new Set([TEXT.run, TEXT.site, TEXT.lab]);
