/** Several controls as one stop of the Tab key: arrow keys, Home and End walk them. */

/** Marks of explanations are no stops anyway: F1 opens them. */
const CONTROLS = "button:not(.explain), select";

/**
 * Make one stop of a group's controls. Tab finds the first that `rest` matches and that can be pressed, also where the
 * focus was on another of them before.
 *
 * @param {HTMLElement} group @param {string} [rest]
 * @returns {() => void} to be called when it has other controls
 */
export function oneStop(group, rest = CONTROLS) {
  const controls = () =>
    [...group.querySelectorAll(CONTROLS)].filter(
      (each) => each instanceof HTMLElement && !each.matches(":disabled"),
    );
  const settle = (/** @type {unknown} */ stop) => {
    for (const each of controls()) if (each instanceof HTMLElement) each.tabIndex = each === stop ? 0 : -1;
  };
  const leave = () => settle(controls().find((each) => each.matches(rest)) ?? controls()[0]);
  group.setAttribute("role", "toolbar");
  group.addEventListener("focusin", ({ target }) => settle(target));
  group.addEventListener("focusout", ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node && group.contains(relatedTarget))) leave();
  });
  group.addEventListener("keydown", (event) => walk(event, controls()));
  leave();
  return leave;
}

/** @param {KeyboardEvent} event @param {Element[]} controls */
function walk(event, controls) {
  const shown = controls.filter((each) => each.checkVisibility());
  const at = shown.findIndex((each) => each === event.target);
  const to = { ArrowRight: (at + 1) % shown.length, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
  const next = to === undefined || at < 0 ? null : shown.at(to);
  if (!(next instanceof HTMLElement)) return;
  event.preventDefault();
  event.stopPropagation(); // it is no key of the page
  next.focus();
}
