/** The button that races the examples which have the data of a run; a link may press it. */

/** @import { ExampleRace } from "../../types.d.ts" */
/** @import { RunControl } from "../../run/run.js" */

import { element, setText } from "../../core/dom.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  about: "Examples that solve this task in different ways, each with its own network from its own start",
});

/** @param {RunControl} run @param {(race: ExampleRace) => void} begin @returns {HTMLElement} */
export function exampleRaceButton(run, begin) {
  const { store } = run;
  /** The race of examples that have this run's data. */
  const offered = () => {
    const { presets, experiment } = store.state;
    return presets.find((each) => each.race && each.experiment.data.kind === experiment?.data.kind)?.race;
  };
  const press = () => {
    const race = offered();
    store.set({ begins: null });
    if (race) begin(race);
  };
  const attributes = { type: "button", class: "button needs-control", title: TEXTS.about, onclick: press };
  const button = element("button", { ...attributes, hidden: true });
  store.watch(
    (state) => state.experiment?.data.kind,
    () => {
      const race = offered();
      button.hidden = !race;
      setText(button, race?.title ?? "");
    },
  );
  // A link may lead here and begin the race (page/arrival.js), once the panel is built.
  store.watch(
    (state) => state.begins,
    (begins) => begins === "variants" && queueMicrotask(press),
  );
  return button;
}
