/** The timeline of architectures: the block that is peculiar to each, drawn from its plan, and tables to order. */

import { setText } from "../core/dom.js";
import { texts } from "../core/texts.js";
import { blockPicture } from "./architecture/block_picture.js";
import { getDrawn } from "./architecture/requests.js";
import { makeSortable } from "./sortable.js";

const TEXTS = texts(import.meta.url, {
  block: "The block peculiar to {name}",
  undrawn: "Not drawn: {why}",
});

/** @type {NodeListOf<HTMLElement>} */
const places = document.querySelectorAll("[data-drawn]");
for (const table of document.querySelectorAll("table[data-sortable]"))
  if (table instanceof HTMLTableElement) makeSortable(table);
void draw();

async function draw() {
  try {
    const { drawn, kinds } = await getDrawn();
    for (const place of places) {
      const { drawn: kind = "", label: name = "" } = place.dataset;
      place.replaceChildren(blockPicture(drawn[kind]?.nodes ?? [], kinds, TEXTS.block({ name })));
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    for (const place of places) setText(place, TEXTS.undrawn({ why }));
  }
}
