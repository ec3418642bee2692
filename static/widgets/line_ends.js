/** The two states of a run that a line joins: the present or a checkpoint, and a checkpoint. */

/** @import { RunControl } from "../run/run.js" */

import { deleteCheckpoint, listCheckpoints } from "../core/api.js";
import { element } from "../core/dom.js";
import { choose } from "./study_form.js";

/** @param {RunControl} run @param {() => void} changed called when both ends are known, and one is another */
export function lineEnds(run, changed) {
  const from = choose(
    "From",
    [["", "now"]],
    "",
    () => chosen(),
    "Where 0 is: the network as it is now, or a checkpoint",
  );
  const to = choose("To", [["", "choose one …"]], "", () => chosen(), "Where 1 is");
  const keep = element(
    "button",
    {
      type: "button",
      class: "button needs-control",
      title: "Keep the network as it is now as a checkpoint, to draw a line from or to",
      onclick: () => void keepNow(),
    },
    "Keep this state",
  );
  const remove = element(
    "button",
    {
      type: "button",
      class: "button quiet needs-control",
      title: "Delete the checkpoint that is chosen as the other end",
      disabled: true,
      onclick: () => void removeChosen(),
    },
    "Delete it",
  );
  const chosen = () => {
    remove.disabled = to.select.value === "";
    if (to.select.value !== "") changed();
  };

  async function keepNow() {
    const taken = new Set([...to.select.options].map(({ value }) => value));
    let number = 1;
    while (taken.has(`state-${number}`)) number += 1;
    if (await run.snapshot(`state-${number}`)) await fill();
  }

  async function removeChosen() {
    const { run: shown } = run.state;
    if (!shown || !to.select.value) return;
    try {
      await deleteCheckpoint(shown.id, to.select.value);
      await fill();
    } catch (error) {
      run.notify(error instanceof Error ? error.message : String(error), "error");
    }
  }

  /** The checkpoints that there are by now. */
  async function fill() {
    const { run: shown } = run.state;
    if (!shown) return;
    const known = (await listCheckpoints(shown.id)).map(
      ({ name, step }) =>
        /** @type {[string, string]} */ ([name, `${name}, step ${step.toLocaleString("en-US")}`]),
    );
    for (const [{ select }, first] of /** @type {[typeof to, string][]} */ ([
      [from, "now"],
      [to, known.length ? "choose one …" : "none yet"],
    ])) {
      const { value } = select;
      select.replaceChildren(
        ...[["", first], ...known].map(([name = "", words = ""]) =>
          element("option", { value: name, selected: name === value }, words),
        ),
      );
    }
    remove.disabled = to.select.value === "";
  }

  return {
    element: element(
      "div",
      { class: "line-ends" },
      from.element,
      to.element,
      element("div", { class: "relief-actions" }, keep, remove),
    ),
    fill,
    /** Null for the present. */
    get from() {
      return from.select.value || null;
    },
    /** Null where none is chosen yet. */
    get to() {
      return to.select.value || null;
    },
  };
}
