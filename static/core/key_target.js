/** Whose a pressed key is. */

/** @param {KeyboardEvent} event */
export const hasCommand = (event) => event.ctrlKey || event.metaKey;

/** @param {KeyboardEvent} event */
export const isPlain = (event) => !hasCommand(event) && !event.altKey;

/**
 * Whether a key belongs to what has the focus: a text, a slider, a button, an open dialog; an explanation takes none.
 *
 * @param {KeyboardEvent} event
 */
export function isTaken(event) {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (document.querySelector("dialog[open], [popover]:not([popover=manual]):popover-open")) return true;
  if (target instanceof HTMLInputElement && target.type !== "checkbox" && target.type !== "range")
    return true;
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return !hasCommand(event);
  if (event.key === " ") return target.matches("button, input, summary, a[href]") && target.id !== "play";
  return event.key.startsWith("Arrow") && target.matches("input[type=range]");
}
