/** Where the menu of a layer opens: at a press of the second button, of the key for menus, or of Shift+F10. */

/** @import { RunControl } from "../../run/run.js" */
/** @import { Stage } from "./stage.js" */

/** @param {HTMLElement} root the stage's place @param {RunControl} run @param {Stage} stage */
export function listenForNodeMenus(root, run, stage) {
  root.addEventListener("contextmenu", (event) => {
    const at = event.target instanceof Element ? event.target.closest("[data-column]") : null;
    if (!(at instanceof HTMLElement) || !run.control) return;
    if (openMenuOf(at, run, stage, at.dataset["column"] ?? "")) event.preventDefault();
  });
}

/**
 * Open the menu of a column at an element, by a script that is fetched with the first.
 *
 * @param {HTMLElement} anchor @param {RunControl} run @param {Stage} stage @param {string} name of the column
 * @returns {boolean} whether there is one
 */
export function openMenuOf(anchor, run, stage, name) {
  const columns = stage.layout?.columns ?? [];
  const column = columns.find((each) => each.name === name);
  if (!column || column.data) return false;
  import("./node_menu.js").then(
    ({ openNodeMenu }) => openNodeMenu(anchor, run, column, columns),
    (/** @type {unknown} */ error) => run.explain(error),
  );
  return true;
}
