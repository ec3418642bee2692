/** The inspector: what the selected unit is and does, and ways of looking into the whole network. */

/** @import { Reason } from "../../core/explained.js" */
/** @import { Offer } from "../../core/offers.js" */
/** @import { JsonObject } from "../../types.d.ts" */
/** @import { RunControl } from "../../run/run.js" */
/** @import { Stage } from "../stage/stage.js" */
/** @import { Placed } from "../../network/layout.js" */
/** @import { InspectorTab } from "../../widgets/lazy_panel.js" */

import { explainedBy } from "../../core/explained.js";
import { element, iconButton, setText } from "../../core/dom.js";
import { removeColumn } from "../../network/graph.js";
import { isEqual } from "../../core/json.js";
import { offer } from "../../core/offers.js";
import { texts } from "../../core/texts.js";
import { inputNames } from "../../catalog/catalog.js";
import { unitName } from "../../network/names.js";
import { runUntil } from "../../run/run_until.js";
import { declaredTabs } from "../declared_panels.js";
import { NodePanel } from "./node_panel.js";
import { TABS } from "./panels.js";
import { PanelStatus } from "../../widgets/panel_status.js";
import { clearPictures, onLeave, untilFirstFrame } from "../../widgets/until_first_frame.js";
import { Tabs } from "./tabs.js";
import { WORDS } from "./words.js";
import { Workspace } from "./workspace.js";

const TEXTS = texts(import.meta.url, {
  of: "{own} of {units}",
});

export class Inspector {
  #run;
  #stage;
  #node;
  #title = explainedBy(element("h2", {}), () => this.#explanation());
  #remover = this.#removeButton();
  /** @type {InspectorTab[]} */
  #all;
  #tabs;
  #workspace;
  #state;
  /** @type {Set<() => void>} */
  #listeners = new Set();

  /** @param {HTMLElement} root @param {RunControl} run @param {Stage} stage */
  constructor(root, run, stage) {
    this.#run = run;
    this.#stage = stage;
    this.#node = new NodePanel(run, stage);
    this.#all = [...TABS, ...declaredTabs(run.state.catalog)];
    const body = element("div", { class: "inspector-body" });
    this.#tabs = new Tabs(this.#all, body, this.#node.element, (tab, signal) => {
      const own = runUntil(run, signal);
      return untilFirstFrame(own, tab.build(own, stage), tab.reads ?? []);
    });
    clearPictures(run, [body]);
    onLeave(run, () => this.#tabs.forget());
    this.#tabs.onChosen(() => {
      this.#name();
      this.#state.say();
      this.#tell();
    });
    this.#workspace = new Workspace(root, body);
    this.#state = new PanelStatus(
      run,
      this.#all.flatMap(({ reads = [] }) => reads),
      () => this.#tabs.open,
    );
    body.prepend(this.#state.place);
    root.setAttribute("role", "region");
    root.setAttribute("aria-label", WORDS.name);
    root.append(this.#head(), body);
    this.#watch();
    offer(() => this.#offers());
  }

  #head() {
    const buttons = element(
      "div",
      { class: "inspector-buttons" },
      this.#remover,
      this.#workspace.places,
      iconButton("down", WORDS.close, () => this.#run.select(null)),
    );
    return element(
      "div",
      { class: "inspector-head" },
      element("div", { class: "inspector-title" }, this.#title, this.#state.label, buttons),
      this.#tabs.element,
    );
  }

  #watch() {
    const { store } = this.#run;
    store.watch(
      (state) => state.selected,
      (selected) => {
        this.#workspace.show(selected !== null);
        this.#tabs.leaveWhole();
        this.#show();
        this.#tell();
      },
    );
    store.watch(
      (state) => state.unit,
      () => this.#show(),
    );
    store.watch(
      ({ description, status }) => `${description?.totals.macs} ${status?.state} ${status?.steps_per_epoch}`,
      () => this.#tabs.estimate(this.#run.state),
    );
    this.#stage.onArranged(() => {
      this.#show();
      this.#openBegun();
    });
    this.#stage.onInspect((tab, instead) => this.#tabs.turnTo(tab, instead));
  }

  /** Show the panel of a study that is to begin: it begins it. */
  #openBegun() {
    const { begins } = this.#run.state;
    const output = this.#stage.layout?.columns.at(-1);
    if (begins && output) this.#stage.inspect(output.name, 0, begins, true);
  }

  /** Its tabs for the palette: of the selected unit, or of the output. @returns {Offer[]} */
  #offers() {
    const column = this.#column ?? this.#stage.layout?.columns.at(-1);
    if (!column) return [];
    const unit = this.#column ? this.#run.state.unit : 0;
    return this.#all
      .filter((tab) => tab.applies(this.#run, column))
      .map(({ id, title, shows }) => ({
        id: `tab ${id}`,
        group: WORDS.name,
        label: title,
        detail: shows,
        typed: true,
        act: () => {
          this.#stage.inspect(column.name, unit, id, true);
          this.#tabs.focus();
        },
      }));
  }

  /** What the open tab asks the run for. @returns {JsonObject[]} */
  demand() {
    const asking = this.#all.filter((tab) => tab.keeps || (this.#column && tab === this.#tabs.open));
    const probes = asking.flatMap((tab) => tab.demand?.(this.#run, this.#stage) ?? []);
    return probes.filter((probe, index) => probes.findIndex((other) => isEqual(other, probe)) === index);
  }

  /** @param {() => void} listener called when another tab is open, or none */
  onChange(listener) {
    this.#listeners.add(listener);
  }

  #tell() {
    this.#listeners.forEach((listener) => listener());
  }

  get #column() {
    const { selected } = this.#run.state;
    return this.#stage.layout?.columns.find(({ name }) => name === selected) ?? null;
  }

  #removeButton() {
    const remove = () => {
      const { experiment, catalog } = this.#run.state;
      if (experiment && this.#column && this.#column.members.length > 0)
        this.#run.edit(removeColumn(catalog, experiment, this.#column));
    };
    return iconButton("trash", WORDS.remove, remove, { class: "icon-button needs-control" });
  }

  #show() {
    const column = this.#column;
    if (!column) return;
    this.#tabs.offer(this.#all.filter((tab) => tab.applies(this.#run, column)));
    this.#name();
    this.#state.say();
    this.#tabs.estimate(this.#run.state);
    this.#node.show(column);
  }

  /** What explains the open tab: its own term, its probe or study, or the selected node. @returns {Reason} */
  #explanation() {
    const { open } = this.#tabs;
    return open ? { term: `panel_${open.id}`, kind: open.id } : { kind: this.#column?.kind ?? "" };
  }

  /** What the open tab is about. */
  #name() {
    const column = this.#column;
    if (!column) return;
    const whole = this.#tabs.open?.group === "network";
    document.body.dataset["inspected"] = whole ? "network" : "unit"; // of a network no unit is marked
    this.#remover.hidden = whole; // the panel shows no single layer
    const title = whole ? WORDS.network : this.#unitName(column);
    setText(this.#title, title);
    this.#title.title = title; // where it is cut
  }

  /** @param {Placed} column */
  #unitName(column) {
    const { unit, catalog, experiment } = this.#run.state;
    const own = unitName(column, unit, experiment ? inputNames(catalog, experiment) : []);
    return column.tiled && !column.data ? TEXTS.of({ own, units: column.units }) : own;
  }
}
