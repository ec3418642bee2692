/** What the network's nodes are warned of, in a row above it: what will not do what was meant, and what mends it. */

/** @import { Located } from "../../types.d.ts" */
/** @import { RunControl } from "../../run/run.js" */
/** @import { Stage } from "./stage.js" */

import { element, icon, iconButton, rebuild } from "../../core/dom.js";
import { SMALL } from "../../core/screen.js";
import { texts } from "../../core/texts.js";
import { saidOf } from "../../form/mending.js";
import { nodeName } from "../../network/names.js";
import { nodesWarned } from "../../network/warned_nodes.js";

const TEXTS = texts(import.meta.url, {
  warnings: "Warnings about the network",
  hide: "Hide this warning",
  whole: "The whole warning",
});

/** @param {HTMLElement} root the stage's place @param {RunControl} run @param {Stage} stage */
export function showWarnings(root, run, stage) {
  const row = element("div", { class: "warnings", role: "group", "aria-label": TEXTS.warnings });
  root.before(row);
  /** Those that were hidden, of the runs that are shown one after the other. @type {Set<string>} */
  const hidden = new Set();
  /** Those that were unfolded where each has one line. @type {Set<string>} */
  const whole = new Set();
  const show = () => {
    const shown = nodesWarned(run.state.description).filter(
      ({ node, message }) => !hidden.has(node + message),
    );
    row.hidden = shown.length === 0;
    rebuild(row, () => row.replaceChildren(...shown.map(({ node, ...warning }) => line(node, warning))));
    mark(root, stage, new Set(shown.map(({ node }) => node)));
  };
  /** @param {string} node @param {Located} warning */
  const line = (node, warning) => {
    const key = node + warning.message;
    const folded = SMALL.matches && !whole.has(key);
    const turn = () => (whole[folded ? "add" : "delete"](key), show());
    /** What is pressed beside its buttons. @param {MouseEvent} event */
    const press = ({ target, currentTarget }) => folded && target === currentTarget && turn();
    return element(
      "div",
      { class: folded ? "warning folded" : "warning" },
      icon("warning"),
      element(
        "p",
        { onclick: press },
        element(
          "button",
          { type: "button", class: "warned", onclick: () => run.select(node) },
          nodeName(node),
        ),
        " ",
        ...saidOf(warning),
      ),
      SMALL.matches &&
        iconButton("down", TEXTS.whole, turn, {
          "aria-expanded": String(!folded),
          "data-key": `whole ${key}`,
        }),
      iconButton("remove", TEXTS.hide, () => (hidden.add(key), show())),
    );
  };
  SMALL.addEventListener("change", show);
  run.store.watch((state) => state.description, show);
  stage.onArranged(show);
}

/**
 * Mark the feet of the columns that have a node that is warned of.
 *
 * @param {HTMLElement} root @param {Stage} stage @param {Set<string>} nodes
 */
function mark(root, stage, nodes) {
  const feet = new Map(
    [...root.querySelectorAll(".foot")].map((foot) => [foot.getAttribute("aria-label"), foot]),
  );
  for (const { head, members } of stage.layout?.columns ?? [])
    feet.get(head)?.toggleAttribute(
      "data-warned",
      members.some(({ name }) => nodes.has(name)),
    );
}
