/** The chain rule of a weight, written: factors with their values, the ways behind them, and the update. */

/** @import { Chain, EdgeOf, Factor, Sum, Update } from "./chain.js" */
/** @import { View } from "./model.js" */

import { element, setText } from "../../core/dom.js";
import { fullNumber, shortNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  chainRule: "The chain rule",
  choose: "Select a layer with weights, or point at one on the drawing.",
  byWeight: "∂L/∂w",
  agrees: "as autograd has it",
  differs: "autograd has {number}",
  places:
    "∂L/∂w is a sum over the places of the map: gradient by the sum there × what the weight reads there",
  overPlaces: "Σ ∂L/∂z · x",
  ways: "∂L/∂a is a sum over the units that read this one: gradient × weight",
  fromLoss: "∂L/∂a comes from the loss itself.",
  from: "∂L/∂a comes back through {from}.",
  others: "{count} others",
  sum: "sum",
  update: "The optimizer is given the gradient {given}; with the learning rate {rate} it makes of it:",
  fixed: "No optimizer moves this weight.",
  change: "Δw",
  changeFull: "What the optimizer adds to the weight",
  after: "w′",
  afterFull: "The weight after the update",
  weight: "w",
  weightFull: "The weight as it is",
  source: "Weight from input",
  bias: "bias",
});

/** Numbers that a column reads up to which they are listed to choose from. */
const MOST_LISTED = 256;

export class ChainView {
  #follow;
  #title = element("h3", { class: "walk-title" });
  #source = element("select", { "aria-label": TEXTS.source, onchange: () => this.#chosen() });
  #sourcePlace = element("span", { class: "select" }, this.#source);
  #body = element("div", {});
  element = element(
    "section",
    { class: "walk-chain" },
    element("div", { class: "walk-chain-head" }, this.#title, this.#sourcePlace),
    this.#body,
  );
  /** @type {EdgeOf | null} */
  #edge = null;
  /** How many weights are offered, and the last one's name. */
  #offered = "";

  /** @param {(edge: EdgeOf) => void} follow another weight of the same unit */
  constructor(follow) {
    this.#follow = follow;
  }

  /** @param {View} view */
  paint({ chain, edge, sources, sourceName }) {
    this.#edge = edge;
    this.#offer(sources, sourceName);
    const isKnown = chain !== null && typeof chain !== "string";
    setText(this.#title, isKnown ? chain.name : TEXTS.chainRule);
    if (isKnown) this.#body.replaceChildren(...chainElements(chain));
    else this.#body.replaceChildren(element("p", { class: "note" }, chain ?? TEXTS.choose));
  }

  /** @param {number} sources @param {(source: number) => string} nameOf */
  #offer(sources, nameOf) {
    this.#sourcePlace.hidden = sources === 0 || sources > MOST_LISTED;
    if (this.#sourcePlace.hidden) return;
    const offered = `${sources} ${nameOf(sources - 1)}`;
    if (this.#offered !== offered) {
      const numbers = Array.from({ length: sources }, (_, index) =>
        element("option", { value: index }, nameOf(index)),
      );
      this.#source.replaceChildren(...numbers, element("option", { value: "" }, TEXTS.bias));
      this.#offered = offered;
    }
    this.#source.value = this.#edge?.source === null ? "" : String(this.#edge?.source);
  }

  #chosen() {
    const { value } = this.#source;
    if (this.#edge) this.#follow({ ...this.#edge, source: value === "" ? null : Number(value) });
  }
}

/** @param {Chain} chain */
function chainElements({ factors, places, product, derivative, agrees, paths, from, update, weight }) {
  const check = agrees ? TEXTS.agrees : TEXTS.differs({ number: shortNumber(derivative) });
  return [
    element(
      "p",
      { class: "walk-product", "data-value": fullNumber(product) },
      piece({ symbol: TEXTS.byWeight, title: TEXTS.byWeight, value: derivative }, true),
      sign("="),
      ...(places ? [sign(TEXTS.overPlaces)] : []),
      ...factors.flatMap((factor, index) => [index > 0 && sign("·"), piece(factor, false)]),
      element("span", { class: "note" }, check),
    ),
    originElement({ places, paths, from }),
    updateElement(update, weight),
  ];
}

/** A factor: its symbol above its value. @param {Factor} factor @param {boolean} result */
function piece({ symbol, title, value }, result) {
  return element(
    "span",
    { class: `walk-factor${result ? " result" : ""}`, title: `${title}: ${fullNumber(value)}` },
    element("i", {}, symbol),
    element("b", {}, shortNumber(value)),
  );
}

/** What the product, or the sum, comes from. @param {Pick<Chain, "places" | "paths" | "from">} chain */
function originElement({ places, paths, from }) {
  if (places) return sumElement(TEXTS.places, places);
  if (paths) return sumElement(TEXTS.ways, paths);
  return element("p", { class: "note" }, from ? TEXTS.from({ from }) : TEXTS.fromLoss);
}

/** @param {string} what is added up @param {Sum} sum */
function sumElement(what, { terms, others, rest, total }) {
  const rows = terms.map(({ name, gradient, weight, product }) =>
    row(name, `${shortNumber(gradient)} × ${shortNumber(weight)}`, product),
  );
  if (others > 0) rows.push(row(TEXTS.others({ count: others }), "", rest));
  rows.push(row(TEXTS.sum, "", total, "total"));
  return element(
    "div",
    {},
    element("p", { class: "note" }, what),
    element("table", { class: "walk-lines" }, element("tbody", {}, ...rows)),
  );
}

/** @param {Update | null} update @param {number} weight */
function updateElement(update, weight) {
  if (!update) return element("p", { class: "note" }, TEXTS.fixed);
  const { given, rate, change, after } = update;
  return element(
    "div",
    {},
    element("p", { class: "note" }, TEXTS.update({ rate: shortNumber(rate), given: shortNumber(given) })),
    element(
      "p",
      { class: "walk-product walk-update" },
      piece({ symbol: TEXTS.after, title: TEXTS.afterFull, value: after }, true),
      sign("="),
      piece({ symbol: TEXTS.weight, title: TEXTS.weightFull, value: weight }, false),
      sign("+"),
      piece({ symbol: TEXTS.change, title: TEXTS.changeFull, value: change }, false),
    ),
  );
}

/** @param {string} text */
function sign(text) {
  return element("span", { class: "walk-sign" }, text);
}

/** @param {string} name @param {string} text @param {number} value @param {string} [kind] */
function row(name, text, value, kind = "") {
  return element(
    "tr",
    { class: kind },
    element("th", { scope: "row" }, name),
    element("td", {}, text),
    element("td", { class: "number", title: fullNumber(value) }, shortNumber(value)),
  );
}
