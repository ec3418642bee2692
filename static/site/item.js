/** The page of an item in the reference: its figure, which follows the sliders. */

import { getItemFigure } from "../core/api.js";
import { byId, setText } from "../core/dom.js";
import { listen } from "./reference/controls.js";
import { FigureView } from "./reference/figure.js";

const place = byId("figure");
const problem = byId("figure-problem");
const { family = "", kind = "", label = "" } = place.dataset;
const view = new FigureView(label);
place.replaceChildren(view.element);
/** The newest question: answers to earlier ones are passed over. */
let asked = 0;

void show(listen(byId("figure-options", HTMLFormElement), change));

/** @param {URLSearchParams} options */
function change(options) {
  const query = options.toString();
  history.replaceState(history.state, "", query ? `?${query}` : location.pathname);
  void show(options);
}

/** @param {URLSearchParams} options */
async function show(options) {
  const question = ++asked;
  try {
    const figure = await getItemFigure(family, kind, options);
    if (question !== asked) return;
    view.show(figure);
    setText(problem, "");
  } catch (error) {
    if (question === asked) setText(problem, error instanceof Error ? error.message : String(error));
  }
}
