/** Items of a family side by side: what is chosen stands in the address. */

import { getComparison } from "../core/api.js";
import { byId, setText } from "../core/dom.js";
import { texts } from "../core/texts.js";
import { FigureView } from "./reference/figure.js";

const TEXTS = texts(import.meta.url, { none: "Choose what to compare.", most: "At most {most}." });

const form = byId("comparison", HTMLFormElement);
const place = byId("figure");
const problem = byId("figure-problem");
const { family = "", label = "", most = "8" } = place.dataset;
const boxes = [...form.querySelectorAll("input")];
const view = new FigureView(label);
let asked = 0;

form.addEventListener("change", () => {
  const chosen = chosenKinds();
  history.replaceState(history.state, "", chosen.length ? `?kinds=${chosen.join(",")}` : location.pathname);
  void show();
});
void show();

function chosenKinds() {
  return boxes.filter((box) => box.checked).map((box) => box.value);
}

async function show() {
  const chosen = chosenKinds();
  const full = chosen.length >= Number(most);
  for (const box of boxes) box.disabled = full && !box.checked;
  if (chosen.length === 0) return setText(problem, TEXTS.none);
  const question = ++asked;
  try {
    const figure = await getComparison(family, chosen);
    if (question !== asked) return;
    if (!view.element.isConnected) place.replaceChildren(view.element);
    view.show(figure);
    setText(problem, full ? TEXTS.most({ most }) : "");
  } catch (error) {
    if (question === asked) setText(problem, error instanceof Error ? error.message : String(error));
  }
}
