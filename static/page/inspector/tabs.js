/**
 * The inspector's tabs in two groups, of the selected unit and of the whole network. A panel is built when it is first
 * opened.
 */

/** @import { State } from "../../run/state.js" */
/** @import { InspectorTab } from "../../widgets/lazy_panel.js" */

import { element, setAttribute, setText } from "../../core/dom.js";
import { rememberedTab, rememberTab } from "../panes.js";
import { aboutTime, durationOf } from "./durations.js";
import { TabLine } from "./tab_line.js";
import { WORDS } from "./words.js";

/**
 * @typedef {object} Tab
 * @property {HTMLButtonElement} button
 * @property {HTMLElement} time
 * @property {HTMLElement | null} panel null until it is opened
 * @property {AbortController | null} shown what ends all that the panel watches
 */

export class Tabs {
  #unit = new TabLine(WORDS.unitTabs);
  #network = new TabLine(WORDS.networkTabs);
  element = element("div", { class: "tab-groups" }, this.#unit.element, this.#network.element);
  /** The one on screen; null for the node itself. @type {InspectorTab | null} */
  open = null;
  #body;
  #build;
  /** @type {Map<InspectorTab | null, Tab>} */
  #tabs = new Map();
  /** @type {() => void} */
  #chosen = () => {};
  #asked = false;
  /** @type {InspectorTab[]} */
  #offered = [];

  /**
   * @param {InspectorTab[]} all @param {HTMLElement} body @param {HTMLElement} node @param {(tab: InspectorTab,
   * signal: AbortSignal) => HTMLElement} build the panel of a tab, which ends with the signal
   */
  constructor(all, body, node, build) {
    this.#body = body;
    this.#build = build;
    this.#add(null, WORDS.node);
    this.#place(null, node);
    for (const each of all) this.#add(each, each.title);
    for (const { list } of [this.#unit, this.#network])
      list.addEventListener("keydown", (event) => this.#turn(event));
    const resized = new ResizeObserver(() => this.#fit());
    for (const each of [this.element, this.#network.element]) resized.observe(each);
    this.#choose(null);
  }

  /** Each group has one line, or both have one: the unit's tabs come first, the network's have what is left. */
  #fit() {
    if (this.element.clientWidth === 0) return;
    this.#unit.fit(this.element.clientWidth);
    this.#network.fit(this.#network.element.clientWidth);
  }

  /** @param {() => void} listener */
  onChosen(listener) {
    this.#chosen = listener;
  }

  /** Show the tabs of these and no others. @param {InspectorTab[]} offered */
  offer(offered) {
    this.#offered = offered;
    if (this.open && !offered.includes(this.open)) this.#choose(null);
    for (const [each, { button }] of this.#tabs) button.hidden = each !== null && !offered.includes(each);
    this.#fit();
    if (this.#asked) return;
    this.#asked = true; // the tab that was open on the last visit, where it is offered
    const last = rememberedTab();
    if (last !== null) this.turnTo(last, false);
  }

  /**
   * Show the tab of this id, where it is offered and no other was chosen, or in its place.
   *
   * @param {string} id @param {boolean} instead
   */
  turnTo(id, instead) {
    const found = this.#offered.find((each) => each.id === id);
    if (found && (instead || this.open === null)) this.#choose(found);
  }

  /** Put the focus on the tab that is open. */
  focus() {
    this.#tabs.get(this.open)?.button.focus();
  }

  /** Leave the whole network for the node. */
  leaveWhole() {
    if (this.open?.whole) this.#choose(null);
  }

  /**
   * Say before a tab is pressed what it computes and for how long about.
   *
   * @param {Pick<State, "description" | "experiment" | "status">} state
   */
  estimate({ description, experiment, status }) {
    const stepsPerEpoch = status?.steps_per_epoch ?? 1;
    const cost = { description, experiment, rate: status?.samples_per_second || undefined, stepsPerEpoch };
    for (const [each, { button, time }] of this.#tabs) {
      const found = each && durationOf(each.id, cost);
      setText(time, found ? aboutTime(found.seconds) : "");
      setAttribute(
        button,
        "title",
        found ? WORDS.computes({ what: found.computes, time: aboutTime(found.seconds) }) : null,
      );
    }
    this.#fit();
  }

  /** The user chose a tab. @param {InspectorTab | null} chosen */
  #turnBy(chosen) {
    if (!chosen?.whole) rememberTab(chosen?.id ?? "");
    this.#choose(chosen);
  }

  /** @param {InspectorTab | null} each @param {string} title */
  #add(each, title) {
    const id = each?.id ?? "node";
    const attributes = { type: "button", role: "tab", id: `tab-${id}`, onclick: () => this.#turnBy(each) };
    const time = element("small", { class: "tab-time", "aria-hidden": "true" });
    const button = /** @type {HTMLButtonElement} */ (element("button", attributes, title, time));
    this.#tabs.set(each, { button, time, panel: null, shown: null });
    const line = each?.group === "network" ? this.#network : this.#unit;
    line.add({ button, title, time, choose: () => this.#turnBy(each) });
  }

  /** @param {InspectorTab | null} each @param {HTMLElement} panel */
  #place(each, panel) {
    const tab = this.#tabs.get(each);
    if (!tab) return;
    panel.id = `panel-${each?.id ?? "node"}`;
    tab.button.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.button.id);
    tab.panel = panel;
    this.#body.append(panel);
  }

  /** Another run: what a panel was asked to compute of the last one goes with the panel, which is built anew. */
  forget() {
    for (const [each, tab] of this.#tabs) {
      if (each === null || each.reads || !tab.panel) continue;
      tab.shown?.abort();
      tab.panel.remove();
      tab.button.removeAttribute("aria-controls");
      tab.panel = null;
    }
    if (this.open && !this.open.reads) this.#choose(null);
  }

  /** @param {InspectorTab | null} chosen */
  #choose(chosen) {
    this.open = chosen;
    const tab = chosen && this.#tabs.get(chosen);
    if (tab && !tab.panel) {
      tab.shown = new AbortController();
      this.#place(chosen, this.#build(chosen, tab.shown.signal));
    }
    for (const [each, { button, panel }] of this.#tabs) {
      const open = each === chosen;
      if (panel) panel.hidden = !open;
      button.setAttribute("aria-selected", String(open));
      button.tabIndex = open ? 0 : -1;
    }
    this.#fit();
    this.#tabs.get(chosen)?.button.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.#body.classList.toggle("tall", chosen?.tall ?? false);
    this.#body.scrollTop = 0;
    this.#chosen();
  }

  /** Arrow keys, Home and End go through both groups. @param {KeyboardEvent} event */
  #turn(event) {
    const offered = [...this.#tabs].filter(([, { button }]) => !button.hidden);
    const now = offered.findIndex(([, { button }]) => button === document.activeElement);
    const to = { ArrowRight: (now + 1) % offered.length, ArrowLeft: now - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = offered.at(to);
    if (!next) return;
    this.#turnBy(next[0]);
    next[1].button.focus();
  }
}
