/** What labels say of themselves: whoever makes a label may say here what explains it. */

/**
 * An explanation: what is shown where a label is pointed at.
 *
 * @typedef {object} Explanation
 * @property {string} label what is explained
 * @property {string} description
 * @property {string} [formula]
 * @property {string} [page] that says more: `/reference/losses/hinge#weight`
 */

/**
 * What explains a label: an explanation's own parts; and the item, its option, or the term whose words and page
 * complete them.
 *
 * @typedef {Partial<Explanation> & { term?: string, kind?: string, among?: string[], option?: string, pointer?: string
 * }} Reason
 */

/** @type {WeakMap<Element, () => Reason>} */
const reasons = new WeakMap();

/**
 * Say what explains a label; it is asked each time the explanation is opened.
 *
 * @template {Element} E @param {E} label @param {() => Reason} reason @returns {E} the label
 */
export function explainedBy(label, reason) {
  reasons.set(label, reason);
  return label;
}

/** @param {Element} label @returns {Reason | null} null where none was given */
export function reasonOf(label) {
  return reasons.get(label)?.() ?? null;
}
