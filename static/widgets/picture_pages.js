/** Pictures of a set, a few at a time, with what a probe says of each: which set, which page, and their tiles. */

/** @import { Frame, JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { DrawOver, TilePicture } from "./picture_tiles.js" */

import { element, iconButton, setAttribute } from "../core/dom.js";
import { setName } from "../core/metric_names.js";
import { texts } from "../core/texts.js";
import { demandChanged } from "./lazy_panel.js";
import { COUNT, isAnswer, placesOf, turned } from "./picture_pages/model.js";
import { PictureTiles } from "./picture_tiles.js";
import { onLeave } from "./until_first_frame.js";

const TEXTS = texts(import.meta.url, {
  whichSet: "Which set the pictures are from",
  earlierPictures: "Earlier pictures",
  furtherPictures: "Further pictures",
});

const HZ = 5;
const FIRST_SET = "test";

/** A frame that was asked for, and the set that it is of. @typedef {{ frame: Frame, set: string }} Kept */

/**
 * The pages of each run. Where two show the same pictures, one turns to what the other has: of a run at rest no second
 * frame of it comes. Known by the run's frames: a panel of the inspector has the run in a wrapper (`runUntil`).
 *
 * @type {WeakMap<RunControl["latest"], Set<PicturePages>>}
 */
const pagesOf = new WeakMap();

export class PicturePages {
  #run;
  #kind;
  #paint;
  #set = FIRST_SET;
  #first = 0;
  /** The places that the size of the set allows. */
  #places = "";
  /** The newest frame of what is asked for; until it comes, of what was before. @type {Kept | null} */
  #kept = null;
  /** What the tiles show. @type {{ set: string, places: number[] }} */
  #shown = { set: FIRST_SET, places: [] };
  #tiles = new PictureTiles("paged-pictures", (at) => this.#choose(at));
  #sets = element("span", { class: "marks", role: "group", "aria-label": TEXTS.whichSet });

  /**
   * @param {RunControl} run @param {string} kind of the probe, which takes `set` and `samples`
   * @param {() => void} paint called when there is something else to show
   */
  constructor(run, kind, paint) {
    this.#run = run;
    this.#kind = kind;
    this.#paint = paint;
    const others = pagesOf.get(run.latest) ?? new Set();
    pagesOf.set(run.latest, others.add(this));
    run.onFrame(kind, (frame) => this.#take(frame));
    onLeave(run, () => this.#forget());
    run.store.watch((state) => state.theme, paint);
    run.store.watch(
      (state) => state.description?.data?.sets,
      () => this.#showSets(),
    );
    new ResizeObserver(paint).observe(this.element);
  }

  get element() {
    return this.#tiles.element;
  }

  /**
   * A row of controls: the sets, what else the panel offers, and the buttons that turn pages.
   *
   * @param {(sets: HTMLElement) => HTMLElement[]} arranged the controls before the buttons, in order
   */
  bar(arranged) {
    const turn = (/** @type {number} */ by, /** @type {string} */ label) =>
      iconButton("up", label, () => this.#turn(by), { class: `icon-button turned${by > 0 ? " back" : ""}` });
    const turns = [turn(-1, TEXTS.earlierPictures), turn(1, TEXTS.furtherPictures)];
    const controls = [...arranged(this.#sets), element("span", { class: "page-turns" }, ...turns)];
    return element("div", { class: "chosen-row paged-pictures-bar" }, ...controls);
  }

  /** What the pictures are asked for with. @returns {JsonObject} */
  get demand() {
    const samples = placesOf(this.#first, this.#size);
    return { kind: this.#kind, set: this.#set, samples, hz: HZ };
  }

  /** The set that is chosen. */
  get set() {
    return this.#set;
  }

  /** The frame to show; null where none has come of this run. */
  get kept() {
    return this.#kept;
  }

  /**
   * @param {string} set @param {{ width: number, height: number }} size
   * @param {(TilePicture & { index: number })[]} pictures with their positions in the set @param {DrawOver} [over]
   */
  show(set, size, pictures, over) {
    this.#shown = { set, places: pictures.map(({ index }) => index) };
    this.#tiles.paint(size, pictures, over);
  }

  /** @param {number} at */
  #choose(at) {
    const index = this.#shown.places[at];
    if (index !== undefined) this.#run.store.set({ input: { kind: "sample", set: this.#shown.set, index } });
  }

  /** @param {Frame} frame */
  #take(frame) {
    if (!isAnswer(this.#run.demandOf(frame), this.demand)) return;
    this.#kept = { frame, set: this.#set };
    this.#paint();
  }

  /** Another run: nothing of this one stays. */
  #forget() {
    [this.#kept, this.#set, this.#first] = [null, FIRST_SET, 0];
    this.show(FIRST_SET, { width: 1, height: 1 }, []);
    this.#paint();
  }

  get #size() {
    const sets = /** @type {Record<string, number>} */ (this.#run.state.description?.data?.sets ?? {});
    return sets[this.#set] ?? COUNT;
  }

  /** @param {number} by pages */
  #turn(by) {
    this.#first = turned(this.#first, by, this.#size);
    this.#wantOthers();
  }

  /** @param {string} set */
  #turnTo(set) {
    [this.#set, this.#first] = [set, 0];
    this.#showSets();
    this.#wantOthers();
  }

  #wantOthers() {
    demandChanged();
    for (const { kept, element: tiles } of pagesOf.get(this.#run.latest) ?? [])
      if (kept && tiles.clientWidth > 0) this.#take(kept.frame);
    this.#paint();
  }

  #showSets() {
    const sets = Object.keys(this.#run.state.description?.data?.sets ?? {});
    if (sets.length > 0 && !sets.includes(this.#set)) this.#set = FIRST_SET;
    this.#first = Math.min(this.#first, Math.max(0, this.#size - 1));
    const buttons = sets.map((set) => {
      const button = markButton(setName(set), () => this.#turnTo(set));
      setAttribute(button, "aria-pressed", String(set === this.#set));
      return button;
    });
    this.#sets.replaceChildren(...buttons);
    const places = String(this.demand["samples"]);
    if (places !== this.#places) demandChanged(); // a small set has fewer pictures than were asked for
    this.#places = places;
  }
}

/** A button that is pressed or not. @param {string} title @param {() => void} onclick */
export function markButton(title, onclick) {
  return element("button", { type: "button", class: "mark", "aria-pressed": "false", onclick }, title);
}
