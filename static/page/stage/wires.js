/**
 * Wiring by hand: a port on every column to pull a wire from, places on wires for new layers, words where it
 * cannot be.
 */

/** @import { Catalog, CatalogItem, Choice, Experiment } from "../../types.d.ts" */
/** @import { RunControl } from "../../run/run.js" */
/** @import { Link, Placed } from "../../network/layout.js" */
/** @import { Stage } from "./stage.js" */
/** @import { Entry } from "../../widgets/menu.js" */

import { element, icon, setAttribute, place, rebuild } from "../../core/dom.js";
import { shapeText } from "../../core/format.js";
import { oneStop } from "../../core/roving.js";
import { texts } from "../../core/texts.js";
import { joins, nodeOfRole } from "../../catalog/catalog.js";
import { ownsBlock } from "../../network/graph.js";
import { nodeName } from "../../network/names.js";
import { addInput, cut, insertOnWire, replaceInput, referenceTo, wireRefusal } from "../../network/wiring.js";
import { layerEntries } from "./layer_menu.js";
import { saidOf } from "../../form/mending.js";
import { openMenu } from "../../widgets/menu.js";

const TEXTS = texts(import.meta.url, {
  wires: "Wires between layers",
  connectToAnotherLayer: "Connect {name} to another layer",
  pullAnotherLayerConnect: "Pull to another layer to connect",
  whichReads: "which reads {inputs}",
  connectTo: "Connect {name} to",
  nothingCanRead: "Nothing can read {name} besides what does",
  to: "{name} to {head}",
  andNumbers: "{theirs} and {own} numbers",
  addOutputs: "Add",
  numberByNumber: "{inputs} + {name}, number by number",
  addThroughA: "Add, through a {description}",
  equalShapes: "{shapesText}: it makes them equal",
  joinOutputs: "Concatenate",
  sideBySide: "{shapesText}, side by side",
  readInstead: "Read {name} instead",
  inThePlaceOf: "in the place of {inputs}",
  changeConnectionFrom: "Change the connection from {name} to {head}",
  addLayerConnectionCut: "Add a layer on this connection, or cut it",
  cutThisConnection: "Cut this connection",
  goesNothingLeftJoin: "{head} goes: nothing is left to join",
  denseLayerOf: "dense layer of {size}",
  convolutionOfFilters: "convolution of {size} filters",
});

const SVG = "http://www.w3.org/2000/svg";
/** Pixels a pointer moves before a press is a pull. */
const PULL = 5;
/** How near to a column's tiles counts as on it. */
const NEAR = 18;

export class Wires {
  #run;
  #stage;
  #layer = element("div", { class: "wires", "aria-label": TEXTS.wires });
  #settle = oneStop(this.#layer);
  #pulled = document.createElementNS(SVG, "path");
  /** What is pulled from, and towards. @type {{ from: Placed, to: Placed | null } | null} */
  #pull = null;
  /** What was refused, in words, near what it was about. */
  #callout = element("p", { class: "callout", role: "alert", hidden: true });

  /** @param {RunControl} run @param {Stage} stage */
  constructor(run, stage) {
    this.#run = run;
    this.#stage = stage;
    const drawing = document.createElementNS(SVG, "svg");
    setAttribute(drawing, "class", "pulled");
    setAttribute(drawing, "aria-hidden", "true");
    drawing.append(this.#pulled);
    stage.addLayer(drawing);
    stage.addLayer(this.#layer);
    stage.addLayer(this.#callout);
    stage.onArranged(() => this.#arrange());
    run.store.watch(
      (state) => state.refusal,
      () => this.#explain(),
    );
  }

  #arrange() {
    rebuild(this.#layer, () => (this.#layer.replaceChildren(...this.#buttons()), this.#settle()));
    this.#explain();
  }

  /** Ports to pull wires from, and places on wires. */
  #buttons() {
    const { layout } = this.#stage;
    if (!layout || !this.#run.control) return [];
    const judged = this.#run.state.description?.outputs ?? [];
    const open = layout.columns.filter(({ members }) => !members.some(({ name }) => judged.includes(name)));
    const { catalog } = this.#run.state;
    return [
      ...open.map((column) => this.#port(column)),
      ...layout.links.filter((link) => isLoose(catalog, link)).map((link) => this.#joint(link)),
    ];
  }

  /** @param {Placed} column */
  #port(column) {
    const port = element("button", {
      type: "button",
      class: "port",
      "aria-label": TEXTS.connectToAnotherLayer({ name: nodeName(column.name) }),
      title: TEXTS.pullAnotherLayerConnect,
      "data-key": `port ${column.name}`,
    });
    place(port, column.x + column.size / 2 + 2, column.y - 8, 0, 0);
    port.addEventListener("pointerdown", (event) => this.#grasp(event, port, column));
    port.addEventListener("click", (event) => event.detail === 0 && this.#choose(port, column)); // by keyboard
    return port;
  }

  /** @param {PointerEvent} event @param {HTMLElement} port @param {Placed} from */
  #grasp(event, port, from) {
    if (event.button !== 0) return;
    event.preventDefault();
    port.setPointerCapture(event.pointerId);
    const start = { x: event.clientX, y: event.clientY };
    let pulled = false;
    const ends = new AbortController();
    const { signal } = ends;
    port.addEventListener(
      "pointermove",
      (move) => {
        pulled ||= Math.hypot(move.clientX - start.x, move.clientY - start.y) > PULL;
        if (pulled) this.#follow(from, move);
      },
      { signal },
    );
    const done = (/** @type {boolean} */ kept) => {
      ends.abort();
      const to = this.#pull?.to ?? null;
      this.#drop();
      if (!kept) return;
      if (!pulled) this.#choose(port, from);
      else if (to) this.connect(from, to, port);
    };
    // A menu that opens while the pointer is let go would be closed by that very release, which is outside of
    // it.
    port.addEventListener("pointerup", () => setTimeout(() => done(true)), { signal });
    port.addEventListener("pointercancel", () => done(false), { signal });
    document.addEventListener(
      "keydown",
      (key) => {
        if (key.key !== "Escape") return;
        key.preventDefault();
        done(false);
      },
      { signal },
    );
  }

  /** @param {Placed} from @param {PointerEvent} event */
  #follow(from, event) {
    const { left, top } = this.#layer.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    const to = this.#stage.layout?.columns.find((column) => column !== from && isOn(column, x, y)) ?? null;
    const end = to ? { x: to.x - to.size / 2 - 4, y: to.y } : { x, y };
    const begin = from.x + from.size / 2 + 8;
    const bend = Math.max(24, Math.abs(end.x - begin) / 2);
    setAttribute(
      this.#pulled,
      "d",
      `M ${begin} ${from.y} C ${begin + bend} ${from.y} ${end.x - bend} ${end.y} ${end.x} ${end.y}`,
    );
    this.#pull = { from, to };
    const why = to && this.#run.state.description && wireRefusal(this.#run.state.description, from, to);
    this.#pulled.classList.toggle("ends", to !== null && !why);
    this.#pulled.classList.toggle("refused", Boolean(why));
    if (to && why) this.#say([why], to);
    else this.#callout.hidden = true;
  }

  #drop() {
    this.#pull = null;
    setAttribute(this.#pulled, "d", "");
    this.#callout.hidden = true;
  }

  /**
   * A list of where the wire may go: for the keyboard, and for who clicks instead of pulling.
   *
   * @param {HTMLElement} port @param {Placed} from
   */
  #choose(port, from) {
    const { description } = this.#run.state;
    if (!description || !this.#stage.layout) return;
    const targets = this.#stage.layout.columns.filter(
      (column) => wireRefusal(description, from, column) === null,
    );
    const entries = targets.map((to) => ({
      label: nodeName(to.head),
      detail: TEXTS.whichReads({ inputs: to.inputs.map(nodeName).join(" and ") }),
      run: () => this.connect(from, to, port),
    }));
    openMenu(
      port,
      entries.length > 0
        ? TEXTS.connectTo({ name: nodeName(from.name) })
        : TEXTS.nothingCanRead({ name: nodeName(from.name) }),
      entries,
    );
  }

  /**
   * Connect two columns: at once where there is one way, else by a menu of the ways.
   *
   * @param {Placed} from @param {Placed} to @param {HTMLElement} anchor
   */
  connect(from, to, anchor) {
    const { description } = this.#run.state;
    if (!description) return;
    const why = wireRefusal(description, from, to);
    if (why) {
      this.#say([why], to);
      this.#run.notify(why, "error");
      return;
    }
    const ways = this.#ways(from, to);
    const [only] = ways;
    if (ways.length === 1 && only) only.run();
    else openMenu(anchor, TEXTS.to({ name: nodeName(from.name), head: nodeName(to.head) }), ways);
  }

  /** @param {Placed} from @param {Placed} to @returns {Entry[]} */
  #ways(from, to) {
    const reference = referenceTo(from, to) ?? "";
    const pointer = to.members[0]?.pointer ?? "";
    const present = this.#stage.layout?.columns.find(({ name }) => name === to.inputs[0]);
    const edit = (/** @type {(experiment: Experiment) => Experiment} */ change) => () => {
      const { experiment } = this.#run.state;
      if (experiment) this.#run.edit(change(experiment));
    };
    const { catalog } = this.#run.state;
    const shapes = { own: from.shape, theirs: present?.shape ?? from.shape };
    /** @type {(role: "sum" | "concatenation", way?: Choice[]) => () => void} */
    const also = (role, way = []) =>
      edit((experiment) => {
        const { kind } = nodeOfRole(catalog, role, shapes.own.length - 1);
        return addInput(catalog, experiment, pointer, reference, kind, way);
      });
    const shapesText = TEXTS.andNumbers({ theirs: shapeText(shapes.theirs), own: shapeText(shapes.own) });
    const same = String(shapes.own) === String(shapes.theirs);
    const fitting = same ? null : layerThatFits(catalog, shapes.own, shapes.theirs);
    const add = same
      ? [
          {
            label: TEXTS.addOutputs,
            detail: TEXTS.numberByNumber({ inputs: nodeName(to.inputs[0] ?? ""), name: nodeName(from.name) }),
            run: also("sum"),
          },
        ]
      : fitting
        ? [
            {
              label: TEXTS.addThroughA({ description: fitting.description }),
              detail: TEXTS.equalShapes({ shapesText }),
              run: also("sum", [fitting.layer]),
            },
          ]
        : [];
    const alike = String(shapes.own.slice(1)) === String(shapes.theirs.slice(1));
    const concatenate = alike
      ? [{ label: TEXTS.joinOutputs, detail: TEXTS.sideBySide({ shapesText }), run: also("concatenation") }]
      : [];
    const role = to.members[0]?.role;
    if (role === "sum")
      return add.length > 0 ? add : [{ label: TEXTS.addOutputs, detail: shapesText, run: also("sum") }];
    if (role === "concatenation")
      return [{ label: TEXTS.joinOutputs, detail: shapesText, run: also("concatenation") }];
    return [
      ...add,
      ...concatenate,
      {
        label: TEXTS.readInstead({ name: nodeName(from.name) }),
        detail: TEXTS.inThePlaceOf({ inputs: nodeName(to.inputs[0] ?? "") }),
        run: edit((experiment) => replaceInput(catalog, experiment, pointer, 0, reference)),
      },
    ];
  }

  /** A place on a wire: for a layer there, or for scissors. @param {Link} link */
  #joint(link) {
    const { from, to } = link;
    const x = link.over === null ? (from.x + from.size / 2 + to.x - to.size / 2) / 2 : (from.x + to.x) / 2;
    const y = link.over ?? (from.y + to.y) / 2;
    const label = TEXTS.changeConnectionFrom({ name: nodeName(from.name), head: nodeName(to.head) });
    const joint = element(
      "button",
      {
        type: "button",
        class: "insert joint",
        "aria-label": label,
        title: TEXTS.addLayerConnectionCut,
        "data-key": label,
      },
      icon("add"),
    );
    joint.addEventListener("click", () => this.#offer(joint, link));
    place(joint, x - 9, y - 9, 0, 0);
    return joint;
  }

  /** @param {HTMLElement} anchor @param {Link} link */
  #offer(anchor, { from, to }) {
    const pointer = to.members[0]?.pointer ?? "";
    const position = to.inputs.indexOf(from.name);
    const { catalog } = this.#run.state;
    const edit = (/** @type {(experiment: Experiment) => Experiment} */ change) => {
      const { experiment } = this.#run.state;
      if (experiment && position >= 0) this.#run.edit(change(experiment));
    };
    const scissors = {
      label: TEXTS.cutThisConnection,
      detail: to.inputs.length === 2 ? TEXTS.goesNothingLeftJoin({ head: nodeName(to.head) }) : "",
      icon: icon("remove"),
      run: () => edit((experiment) => cut(catalog, experiment, pointer, position)),
    };
    openMenu(anchor, TEXTS.to({ name: nodeName(from.name), head: nodeName(to.head) }), [
      scissors,
      ...layerEntries(this.#run, from.shape, (chain) =>
        edit((experiment) => insertOnWire(catalog, experiment, pointer, position, chain)),
      ),
    ]);
  }

  // Words where something cannot be --------------------------------------------------------------------

  /** What the server refused, where it is about. */
  #explain() {
    const { refusal, problems } = this.#run.state;
    const columns = this.#stage.layout?.columns ?? [];
    const column = refusal?.near
      .map((near) =>
        columns.find(({ name, members }) => name === near || members.some((member) => member.name === near)),
      )
      .find(Boolean);
    const problem = problems.find(({ pointer }) => pointer.startsWith("/network/"));
    if (refusal && column) this.#say(problem ? saidOf(problem, refusal.reason) : [refusal.reason], column);
    else this.#callout.hidden = true;
  }

  /** @param {(string | Node)[]} parts @param {Placed} column */
  #say(parts, column) {
    this.#callout.replaceChildren(...parts);
    this.#callout.hidden = false;
    const width = this.#layer.clientWidth;
    place(this.#callout, Math.max(130, Math.min(width - 130, column.x)), Math.max(8, column.top - 12), 0, 0);
  }
}

/**
 * A wire that was drawn by hand, or could have been: one of several that a node reads.
 *
 * @param {Catalog} catalog @param {Link} link
 */
function isLoose(catalog, { to }) {
  return to.inputs.length > 1 && joins(catalog, to.kind) && !ownsBlock(to);
}

/** @param {Placed} column @param {number} x @param {number} y */
function isOn(column, x, y) {
  return Math.abs(x - column.x) < column.size / 2 + NEAR && y > column.top - NEAR && y < column.foot + NEAR;
}

/**
 * The layer that gives one shape the size of another; null where none does.
 *
 * @param {Catalog} catalog @param {number[]} own @param {number[]} theirs
 * @returns {{ layer: Choice, description: string } | null}
 */
function layerThatFits(catalog, own, theirs) {
  const size = theirs[0] ?? 0;
  const sized = (/** @type {CatalogItem} */ { kind, size_option: option }) => ({
    kind,
    ...(option ? { [option]: size } : {}),
  });
  if (own.length === 1 && theirs.length === 1)
    return { layer: sized(nodeOfRole(catalog, "dense", 0)), description: TEXTS.denseLayerOf({ size }) };
  const alike = own.length === 3 && String(own.slice(1)) === String(theirs.slice(1));
  if (!alike) return null;
  const layer = { ...sized(nodeOfRole(catalog, "convolution", 2)), kernel: 1 };
  return { layer, description: TEXTS.convolutionOfFilters({ size }) };
}
