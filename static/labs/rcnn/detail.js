/** What a stage computes beside the scene: warped regions, features, scores, maps, pooled bins. */

/** @import { Arrays, StageName } from "./model.js" */

import { element, setAttribute, setText } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { category } from "../../draw/colors.js";
import { classesOf, part } from "./model.js";
import { paintNumbers, paintWarp, tile } from "./painting.js";

const TEXTS = texts(import.meta.url, {
  warp: "Proposal {region}, warped",
  features: "64 features of proposal {region}",
  map: "Map {map}",
  pooled: "Map {map} in 4 × 4 bins, of proposal {region}",
  ground: "ground",
  greatest: "Greatest: {value}",
});

/** @typedef {{ stage: StageName, scene: number, region: number, proposals: number }} Asked */

export class Detail {
  element = element("div", { class: "rcnn-detail" });
  #tiles = /** @type {ReturnType<typeof tile>[]} */ ([]);
  /** What the tiles are of: they are made anew for something else. */
  #of = "";
  #choose;

  /** @param {(region: number) => void} choose a proposal by its tile */
  constructor(choose) {
    this.#choose = choose;
  }

  /** @param {Arrays | null} arrays null while there is nothing to show @param {Asked} asked */
  paint(arrays, asked) {
    const { stage } = asked;
    setAttribute(this.element, "data-stage", stage);
    if (!arrays || ["segments", "proposals", "result"].includes(stage)) return this.#make("", 0);
    if (stage === "warp") this.#warps(arrays, asked);
    else if (stage === "features") this.#features(arrays, asked);
    else if (stage === "map") this.#maps(arrays, asked);
    else if (stage === "pool") this.#pooled(arrays, asked);
    else this.#scores(arrays, asked);
  }

  /** @param {string} of @param {number} count of tiles */
  #make(of, count) {
    if (this.#of === `${of} ${count}`) return;
    this.#of = `${of} ${count}`;
    this.#tiles = Array.from({ length: count }, () => tile(of));
    this.element.replaceChildren(...this.#tiles.map((each) => each.element));
  }

  /** @param {Arrays} arrays @param {Asked} asked */
  #warps(arrays, { stage, scene, region, proposals }) {
    this.#make(stage, proposals);
    this.#tiles.forEach(({ canvas, element: figure }, index) => {
      paintWarp(canvas, arrays, scene, index);
      setAttribute(canvas, "aria-label", TEXTS.warp({ region: index + 1 }));
      figure.classList.toggle("chosen", index === region);
      figure.onclick = () => this.#choose(index);
    });
  }

  /** @param {Arrays} arrays @param {Asked} asked */
  #features(arrays, { stage, scene, region }) {
    this.#make(stage, 2);
    const [warp, grid] = this.#tiles;
    if (!warp || !grid) return;
    paintWarp(warp.canvas, arrays, scene, region);
    setAttribute(warp.canvas, "aria-label", TEXTS.warp({ region: region + 1 }));
    setText(/** @type {Element} */ (warp.element.lastElementChild), TEXTS.warp({ region: region + 1 }));
    const values = part(arrays.get("rcnn/features"), scene, region);
    const most = Math.max(...values);
    paintNumbers(grid.canvas, values, 8, most);
    const words = TEXTS.features({ region: region + 1 });
    setAttribute(grid.canvas, "aria-label", words);
    const caption = `${words}. ${TEXTS.greatest({ value: most.toFixed(2) })}`;
    setText(/** @type {Element} */ (grid.element.lastElementChild), caption);
  }

  /** @param {Arrays} arrays @param {Asked} asked */
  #maps(arrays, { stage, scene }) {
    const maps = arrays.get("fast/map");
    const [, count = 0, , width = 1] = maps?.shape ?? [];
    this.#make(stage, count);
    this.#tiles.forEach(({ canvas }, map) => {
      const values = part(maps, scene, map);
      paintNumbers(canvas, values, width, Math.max(...values));
      setAttribute(canvas, "aria-label", TEXTS.map({ map: map + 1 }));
    });
  }

  /** @param {Arrays} arrays @param {Asked} asked */
  #pooled(arrays, { stage, scene, region }) {
    const pooled = arrays.get("fast/pooled");
    const [, , count = 0, , width = 1] = pooled?.shape ?? [];
    this.#make(stage, count);
    const maps = arrays.get("fast/map");
    this.#tiles.forEach(({ canvas }, map) => {
      // As strong as the map it is of, so that the two can be compared.
      paintNumbers(canvas, part(pooled, scene, region, map), width, Math.max(...part(maps, scene, map)));
      setAttribute(canvas, "aria-label", TEXTS.pooled({ map: map + 1, region: region + 1 }));
    });
  }

  /**
   * A bar for each class: an SVM's distance from its border, or a probability.
   *
   * @param {Arrays} arrays @param {Asked} asked
   */
  #scores(arrays, { stage, scene, region }) {
    this.#make("", 0);
    this.#of = stage;
    const probabilities = stage === "answer";
    const scores = part(arrays.get(probabilities ? "fast/scores" : "rcnn/scores"), scene, region);
    const classes = classesOf(arrays);
    const reach = probabilities ? 1 : Math.max(...scores.map(Math.abs), 1);
    const rows = scores.map((score, index) => {
      const bar = element("i", { class: score < 0 ? "negative" : "", "aria-hidden": true });
      bar.style.setProperty("--share", String(Math.abs(score) / reach));
      bar.style.setProperty("--series", index < classes.length ? category(index) : "var(--ink-3)");
      const name = classes[index] ?? TEXTS.ground;
      return element("li", {}, element("span", {}, name), bar, element("b", {}, score.toFixed(2)));
    });
    const list = element("ul", { class: `rcnn-scores${probabilities ? "" : " signed"}` }, ...rows);
    this.element.replaceChildren(list);
  }
}
