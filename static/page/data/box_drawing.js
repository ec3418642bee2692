/** A dialog in which boxes are drawn in pictures of one's own: a data set, or files of COCO and YOLO. */

/** @import { DrawnBox, Annotated } from "./box_drawing/annotations.js" */
/** @import { Corners } from "../../core/boxes.js" */
/** @import { Scene } from "../../widgets/box_board/geometry.js" */

import { download } from "../../core/download.js";
import { element, onNextFrame, setText } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { zipped } from "../../core/zip.js";
import { BoxBoard } from "../../widgets/box_board.js";
import { openDialog } from "../../widgets/dialog.js";
import { cocoOf, stem, untaken, yoloOf } from "./box_drawing/annotations.js";
import { paintAnnotated } from "./box_drawing/painting.js";

const TEXTS = texts(import.meta.url, {
  drawBoxes: "Draw boxes",
  addPictures: "Add pictures …",
  picturesToDraw: "Pictures to draw boxes in",
  begin: "Add pictures, then drag over each thing that is to be found. A data set needs ten pictures.",
  hint: [
    "Drag on the picture to draw a box, drag a box or its handles to change it. Keys: arrows, Shift and arrows,",
    "N, P, A, Delete.",
  ],
  previous: "Previous picture",
  next: "Next picture",
  pictureOf: "{name}: picture {number} of {all}",
  className: "Class",
  newClass: "New class",
  addClass: "Add class",
  object: "object",
  removeBox: "Remove box",
  removePicture: "Remove picture",
  boxesInAll: { one: "{count} box in {pictures} pictures", other: "{count} boxes in {pictures} pictures" },
  needMore: { one: "; {count} picture more is needed", other: "; {count} pictures more are needed" },
  use: "Use as data set",
  asCoco: "Save COCO JSON",
  asYolo: "Save YOLO text",
  unreadable: "{name}: no picture that this browser can read",
  said: "{name}: left {left}, top {top}, {width} by {height}",
});

/** The fewest pictures of a data set. */
const FEWEST = 10;

/** @typedef {Annotated & { file: File, image: ImageBitmap }} Picture */

export class BoxDrawing {
  #taken;
  /** @type {Picture[]} */
  #pictures = [];
  /** @type {string[]} */
  #classes = [TEXTS.object];
  #at = 0;
  #chosen = -1;
  /** The class of the next box. */
  #kind = 0;
  /** @type {HTMLDialogElement | null} */
  #dialog = null;
  /** @type {BoxBoard<DrawnBox>} */
  #board = new BoxBoard({
    scene: () => this.#scene(),
    boxes: () => this.#picture?.boxes ?? [],
    chosen: () => this.#chosen,
    paint: (canvas, drawn) => {
      const picture = this.#picture;
      if (picture) paintAnnotated(canvas, picture.image, picture.boxes, this.#classes, this.#chosen, drawn);
    },
    choose: (index) => this.#choose(index),
    change: (index, box) => this.#put(index, box),
    draw: (corners) => this.#add(corners),
    remove: (index) => this.#remove(index),
    begin: () => undefined,
    done: () => this.#show(),
  });
  #title = element("p", { class: "box-drawing-title", role: "status" });
  #status = element("p", { class: "note", role: "status" });
  #said = element("p", { class: "visually-hidden", role: "status" });
  #select = element("select", { "aria-label": TEXTS.className, onchange: () => this.#reclass() });
  #newClass = element("input", {
    type: "text",
    class: "text",
    maxlength: 100,
    placeholder: TEXTS.newClass,
    "aria-label": TEXTS.newClass,
    onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === "Enter" && this.#addClass(),
  });
  #stage = element("div", { class: "box-drawing-stage" }, this.#board.canvas);
  /** What there is to press, by what it needs. @type {Record<"picture" | "box" | "several", HTMLButtonElement[]>} */
  #buttons = { picture: [], box: [], several: [] };
  #paint = onNextFrame(() => this.#board.paint());

  /** @param {(files: File[]) => void} taken pictures with their boxes, in one archive, are to be a data set */
  constructor(taken) {
    this.#taken = taken;
  }

  open() {
    this.#buttons = { picture: [], box: [], several: [] };
    const dialog = openDialog(TEXTS.drawBoxes, ...this.#parts());
    dialog.classList.add("box-drawing");
    const sized = new ResizeObserver(() => (this.#size(), this.#paint()));
    sized.observe(dialog);
    dialog.addEventListener("close", () => sized.disconnect());
    this.#dialog = dialog;
    this.#show();
  }

  #parts() {
    const input = element("input", {
      type: "file",
      multiple: true,
      accept: "image/*",
      class: "visually-hidden",
      "aria-label": TEXTS.picturesToDraw,
      onchange: () => {
        void this.#addPictures([...(input.files ?? [])]);
        input.value = "";
      },
    });
    const file = element("label", { class: "button" }, TEXTS.addPictures, input);
    return [
      element(
        "div",
        { class: "box-drawing-row" },
        file,
        this.#button("several", "‹", () => this.#go(-1), TEXTS.previous),
        this.#button("several", "›", () => this.#go(1), TEXTS.next),
        this.#title,
        this.#button("picture", TEXTS.removePicture, () => this.#removePicture()),
      ),
      this.#stage,
      element(
        "div",
        { class: "box-drawing-row" },
        element(
          "label",
          { class: "box-drawing-class" },
          TEXTS.className,
          element("span", { class: "select" }, this.#select),
        ),
        this.#newClass,
        element(
          "button",
          { type: "button", class: "button", onclick: () => this.#addClass() },
          TEXTS.addClass,
        ),
        this.#button("box", TEXTS.removeBox, () => this.#remove(this.#chosen)),
      ),
      this.#status,
      this.#said,
      element(
        "div",
        { class: "box-drawing-row" },
        this.#button("picture", TEXTS.asCoco, () => this.#saveCoco()),
        this.#button("picture", TEXTS.asYolo, () => void this.#saveYolo()),
        this.#button("picture", TEXTS.use, () => void this.#use()),
      ),
    ];
  }

  /**
   * @param {"picture" | "box" | "several"} needs @param {string} words @param {() => void} onclick
   * @param {string} [label]
   */
  #button(needs, words, onclick, label) {
    const made = element(
      "button",
      { type: "button", class: "button", onclick, "aria-label": label, title: label },
      words,
    );
    this.#buttons[needs].push(made);
    return made;
  }

  // Pictures ------------------------------------------------------------------------------------------

  get #picture() {
    return this.#pictures[this.#at];
  }

  /** @returns {Scene} */
  #scene() {
    const { width, height } = this.#picture ?? { width: 1, height: 1 };
    const unit = Math.max(width, height) / 300;
    return { width, height, least: Math.max(1, Math.round(unit)), step: Math.max(1, Math.round(unit)) };
  }

  /** @param {File[]} files */
  async #addPictures(files) {
    const first = this.#pictures.length;
    const refused = [];
    for (const file of files) {
      try {
        const image = await createImageBitmap(file);
        const taken = new Set(this.#pictures.map(({ name }) => stem(name)));
        const { width, height } = image;
        this.#pictures.push({ name: untaken(file.name, taken), file, image, width, height, boxes: [] });
      } catch {
        refused.push(TEXTS.unreadable({ name: file.name }));
      }
    }
    if (this.#pictures.length > first) [this.#at, this.#chosen] = [first, -1];
    this.#show();
    if (refused.length > 0) this.#tell(refused.join(". "), true);
  }

  /** @param {number} by */
  #go(by) {
    this.#at = (this.#at + by + this.#pictures.length) % this.#pictures.length;
    this.#chosen = -1;
    this.#show();
  }

  #removePicture() {
    this.#picture?.image.close();
    this.#pictures.splice(this.#at, 1);
    this.#at = Math.max(0, Math.min(this.#at, this.#pictures.length - 1));
    this.#chosen = -1;
    this.#show();
  }

  // Boxes and classes ---------------------------------------------------------------------------------

  /** @param {Corners} corners */
  #add({ left, top, right, bottom }) {
    const picture = this.#picture;
    if (!picture) return;
    picture.boxes.push({ left, top, right, bottom, class: this.#kind });
    this.#choose(picture.boxes.length - 1);
  }

  /** @param {number} index */
  #choose(index) {
    this.#chosen = index;
    this.#kind = this.#picture?.boxes[index]?.class ?? this.#kind;
    this.#show();
  }

  /** @param {number} index @param {DrawnBox} box */
  #put(index, box) {
    this.#picture?.boxes.splice(index, 1, box);
    this.#paint();
  }

  /** @param {number} index */
  #remove(index) {
    const boxes = this.#picture?.boxes ?? [];
    if (boxes[index]) boxes.splice(index, 1);
    this.#choose(Math.min(index, boxes.length - 1));
  }

  #reclass() {
    this.#kind = Number(this.#select.value);
    const box = this.#picture?.boxes[this.#chosen];
    if (box) box.class = this.#kind;
    this.#show();
  }

  /** A new class, for the chosen box and the next ones; the first is the name of what was only an object. */
  #addClass() {
    const name = this.#newClass.value.trim();
    if (!name) return this.#newClass.focus();
    if (this.#classes.length === 1 && this.#classes[0] === TEXTS.object) this.#classes = [name];
    if (!this.#classes.includes(name)) this.#classes.push(name);
    this.#newClass.value = "";
    this.#fillClasses();
    this.#select.value = String(this.#classes.indexOf(name));
    this.#reclass();
  }

  // What is shown -------------------------------------------------------------------------------------

  #fillClasses() {
    this.#select.replaceChildren(
      ...this.#classes.map((name, index) => element("option", { value: index }, name)),
    );
    this.#select.value = String(this.#kind);
  }

  #show() {
    const picture = this.#picture;
    this.#fillClasses();
    const [number, all] = [this.#at + 1, this.#pictures.length];
    setText(this.#title, picture ? TEXTS.pictureOf({ name: picture.name, number, all }) : "");
    this.#stage.hidden = !picture;
    for (const each of this.#buttons.picture) each.disabled = !picture;
    for (const each of this.#buttons.several) each.disabled = all < 2;
    const box = picture?.boxes[this.#chosen];
    for (const each of this.#buttons.box) each.disabled = !box;
    this.#tell(picture ? `${this.#counted()}. ${TEXTS.hint}` : TEXTS.begin);
    setText(this.#said, box ? this.#words(box) : "");
    this.#size();
    this.#paint();
  }

  #counted() {
    const count = this.#pictures.reduce((sum, { boxes }) => sum + boxes.length, 0);
    const pictures = this.#pictures.length;
    const missing = FEWEST - pictures;
    return TEXTS.boxesInAll({ count, pictures }) + (missing > 0 ? TEXTS.needMore({ count: missing }) : "");
  }

  /** @param {DrawnBox} box */
  #words({ left, top, right, bottom, class: kind }) {
    const name = this.#classes[kind] ?? "";
    return TEXTS.said({ name, left, top, width: right - left, height: bottom - top });
  }

  /** The canvas as large as the stage has room for, in the shape of the picture. */
  #size() {
    const picture = this.#picture;
    if (!picture) return;
    const { clientWidth: wide } = this.#stage;
    const high = Math.max(160, window.innerHeight * 0.55);
    const scale = Math.min(wide / picture.width, high / picture.height);
    const { style } = this.#board.canvas;
    style.setProperty("width", `${Math.max(1, picture.width * scale)}px`);
    style.setProperty("height", `${Math.max(1, picture.height * scale)}px`);
  }

  /** @param {string} words @param {boolean} [complains] */
  #tell(words, complains = false) {
    this.#status.className = complains ? "complaint" : "note";
    setText(this.#status, words);
  }

  // What is taken away --------------------------------------------------------------------------------

  #coco() {
    return new Blob([JSON.stringify(cocoOf(this.#pictures, this.#classes), null, 1)], {
      type: "application/json",
    });
  }

  #saveCoco() {
    download(this.#coco(), "annotations.json");
  }

  async #saveYolo() {
    const names = new Blob(this.#classes.map((name) => `${name}\n`));
    const labels = this.#pictures.map((picture) => ({
      name: `labels/${stem(picture.name)}.txt`,
      content: new Blob([yoloOf(picture)]),
    }));
    download(await zipped([{ name: "classes.txt", content: names }, ...labels]), "labels.zip");
  }

  /** Pictures and boxes go the way of every upload. */
  async #use() {
    try {
      const pictures = this.#pictures.map(({ name, file }) => ({ name: `images/${name}`, content: file }));
      const archive = await zipped([...pictures, { name: "annotations.json", content: this.#coco() }]);
      this.#dialog?.close();
      this.#taken([new File([archive], TEXTS.drawBoxes)]);
    } catch (error) {
      this.#tell(error instanceof Error ? error.message : String(error), true);
    }
  }
}
