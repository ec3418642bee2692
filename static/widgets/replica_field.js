/** The number of the replica that is shown, where several train side by side. */

/** @import { RunControl } from "../run/run.js" */

import { element, setText } from "../core/dom.js";
import { sheet } from "../core/sheet.js";
import { texts } from "../core/texts.js";
import { replicasOf, shownReplica } from "../run/replicas.js";
import { number } from "./study_form.js";

const TEXTS = texts(import.meta.url, {
  label: "Replica shown",
  range: "0 to {last}",
});

/** @param {RunControl} run @returns {HTMLElement} hidden where there is one alone */
export function replicaField(run) {
  void sheet(new URL("../styles/replicas.css", import.meta.url));
  const range = { value: 0, min: 0, max: 0 };
  const field = number(TEXTS.label, range, (replica) => run.store.set({ replica }));
  const words = element("span", { class: "note" });
  const place = element("div", { class: "section replica-field" }, field.element, words);
  run.store.watch(replicasOf, (replicas) => {
    place.hidden = replicas < 2;
    range.max = replicas - 1;
    setText(words, TEXTS.range({ last: range.max }));
  });
  run.store.watch(shownReplica, (replica) => (field.input.value = String(replica)));
  return place;
}
