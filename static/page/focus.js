/** Where the page's focus goes: into the inspector of what was pressed by the keyboard, and back from where it came. */

/** @import { RunControl } from "../run/run.js" */

/** What opens the inspector: a column, a unit of it, a way to look at the whole network. */
const SELECTORS = ".unit, .foot-name, .whole-tools button";

/**
 * Lead the focus into the inspector where a unit was selected by the keyboard, and back when the inspector closes.
 *
 * @param {RunControl} run
 * @param {HTMLElement} stage
 * @param {HTMLElement} inspector
 */
export function guideFocus(run, stage, inspector) {
  /** @type {Element | null} */
  let from = null;
  stage.addEventListener("click", (event) => {
    const pressed = event.target instanceof Element ? event.target.closest(SELECTORS) : null;
    if (!pressed) return;
    from = pressed;
    // What opened it is hidden while it is open, or the keyboard was used.
    if (event.detail === 0 || pressed.checkVisibility() === false)
      focusOn(inspector.querySelector("[role=tab][aria-selected=true]"));
  });
  run.store.watch(
    (state) => state.selected === null,
    (closed) => {
      if (!closed || from === null) return;
      if (isLost(inspector)) focusOn(again(stage, from) ?? stage);
      from = null;
    },
  );
}

/**
 * Whether the focus is in what has just been hidden, or nowhere.
 *
 * @param {HTMLElement} hidden
 */
function isLost(hidden) {
  return document.activeElement === document.body || hidden.contains(document.activeElement);
}

/**
 * What stands for an element after the drawing was arranged anew.
 *
 * @param {HTMLElement} stage
 * @param {Element | null} element
 */
function again(stage, element) {
  if (!(element instanceof HTMLElement) || element.isConnected) return element;
  const { key } = element.dataset;
  return key === undefined ? null : stage.querySelector(`[data-key="${CSS.escape(key)}"]`);
}

/** @param {Element | null} element */
function focusOn(element) {
  if (element instanceof HTMLElement) element.focus({ preventScroll: true });
}
