/** The page of an architecture: the variant in its address, its graph, its layers, and runs that begin with it. */

/** @import { Group, PlanNode, Variant } from "./architecture/folding.js" */

import { at } from "../core/address.js";
import { byId, element, setText } from "../core/dom.js";
import { fullNumber, shortNumber, wholeNumber } from "../core/format.js";
import { Refused } from "../core/live.js";
import { texts } from "../core/texts.js";
import { GraphView } from "./architecture/graph_view.js";
import { layerTable } from "./architecture/layer_table.js";
import { legendInto } from "./architecture/legend.js";
import { beginRun, getFullExperiment, getSmallExperiment, getVariant } from "./architecture/requests.js";
import { selectedCard } from "./architecture/selected.js";
import { VariantForm } from "./architecture/variant_form.js";

const TEXTS = texts(import.meta.url, {
  layers: "{count} layers",
  percent: "{value} %",
  megabytes: "{value} MB",
  published: "published: {about}",
  waiting: "Starting…",
  tooLarge: "{why} Train a small one instead.",
  nothing: "Mend what is marked to see the network.",
  before: "What is shown below is the network before this.",
});

const { kind = "" } = byId("architecture").dataset;
const form = new VariantForm(byId("variant", HTMLFormElement), () => void change());
const graph = new GraphView(byId("graph"), select);
/** @type {Variant | null} */
let variant = null;
/** The newest question: answers to earlier ones are passed over. */
let asked = 0;

form.restore(new URLSearchParams(location.search));
legendInto(byId("legend"));
byId("selected").replaceChildren(...given(selectedCard(null, undefined)));
listen();
void show();

function listen() {
  byId("unfold-all").addEventListener("click", () => graph.unfold(true));
  byId("fold-all").addEventListener("click", () => graph.unfold(false));
  byId("zoom-in").addEventListener("click", () => graph.zoom(1.25));
  byId("zoom-out").addEventListener("click", () => graph.zoom(0.8));
  byId("zoom-fit").addEventListener("click", () => graph.fit());
  byId("train-small").addEventListener("click", () => void begin(() => getSmallExperiment(kind), "playing"));
  byId("open-copy").addEventListener(
    "click",
    () => void begin(() => getFullExperiment(kind, form.query()), "paused"),
  );
}

function change() {
  const query = form.query().toString();
  history.replaceState(history.state, "", query ? `?${query}` : location.pathname);
  return show();
}

async function show() {
  const question = ++asked;
  const query = form.query();
  byId("compare").setAttribute("href", at(`/gallery/compare?${new URLSearchParams({ one: named(query) })}`));
  try {
    const found = await getVariant(kind, query);
    if (question !== asked) return;
    variant = found;
    tell([]);
    facts(found);
    graph.show(found);
    byId("layer-table").replaceChildren(layerTable(found, (name) => graph.reveal(name)));
    byId("selected").replaceChildren(...given(selectedCard(found, undefined)));
  } catch (error) {
    if (question === asked) refused(error);
  }
}

/** The variant as addresses have it. @param {URLSearchParams} query */
function named(query) {
  return query.size ? `${kind}?${query}` : kind;
}

/** @param {unknown} error what stays of the page is the last variant there was */
function refused(error) {
  if (error instanceof Refused && error.problems.length) return tell(error.problems);
  setText(byId("problem"), error instanceof Error ? error.message : String(error));
}

/** @param {import("../types.d.ts").Located[]} problems */
function tell(problems) {
  const others = form.mark(problems);
  const words = others.map(({ pointer, message }) => (pointer ? `${pointer.slice(1)}: ${message}` : message));
  if (problems.length) words.push(variant ? TEXTS.before : TEXTS.nothing);
  setText(byId("problem"), words.join(" "));
  for (const part of ["graph-part", "layers-part"]) byId(part).hidden = problems.length > 0 && !variant;
}

/** @param {Variant} found */
function facts({ totals, published }) {
  number("fact-parameters", totals.parameters);
  number("fact-macs", totals.macs);
  number("fact-activations", totals.activations);
  setText(byId("fact-depth"), TEXTS.layers({ count: wholeNumber(totals.depth) }));
  const { top5, top5_of, map, map_of, file_mb, file_of } = published;
  asPublished("fact-top5", top5 && TEXTS.percent({ value: top5 }), top5_of);
  asPublished("fact-map", map && TEXTS.percent({ value: map }), map_of);
  asPublished("fact-file", file_mb && TEXTS.megabytes({ value: file_mb }), file_of);
}

/** @param {string} id @param {string | number | null} value shown where it is known @param {string} about */
function asPublished(id, value, about) {
  const place = byId(id);
  if (place.parentElement) place.parentElement.hidden = !value;
  place.replaceChildren(`${value ?? ""} `, element("small", {}, TEXTS.published({ about })));
}

/** @param {string} id @param {number} value */
function number(id, value) {
  const place = byId(id);
  setText(place, value < 1e6 ? wholeNumber(value) : shortNumber(value, 4));
  place.title = fullNumber(value);
}

/** @param {Group | PlanNode | null} part */
function select(part) {
  byId("selected").replaceChildren(...given(selectedCard(variant, part)));
  const name = part && !("children" in part) ? part.name : null;
  const table = byId("layer-table");
  for (const row of table.querySelectorAll("tr[aria-current]")) row.removeAttribute("aria-current");
  const row = name && table.querySelector(`tr[data-node="${CSS.escape(name)}"]`);
  if (!(row instanceof HTMLElement)) return;
  row.setAttribute("aria-current", "true");
  table.scrollTop = row.offsetTop - table.clientHeight / 2; // the page itself stays
}

/** @param {() => Promise<import("../types.d.ts").Experiment>} make @param {"playing" | "paused"} start */
async function begin(make, start) {
  const problem = byId("start-problem");
  setText(problem, TEXTS.waiting);
  try {
    const { id } = await beginRun(await make(), start);
    setText(problem, "");
    location.assign(at(`/runs/${id}`));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    setText(problem, start === "paused" ? TEXTS.tooLarge({ why: `${why.replace(/\.$/, "")}.` }) : why);
  }
}

/** @template T @param {(T | null | undefined | false | "")[]} parts @returns {T[]} */
function given(parts) {
  return /** @type {T[]} */ (parts.filter(Boolean));
}
