/** Two architectures side by side; both variants stand in the address: `?one=vgg&other=resnet?depth=50`. */

/** @import { Variant } from "./architecture/folding.js" */

import { at } from "../core/address.js";
import { byId, element, setText } from "../core/dom.js";
import { percent } from "../core/format.js";
import { Refused } from "../core/live.js";
import { texts } from "../core/texts.js";
import { factRows, sharesOf } from "./architecture/comparison.js";
import { treeOf } from "./architecture/folding.js";
import { GraphView } from "./architecture/graph_view.js";
import { stageTable } from "./architecture/layer_table.js";
import { legendInto } from "./architecture/legend.js";
import { getVariant } from "./architecture/requests.js";
import { VariantForm } from "./architecture/variant_form.js";
import { categoryName, colorOf } from "./architecture/words.js";

const TEXTS = texts(import.meta.url, {
  fact: "Fact",
  factHelp: "What is compared",
  ratio: "Second to first",
  ratioHelp: "How many times as much the second has",
  parameters: "{name}: parameters",
  macs: "{name}: multiply-adds",
  part: "{name} {share}",
  unknown: "There is no architecture '{name}': this is another.",
});

/** @typedef {"one" | "other"} Side */

class Choice {
  #root;
  #select;
  /** @type {Map<string, { box: HTMLElement, form: VariantForm }>} */
  #forms = new Map();
  #graph;
  #asked = 0;
  /** @type {Variant | null} */
  variant = null;
  kind = "";

  /** @param {Side} side @param {() => void} changed */
  constructor(side, changed) {
    this.#root = within(byId("comparison"), `[data-side=${side}]`);
    const select = this.#root.querySelector("select[data-architecture]");
    if (!(select instanceof HTMLSelectElement)) throw new Error("the page has no choice of architectures");
    this.#select = select;
    this.#graph = new GraphView(within(document.body, `[data-graph=${side}]`));
    for (const box of this.#root.querySelectorAll("[data-fields]")) {
      const form = box.querySelector("form");
      if (box instanceof HTMLElement && form)
        this.#forms.set(box.dataset["fields"] ?? "", { box, form: new VariantForm(form, changed) });
    }
    select.addEventListener("change", () => (this.choose(select.value), changed()));
    const wanted = new URLSearchParams(location.search).get(side) ?? this.#root.dataset["first"] ?? "";
    this.choose(wanted);
  }

  /** @param {string} name a variant as addresses have it */
  choose(name) {
    const [kind = "", query = ""] = name.split("?", 2);
    const known = this.#forms.has(kind);
    this.kind = known ? kind : (this.#forms.keys().next().value ?? "");
    this.#say(known ? "" : TEXTS.unknown({ name: kind.slice(0, 80) }));
    for (const [each, { box }] of this.#forms) box.hidden = each !== this.kind;
    this.#forms.get(this.kind)?.form.restore(new URLSearchParams(known ? query : ""));
    const option = [...this.#select.options].find(({ value }) => value.split("?")[0] === this.kind);
    if (option) this.#select.value = option.value;
  }

  get query() {
    return this.#forms.get(this.kind)?.form.query() ?? new URLSearchParams();
  }

  /** The variant as addresses have it. */
  get name() {
    return this.query.size ? `${this.kind}?${this.query}` : this.kind;
  }

  /** Ask for the variant and show its graph; what is refused stays told, and the last one shown. */
  async load() {
    const question = ++this.#asked;
    within(this.#root, "[data-open]").setAttribute("href", at(`/gallery/${this.name}`));
    try {
      const found = await getVariant(this.kind, this.query);
      if (question !== this.#asked) return;
      this.variant = found;
      this.#forms.get(this.kind)?.form.mark([]);
      this.#graph.show(found);
    } catch (error) {
      if (question !== this.#asked) return;
      const problems = error instanceof Refused ? error.problems : [];
      const others = this.#forms.get(this.kind)?.form.mark(problems) ?? [];
      if (problems.length === 0) this.#say(error instanceof Error ? error.message : String(error));
      else this.#say(others.map(({ message }) => message).join(" "));
    }
  }

  /** @param {string} words */
  #say(words) {
    setText(within(this.#root, "[data-problem]"), words);
  }
}

const one = new Choice("one", () => void change());
const other = new Choice("other", () => void change());
legendInto(byId("legend"));
void show();

function change() {
  const names = new URLSearchParams({ one: one.name, other: other.name });
  history.replaceState(history.state, "", `?${names}`);
  return show();
}

async function show() {
  await Promise.all([one.load(), other.load()]);
  if (!one.variant || !other.variant) return;
  byId("facts-table").replaceChildren(factsTable(one.variant, other.variant));
  byId("shares-place").replaceChildren(
    ...[TEXTS.parameters, TEXTS.macs].flatMap((label, index) =>
      [one.variant, other.variant].map((variant) =>
        variant ? shareRow(variant, label, index ? "macs" : "parameters") : "",
      ),
    ),
  );
  for (const [side, { variant }] of Object.entries({ one, other }))
    if (variant)
      within(document.body, `[data-table=${side}]`).replaceChildren(stageTable(variant, treeOf(variant)));
}

/** @param {Variant} first @param {Variant} second */
function factsTable(first, second) {
  const rows = factRows(first, second).map(({ label, term, one: left, other: right, ratio }) =>
    element(
      "tr",
      {},
      element("th", { scope: "row", "data-term": term }, label),
      ...[left, right, ratio].map((text) => element("td", { class: "number" }, text)),
    ),
  );
  const heads = [first.label, second.label].map((label) =>
    element("th", { scope: "col", class: "number", "data-term": "architecture_network" }, label),
  );
  return element(
    "table",
    { class: "sortable" },
    element(
      "thead",
      {},
      element(
        "tr",
        {},
        element("th", { scope: "col", title: TEXTS.factHelp }, TEXTS.fact),
        ...heads,
        element("th", { scope: "col", class: "number", title: TEXTS.ratioHelp }, TEXTS.ratio),
      ),
    ),
    element("tbody", {}, ...rows),
  );
}

/**
 * @param {Variant} variant @param {(values: { name: string }) => string} label @param {"parameters" | "macs"} what
 */
function shareRow(variant, label, what) {
  const shares = sharesOf(variant, what);
  const words = shares
    .map(({ category, share }) => TEXTS.part({ name: categoryName(category), share: percent(share) }))
    .join(", ");
  const bar = element(
    "div",
    { class: "share-bar", role: "img", "aria-label": words, title: words },
    ...shares.map(({ category, share }) => {
      const piece = element("i", {});
      piece.style.setProperty("--share", `${100 * share}%`);
      piece.style.setProperty("background", colorOf(category));
      return piece;
    }),
  );
  return element("div", { class: "share-row" }, element("span", {}, label({ name: variant.label })), bar);
}

/** @param {Element} root @param {string} selector @returns {HTMLElement} */
function within(root, selector) {
  const found = root.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`the page has no ${selector}`);
  return found;
}
