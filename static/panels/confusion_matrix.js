/** Which class was taken for which, as a table: rows are the true class. */

/** @import { RunControl } from "../run.js" */

import { element, setText } from "../dom.js";
import { dataset } from "../page/catalog.js";

/** @param {RunControl} run @returns {HTMLElement} */
export function confusionMatrixPanel(run) {
  const table = element("table", { class: "confusion" });
  const whole = element("div", { class: "confusion-panel", tabindex: 0, role: "group", "aria-label": "Confusion matrix of the test set" }, table, element("p", { class: "note" }, "Rows: the true class. Columns: what the network says. Test set."));
  /** @type {HTMLElement[][]} */
  let cells = [];
  let built = "";

  /** @param {string[]} names */
  function build(names) {
    built = names.join("\n");
    const short = (/** @type {string} */ name) => (name.length > 4 ? `${name.slice(0, 3)}…` : name);
    const head = element("tr", {}, element("td", {}), ...names.map((name) => element("th", { scope: "col", title: name }, short(name))));
    cells = names.map(() => names.map(() => element("td", {})));
    const rows = names.map((name, row) => element("tr", {}, element("th", { scope: "row", title: name }, names.length > 5 ? short(name) : name), ...(cells[row] ?? [])));
    table.replaceChildren(element("caption", { class: "visually-hidden" }, "Confusion matrix of the test set"), element("thead", {}, head), element("tbody", {}, ...rows));
    table.classList.toggle("many", names.length > 5);
  }

  run.onFrame("confusion_matrix", (frame) => {
    const { catalog, experiment } = run.state;
    const counts = frame.arrays.get("test");
    const classes = (experiment && dataset(catalog, experiment)?.classes) || [];
    if (!counts || counts.shape[0] !== classes.length) return;
    if (built !== classes.join("\n")) build(classes);
    cells.forEach((row, truth) => {
      const total = row.reduce((sum, _, said) => sum + (counts.data[truth * row.length + said] ?? 0), 0);
      row.forEach((cell, said) => {
        const count = counts.data[truth * row.length + said] ?? 0;
        const share = total > 0 ? count / total : 0;
        setText(cell, count === 0 ? "" : String(count));
        cell.className = `${truth === said ? "right" : "wrong"} share-${Math.ceil(share * 10)}`;
        cell.title = `${count} of ${total} ${classes[truth]} taken for ${classes[said]}`;
      });
    });
  });
  return whole;
}
