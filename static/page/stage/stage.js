/** The stage: the network alive, with everything one can do to it where it stands. */

/** @import { Description, Experiment, Frame } from "../../types.d.ts" */
/** @import { RunControl } from "../../run/run.js" */
/** @import { State } from "../../run/state.js" */
/** @import { Focus } from "../../draw/edges.js" */
/** @import { Column } from "../../network/columns.js" */
/** @import { Layout, Link, Placed, Unit } from "../../network/layout.js" */

/** @typedef {{ link: Link, source: Unit, target: Unit, x: number, y: number }} EdgeClick */
/** @typedef {{ x: number, y: number }} Place shares of a tile's sides */

import { onNextBeat } from "../../core/paint_scheduler.js";
import { element, setText, place } from "../../core/dom.js";
import { drawEdges, edgeAt } from "../../draw/edges.js";
import { foldColumns } from "../../network/columns.js";
import { blocksOf, foldToFit, placeColumns } from "../../network/layout.js";
import { BARS, drawBars, SHORT_BARS } from "../../draw/maps.js";
import { fitCanvas } from "../../draw/plot.js";
import { LEVELS, picturesOf, rangeAt, valueIn } from "../../draw/surface.js";
import { Tiles } from "../../draw/tiles.js";
import { edgeWeights, looksAtPixels, weightPlace } from "../../draw/weights.js";
import { featureName, roundedTo, shortNumber } from "../../core/format.js";
import { isObject, valueAt } from "../../core/json.js";
import { dataset, folds, inputNames } from "../../catalog/catalog.js";
import { Feet } from "./column_feet.js";
import { color, networkInk } from "../../draw/theme_colors.js";
import { classNames, hasMaps, mapsDemand, targetOf } from "../../run/maps.js";

/** Pixels below each column for its controls. */
const FOOT = 78;
/** Stages lower than this show the network alone: its feet would take most of them. */
const SHORT = 320;
const MARGIN = 28;
/** Stages narrower than this have narrow margins, and short bars for the answer. */
const NARROW = 480;
/** Between columns closer than this a folded block has no room for its name. */
const NAMED_FROM = 60;
/** Tiles beyond which they are pictured more coarsely. */
const MANY_TILES = 80;

export class Stage {
  #run;
  #root;
  /** @type {Layout | null} */
  layout = null;
  /** What looks at the whole network; hidden until there is one. */
  #whole = this.#wholeTools();
  tiles = new Tiles();
  #edges = element("canvas", { "aria-hidden": true });
  #units = element("canvas", { "aria-hidden": true });
  #canvases = element("div", { class: "stage-canvases" }, this.#edges, this.#units);
  #buttons = element("div", { class: "units" });
  #hint = element("p", { class: "stage-hint", "aria-hidden": true });
  #empty = element("p", { class: "stage-empty" }, "The network appears here.");
  #scroll = element("div", { class: "stage-scroll" });
  #inner = element("div", { class: "stage-inner" });
  /**
   * Where on the screen the pointer rests; null where it is elsewhere. @type {{ x: number, y: number } |
   * null}
   */
  #pointer = null;
  /**
   * The unit that is pointed at, and where on it. @type {{ column: string, unit: number, point: Place } |
   * null}
   */
  #unit = null;
  /** The edge that is pointed at. @type {{ link: Link, source: Unit, target: Unit } | null} */
  #edge = null;
  /** The unit that the keyboard is on. @type {Focus} */
  #keyed = null;
  /** @type {Set<(edge: EdgeClick) => void>} */
  #edgeListeners = new Set();
  #feet;
  /** @type {Focus} */
  #focus = null;
  /** @type {string | null} */
  #selectedHead = null;
  /** Heads of columns that show all their units. @type {Set<string>} */
  #opened = new Set();
  /** Blocks that are drawn as one column; null where nobody has said. @type {Set<string> | null} */
  #folded = null;
  /** @type {string | null} */
  #foldedOf = null;
  /** Blocks that are drawn as one so that the network fits. @type {Set<string>} */
  #fitting = new Set();
  #paintEdges = onNextBeat(() => this.#drawEdges());
  #paintUnits = onNextBeat(() => this.#drawUnits());
  /** @type {Set<() => void>} */
  #watchers = new Set();
  /** @type {Set<(tab: string, instead: boolean) => void>} */
  #inspectors = new Set();

  /** @param {HTMLElement} root @param {RunControl} run */
  constructor(root, run) {
    this.#run = run;
    this.#root = root;
    this.#feet = new Feet(run);
    const inner = this.#inner;
    inner.append(this.#canvases, this.#buttons, this.#feet.element);
    this.#scroll.append(inner);
    root.append(this.#scroll, this.#hint, this.#empty, this.#whole);
    new ResizeObserver(() => this.#arrange()).observe(root);
    inner.addEventListener("pointermove", ({ clientX, clientY }) => this.#point({ x: clientX, y: clientY }));
    inner.addEventListener("pointerleave", () => this.#point(null));
    inner.addEventListener("click", (event) => this.#pick(event));
    const { store } = run;
    store.watch(
      (state) => state.description,
      () => this.#arrange(),
    );
    store.watch(
      (state) => state.theme,
      () => this.#recolor(),
    );
    store.watch(
      (state) => state.selected,
      () => this.#mark(),
    );
    store.watch(
      (state) => state.unit,
      () => this.#mark(),
    );
    store.watch(
      (state) => state.point,
      () => this.#paintUnits(),
    );
    store.watch(
      (state) => `${state.status?.state} ${state.status?.reason?.node}`,
      () => this.#mark(),
    );
    run.onFrame("weights", (frame) => this.#takeWeights(frame));
    run.onFrame("surface", (frame) => this.#takeSurface(frame));
    run.onFrame("activation_maps", (frame) => this.#takeMaps(frame));
  }

  /** Be told when the drawing is arranged anew. @param {() => void} listener */
  onArranged(listener) {
    this.#watchers.add(listener);
  }

  /** Be told of clicks on edges. @param {(edge: EdgeClick) => void} listener */
  onEdge(listener) {
    this.#edgeListeners.add(listener);
  }

  /** Something that lies over the drawing and scrolls with it. @param {Element} layer */
  addLayer(layer) {
    this.#inner.append(layer);
  }

  /**
   * Be told when somebody wants to look into a unit: the tab of the drawer that shows it, and whether it
   * takes another's place. @param {(tab: string, instead: boolean) => void} listener
   */
  onInspect(listener) {
    this.#inspectors.add(listener);
  }

  /**
   * Select a unit and look into it. @param {string} column @param {number} unit @param {string} tab @param
   * {boolean} [instead] of whatever tab is open
   */
  inspect(column, unit, tab, instead = false) {
    this.#run.select(column, unit);
    this.#inspectors.forEach((listener) => listener(tab, instead));
  }

  /** Ways to look at the whole network, without selecting a part of it first. */
  #wholeTools() {
    const open = (/** @type {string} */ tab) => {
      const column = this.#run.state.selected ?? this.layout?.columns.at(-1)?.name;
      if (column) this.inspect(column, this.#run.state.unit, tab, true);
    };
    const tools = /** @type {[string, string][]} */ ([
      ["trajectory", "Trajectory"],
      ["landscape", "Landscape"],
      ["variants", "Race"],
    ]);
    return element(
      "div",
      { class: "whole-tools", role: "group", "aria-label": "The whole network", hidden: true },
      ...tools.map(([tab, title]) => element("button", { type: "button", onclick: () => open(tab) }, title)),
    );
  }

  /** What the drawing asks the run for besides weights. */
  get demand() {
    return mapsDemand(this.#run.state);
  }

  /** How wide the bars of the answer are. */
  get #bars() {
    return this.#root.clientWidth < NARROW ? SHORT_BARS : BARS;
  }

  /** The column of the answer, where it has a bar for each class. */
  get #answer() {
    const { description } = this.#run.state;
    if (!hasMaps(description) || classNames(this.#run).length === 0) return null;
    const judged = description?.outputs[0];
    return (
      this.layout?.columns.find(
        ({ members, tiled }) => tiled && members.some(({ name }) => name === judged),
      ) ?? null
    );
  }

  /** Names of the drawn columns that have units, besides the input. */
  get drawn() {
    return this.layout?.columns.filter(({ tiled, data }) => tiled && !data).map(({ name }) => name) ?? [];
  }

  /**
   * Points along one side of a heatmap: with many units their tiles are small, and half as many fill them.
   */
  get resolution() {
    const tiles = this.layout?.columns.reduce((total, { shown }) => total + shown.length, 0) ?? 0;
    return tiles > MANY_TILES ? 25 : 50;
  }

  /** How many edges are drawn one by one. */
  get edgeCount() {
    const dense = this.layout?.links.filter(({ kind }) => kind === "dense") ?? [];
    return dense.reduce((total, { from, to }) => total + from.shown.length * to.shown.length, 0);
  }

  /** @param {State} state */
  #plane(state) {
    return state.experiment !== null && Boolean(dataset(state.catalog, state.experiment)?.plane);
  }

  #arrange() {
    const { state } = this.#run;
    const { description } = state;
    this.#empty.hidden = description !== null;
    const [width, height] = [this.#root.clientWidth, this.#root.clientHeight];
    if (!description || width < 50 || height < 50) return;
    const margin = width < NARROW ? 14 : MARGIN;
    const names = 20; // what the inputs are called stands at their left
    const beside = hasMaps(description) && classNames(this.#run).length > 0 ? this.#bars - 4 : 0;
    const room = {
      width: width - 2 * margin - names - beside,
      height: Math.max(140, height - 44),
      foot: height < SHORT ? 0 : FOOT,
    };
    this.#feet.element.hidden = room.foot === 0;
    const columnsOf = (/** @type {ReadonlySet<string>} */ folded) =>
      foldColumns(description, (kind) => folds(state.catalog, kind), this.#plane(state), folded);
    this.#fitting = foldToFit(description, columnsOf, room.width);
    const columns = columnsOf(this.#foldedBlocks());
    for (const column of columns.filter(({ folded }) => folded)) nameBlock(column, state.experiment);
    const layout = (this.layout = shifted(placeColumns(columns, room, this.#opened), margin + names, 28));
    this.#whole.hidden = false;
    this.#inner.style.setProperty("width", `${layout.width + 2 * margin + names + beside}px`);
    this.#inner.style.setProperty("height", `${Math.max(height, layout.height + 28)}px`);
    this.tiles.arrange(layout);
    this.#arrangeButtons(layout, description);
    if (!this.#buttons.contains(document.activeElement)) this.#keyed = null;
    this.#feet.arrange(layout);
    this.#keepSelection(layout);
    this.#recolor();
    this.#mark();
    if (this.#pointer) this.#point(this.#pointer); // something else may lie under it now
    this.#watchers.forEach((listener) => listener());
  }

  /**
   * A column is called by its last node, which another activation changes; its first node stays. @param
   * {Layout} layout
   */
  #keepSelection(layout) {
    const { selected, unit } = this.#run.state;
    if (selected === null) return;
    const kept =
      layout.columns.find(({ name }) => name === selected) ??
      layout.columns.find(({ head }) => head === this.#selectedHead);
    this.#selectedHead = kept?.head ?? null;
    if (kept?.name !== selected) this.#run.select(kept?.name ?? null, Math.min(unit, (kept?.units ?? 1) - 1));
  }

  /**
   * A transparent button on every tile, so that tab, touch and screen readers reach it. @param {Layout}
   * layout @param {Description} description
   */
  #arrangeButtons(layout, description) {
    const { catalog, experiment } = this.#run.state;
    const names = experiment ? inputNames(catalog, experiment) : [];
    const fragment = document.createDocumentFragment();
    for (const column of layout.columns) {
      const places = column.tiled ? column.shown : [{ index: 0, x: column.x, y: column.y }];
      for (const { index, x, y } of places) {
        const isInput = column.data;
        const word = column.maps ? "map" : "unit";
        const label = isInput
          ? `Input ${names[index] ?? index + 1}`
          : `${column.name}, ${word} ${index + 1} of ${column.units}`;
        const button = element("button", {
          type: "button",
          class: "unit",
          "aria-label": column.tiled ? label : column.name,
          "data-column": column.name,
          "data-unit": index,
          tabindex: index === 0 ? 0 : -1,
          onclick: () =>
            column.maps && !isInput
              ? this.inspect(column.name, index, "arithmetic")
              : this.#run.select(column.name, index),
          onkeydown: (/** @type {KeyboardEvent} */ event) => this.#move(event, column, index),
          onfocus: () => this.#key({ column: column.name, unit: index }, button.matches(":focus-visible")),
          onblur: () => this.#key(null, false),
        });
        place(button, x - column.size / 2, y - column.size / 2, column.size, column.size);
        fragment.append(button);
        if (isInput && column.tiled && description.input.shape.length === 1) {
          const text = element(
            "span",
            { class: "input-name" },
            featureName(names[index] ?? String(index + 1)),
          );
          place(text, x - column.size / 2 - 8, y, 0, 0);
          fragment.append(text);
        }
      }
      if (column.hidden > 0 || column.opened) fragment.append(this.#fan(column));
    }
    for (const block of blocksOf(layout.columns)) {
      const fold = element(
        "button",
        {
          type: "button",
          class: "block-name",
          "aria-expanded": "true",
          title: `Draw ${block.name} as one`,
          onclick: () => this.#fold(block.name),
        },
        block.name.slice(block.name.lastIndexOf(".") + 1),
      );
      place(fold, block.left - 12, block.top - 33, 0, 0);
      fragment.append(fold);
    }
    for (const column of layout.columns.filter(({ folded }) => folded)) {
      const unfold = element(
        "button",
        {
          type: "button",
          class: "block-name closed",
          "aria-expanded": "false",
          title: `Show what is in ${column.head}`,
          "aria-label": column.head,
          onclick: () => this.#fold(column.head),
        },
        layout.spacing < NAMED_FROM ? null : column.head.slice(column.head.lastIndexOf(".") + 1),
      );
      place(unfold, column.x, column.top - 33, 0, 0);
      fragment.append(unfold);
    }
    this.#buttons.replaceChildren(fragment);
  }

  /**
   * Below a wide layer: how many units are not drawn, and the way to them; or back. @param {Placed} column
   */
  #fan(column) {
    const { head, hidden, opened, shown, size, x, y } = column;
    const words = opened ? "Show fewer units" : `Show ${hidden} more units`;
    const chip = element(
      "button",
      {
        type: "button",
        class: "more-units",
        "aria-label": `${words} of ${head}`,
        title: words,
        "aria-expanded": String(opened),
      },
      opened && hidden === 0 ? "fold" : `+${hidden}`,
    );
    chip.addEventListener("click", () => {
      if (!this.#opened.delete(head)) this.#opened.add(head);
      this.#arrange();
    });
    place(chip, x - 22, (shown.at(-1)?.y ?? y) + size * 0.62, 44, 18);
    return chip;
  }

  /** The blocks that are drawn as one: those somebody folded, or as many as it takes to fit. */
  #foldedBlocks() {
    const run = this.#run.state.run?.id ?? null;
    if (run !== this.#foldedOf) {
      [this.#foldedOf, this.#folded] = [run, null];
      this.#opened.clear();
    }
    return this.#folded ?? this.#fitting;
  }

  /** Fold a block, or unfold it. @param {string} block */
  #fold(block) {
    const folded = new Set(this.#foldedBlocks());
    if (!folded.delete(block)) folded.add(block);
    this.#folded = folded;
    this.#arrange();
  }

  /** Arrow keys walk the drawing. @param {KeyboardEvent} event @param {Placed} column @param {number} unit */
  #move(event, column, unit) {
    const step = /** @type {Record<string, [number, number]>} */ ({
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
    })[event.key];
    if (!step || !this.layout) return;
    event.preventDefault();
    event.stopPropagation();
    const columns = this.layout.columns;
    const next = columns[columns.indexOf(column) + step[0]] ?? column;
    const index = Math.max(0, Math.min(Math.max(0, next.shown.length - 1), unit + step[1]));
    const target = this.#buttons.querySelector(`[data-column="${next.name}"][data-unit="${index}"]`);
    if (target instanceof HTMLElement) target.focus();
  }

  #mark() {
    const { selected, unit, status } = this.#run.state;
    this.#selectedHead =
      this.layout?.columns.find(({ name }) => name === selected)?.head ?? this.#selectedHead;
    const failed = status?.state === "failed" ? status.reason?.node : null;
    for (const button of this.#buttons.querySelectorAll(".unit")) {
      if (!(button instanceof HTMLElement)) continue;
      const { column, unit: index } = button.dataset;
      button.classList.toggle("selected", column === selected && Number(index) === unit);
      const members = this.layout?.columns.find(({ name }) => name === column)?.members ?? [];
      button.classList.toggle("failed", Boolean(failed) && members.some(({ name }) => name === failed));
    }
  }

  // Painting ------------------------------------------------------------------------------------------

  /** @param {Frame} frame */
  #takeWeights(frame) {
    if (!this.layout) return;
    if (!this.#plane(this.#run.state)) {
      this.tiles.colorWeights(this.layout, frame, this.#run.state.theme);
      this.#paintUnits();
    }
    this.#paintEdges();
    this.#say();
  }

  /** @param {Frame} frame */
  #takeSurface(frame) {
    if (!this.layout || !this.#plane(this.#run.state)) return;
    this.tiles.colorSurface(this.layout, frame, this.#run.state.theme);
    this.#paintUnits();
    this.#say();
  }

  /** @param {Frame} frame */
  #takeMaps(frame) {
    const { layout, tiles } = this;
    if (!layout) return;
    tiles.colorSample(layout, frame);
    tiles.colorMaps(layout, frame, this.#run.state.theme);
    for (const column of layout.columns) {
      const values =
        column.maps || looksAtPixels(layout, column) ? null : frame.arrays.get(`values/${column.name}`);
      if (values && column.tiled) tiles.colorValues(column, values.data, this.#run.state.theme);
    }
    this.#paintUnits();
    this.#say();
  }

  #recolor() {
    const { latest } = this.#run;
    const [weights, surface, maps] = [
      latest.get("weights"),
      latest.get("surface"),
      latest.get("activation_maps"),
    ];
    if (weights) this.#takeWeights(weights);
    if (surface) this.#takeSurface(surface);
    if (maps) this.#takeMaps(maps);
    this.#paintEdges();
    this.#paintUnits();
  }

  #drawEdges() {
    const context = this.#edges.getContext("2d");
    if (!context || !this.layout) return;
    const { width, height } = fitCanvas(this.#edges, context);
    context.clearRect(0, 0, width, height);
    drawEdges(context, this.layout, this.#run.latest.get("weights"), networkInk(), this.#focus);
  }

  #drawUnits() {
    const context = this.#units.getContext("2d");
    if (!context || !this.layout) return;
    const { width, height } = fitCanvas(this.#units, context);
    context.clearRect(0, 0, width, height);
    this.tiles.draw(
      context,
      this.layout,
      networkInk(),
      this.#plane(this.#run.state) ? this.#run.state.point : null,
    );
    const maps = this.#run.latest.get("activation_maps");
    const shares = maps?.arrays.get("answer");
    const column = this.#answer;
    if (!column || !shares) return;
    const ink = { ...networkInk(), strong: color("ink"), right: color("accent") };
    drawBars(context, column, shares.data, classNames(this.#run), targetOf(maps), this.#bars, ink);
  }

  // Pointing ------------------------------------------------------------------------------------------

  /** @param {Focus} focus */
  #focusOn(focus) {
    if (focus?.column === this.#focus?.column && focus?.unit === this.#focus?.unit) return;
    this.#focus = focus;
    this.#paintEdges();
  }

  /** @param {Focus} focus @param {boolean} byKeyboard whose words are said, too: a click has the pointer's */
  #key(focus, byKeyboard) {
    this.#keyed = byKeyboard ? focus : null;
    if (byKeyboard) [this.#pointer, this.#unit, this.#edge] = [null, null, null]; // until it moves again
    this.#focusOn(focus);
    this.#say();
  }

  /** @param {{ x: number, y: number } | null} pointer on the screen */
  #point(pointer) {
    const { layout } = this;
    if (!layout) return;
    this.#pointer = pointer;
    const box = this.#canvases.getBoundingClientRect();
    const [x, y] = pointer ? [pointer.x - box.left, pointer.y - box.top] : [NaN, NaN];
    const column = layout.columns.find((each) => Math.abs(each.x - x) <= each.size / 2);
    const unit = column?.shown.find((each) => Math.abs(each.y - y) <= column.size / 2);
    this.#unit =
      column && unit
        ? {
            column: column.name,
            unit: unit.index,
            point: { x: (x - unit.x) / column.size + 0.5, y: (y - unit.y) / column.size + 0.5 },
          }
        : null;
    this.#edge = this.#unit || !pointer ? null : edgeAt(layout, x, y);
    this.#inner.classList.toggle("on-edge", this.#edge !== null);
    this.#focusOn(this.#unit ?? this.#keyed);
    if (!this.#unit) this.#run.point(null);
    else if (this.#plane(this.#run.state)) this.#run.point(this.#unit.point);
    this.#say();
  }

  /** What is pointed at, or the keyboard is on, by the newest frames: it changes as the network learns. */
  #say() {
    setText(
      this.#hint,
      this.#edge
        ? this.#edgeWords(this.#edge)
        : this.#unit
          ? this.#unitWords(this.#unit, this.#unit.point)
          : this.#keyed
            ? this.#unitWords(this.#keyed, null)
            : "",
    );
  }

  /** @param {{ link: Link, source: Unit, target: Unit }} edge */
  #edgeWords({ link, source, target }) {
    const weights = edgeWeights(this.#run.latest.get("weights"), link);
    if (!weights) return "";
    const weight = weights.values[weightPlace(weights, link.from, source.index, target.index)] ?? NaN;
    const [from, to] = [`${link.from.name} ${source.index + 1}`, `${link.to.head} ${target.index + 1}`];
    return `${from} → ${to}: weight ${shortNumber(weight)}`;
  }

  /** A click beside all units may be on an edge. @param {MouseEvent} event */
  #pick(event) {
    if (!this.layout || (event.target instanceof Element && event.target.closest("button, select, input")))
      return;
    const box = this.#canvases.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const edge = edgeAt(this.layout, x, y);
    if (edge) this.#edgeListeners.forEach((listener) => listener({ ...edge, x, y }));
  }

  /** @param {NonNullable<Focus>} focus @param {Place | null} point */
  #unitWords({ column: name, unit }, point) {
    const column = this.layout?.columns.find((each) => each.name === name);
    if (!column) return "";
    const { latest, state } = this.#run;
    if (column.maps) {
      const title = column.data ? "Input" : `${name}, map ${unit + 1} of ${column.units}`;
      return title + valueWords(latest.get("activation_maps"), `maps/${name}`, unit, point, "in the map");
    }
    const bias = latest.get("weights")?.arrays.get(`${column.head}.bias`)?.data[unit];
    const over = this.#plane(state)
      ? valueWords(latest.get("surface"), `unit/${name}`, unit, point, "over the plane")
      : "";
    return `${name}, unit ${unit + 1}${over}${bias === undefined ? "" : `, bias ${shortNumber(bias)}`}`;
  }
}

/**
 * The value at a place of a picture, and between which it lies. @param {Frame | undefined} frame @param
 * {string} name @param {number} index @param {Place | null} point @param {string} where
 */
function valueWords(frame, name, index, point, where) {
  const pictures = frame && picturesOf(frame, name);
  if (!pictures || index >= pictures.count) return "";
  const [low, high] = rangeAt(pictures, index);
  const here =
    point && `${roundedTo((high - low) / LEVELS, valueIn(pictures, index, point.x, point.y))} here, `;
  return `: ${here ?? ""}${shortNumber(low)} to ${shortNumber(high)} ${where}`;
}

/**
 * What kind of block a folded column stands for, the experiment says. @param {Column} column @param
 * {Experiment | null} experiment
 */
function nameBlock(column, experiment) {
  const [head] = column.members;
  const node = head && valueAt(/** @type {any} */ (experiment), head.pointer);
  if (head && isObject(node)) column.kind = head.kind = String(node["kind"]);
}

/** @param {Layout} layout @param {number} right @param {number} down @returns {Layout} */
function shifted(layout, right, down) {
  for (const column of layout.columns) {
    column.x += right;
    for (const key of /** @type {const} */ (["y", "top", "bottom", "foot"])) column[key] += down;
    for (const unit of column.shown) {
      unit.x += right;
      unit.y += down;
    }
  }
  for (const link of layout.links) if (link.over !== null) link.over += down;
  return layout;
}
