/** How maps are shown: scale, order, which, and how large; remembered by this browser. */

/** @import { Scope } from "../../draw/maps.js" */
/** @import { Filter, Order } from "./model.js" */

import { storeChoice, storedChoice } from "../../core/storage.js";
import { element } from "../../core/dom.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  eachMap: "each map",
  byNumber: "by number",
  byStrength: "by strength",
  allMaps: "all maps",
  activeOnes: "active ones",
  silentOnes: "silent ones",
  deadOnes: "dead ones",
  scale: "Scale",
  order: "Order",
  show: "Show",
  size: "Size",
});

/** @type {[string, string][]} */
const SCOPES = [
  ["map", TEXTS.eachMap],
  ["layer", "layer"],
  ["network", "network"],
];

/** @type {[string, string][]} */
const ORDERS = [
  ["index", TEXTS.byNumber],
  ["strength", TEXTS.byStrength],
];

/** @type {[string, string][]} */
const FILTERS = [
  ["all", TEXTS.allMaps],
  ["active", TEXTS.activeOnes],
  ["silent", TEXTS.silentOnes],
  ["dead", TEXTS.deadOnes],
];

/** @type {[string, string][]} */
const SIZES = [
  ["44", "small"],
  ["64", "medium"],
  ["96", "large"],
];

export class MapChoices {
  #scope;
  #order;
  #filter;
  #size;

  /**
   * @param {() => void} repaint on another scale, or in another size @param {() => void} resort
   * @param {() => void} choose others
   */
  constructor(repaint, resort, choose) {
    this.#scope = chooser(TEXTS.scale, "map-scope", SCOPES, repaint);
    this.#order = chooser(TEXTS.order, "map-order", ORDERS, resort);
    this.#filter = chooser(TEXTS.show, "map-filter", FILTERS, choose);
    this.#size = chooser(TEXTS.size, "map-size", SIZES, repaint);
    this.elements = [this.#scope, this.#order, this.#filter, this.#size].map(({ label }) => label);
  }

  get options() {
    return {
      scope: /** @type {Scope} */ (this.#scope.value()),
      order: /** @type {Order} */ (this.#order.value()),
      filter: /** @type {Filter} */ (this.#filter.value()),
    };
  }

  /** Pixels of a map's side. */
  get size() {
    return Number(this.#size.value());
  }
}

/**
 * @param {string} title @param {string} key under which the choice is remembered @param {[string, string][]} options
 * @param {() => void} changed
 */
function chooser(title, key, options, changed) {
  const stored = storedChoice(key);
  const select = element(
    "select",
    { "aria-label": title },
    ...options.map(([value, text]) => element("option", { value, selected: value === stored }, text)),
  );
  select.addEventListener("change", () => {
    storeChoice(key, select.value);
    changed();
  });
  const label = element(
    "label",
    { class: "map-choice" },
    element("span", {}, title),
    element("span", { class: "select" }, select),
  );
  return { label, value: () => select.value };
}
