/** The left column: data, features, training, regularisation, each form made from the schema. */

/** @import { Catalog, Experiment, Json, Schema, JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { Context, Control } from "../form/field.js" */

import { element, setText } from "../core/dom.js";
import { control, groupControl, listControl, variantControl } from "../form/form.js";
import { resolved } from "../form/schema.js";
import { insertNodes } from "../network/graph.js";
import { isObject, withValue } from "../core/json.js";
import { texts } from "../core/texts.js";
import { augmentationStripPanel } from "../panels/augmentation_strip.js";
import { dataset, findItem, nodeItem, nodeOfRole, roleOf, takes } from "../catalog/catalog.js";
import { showFieldProblems } from "./field_problems.js";
import { previewOf } from "./preview.js";
import { DataSource, isDecided } from "./data/source.js";

const TEXTS = texts(import.meta.url, {
  more: "More",
  data: "Data",
  training: "Training",
  regularisation: "Regularisation",
  stopping: "Stopping",
  features: "Features",
});

/** Fields that most people leave alone; folded away, in the order of the schema. */
const RARE = new Set([
  "last_batch",
  "evaluate_every",
  "device",
  "precision",
  "deterministic",
  "compile",
  "shuffle",
]);

export class Settings {
  #run;
  /** @type {Context} */
  #context;
  #source;
  /** What the data are. */
  #note = element("p", { class: "note" });

  /** @param {HTMLElement} root @param {RunControl} run */
  constructor(root, run) {
    this.#run = run;
    const { catalog, schema } = run.state;
    this.#context = {
      root: schema,
      change: (pointer, value) => this.#change(pointer, value),
      item: (kind) => findItem(catalog, kind),
      fields: new Map(),
    };
    this.#source = new DataSource(run, (wanted, network) => this.#changeData(wanted, network));
    const fieldset = element("fieldset", { class: "forms" }, ...this.#sections(schema));
    root.append(fieldset);
    const { store } = run;
    store.watch(
      (state) => state.run?.control ?? false,
      (allowed) => (fieldset.disabled = !allowed),
    );
    store.watch(
      (state) => state.experiment,
      (experiment) => experiment && this.#update(experiment),
    );
    showFieldProblems(run, this.#context.fields);
  }

  /** @type {[string, Control][]} pointers and their controls */
  #controls = [];

  /** @param {Schema} schema */
  #sections(schema) {
    const training = resolved(schema, schema.properties?.["training"] ?? {});
    const update = resolved(schema, resolved(schema, training.properties?.["updates"] ?? {}).items ?? {});
    const losses = schema.properties?.["task"];
    const context = this.#context;
    const data = this.#add(
      "/data",
      variantControl(
        context,
        "/data",
        "data",
        schema.properties?.["data"] ?? {},
        (name, kind) => !["kind", "features"].includes(name) && !isDecided(name, kind),
      ),
    );
    const note = this.#note;
    const features = element("div", {});
    this.#showFeatures(features);
    const optimizer = this.#add(
      "/training/updates/0/optimizer",
      control(context, "/training/updates/0/optimizer", "optimizer", update.properties?.["optimizer"] ?? {}),
    );
    const schedule = this.#add(
      "/training/updates/0/schedule",
      control(context, "/training/updates/0/schedule", "schedule", update.properties?.["schedule"] ?? {}),
    );
    const loss = element("div", {});
    this.#showLoss(loss, losses ?? {});
    const usual = this.#add(
      "/training",
      groupControl(context, "/training", training, (name) => name === "batch_size" || name === "epochs"),
    );
    const rare = this.#add(
      "/training",
      groupControl(context, "/training", training, (name) => RARE.has(name)),
    );
    const seed = this.#add("/seed", control(context, "/seed", "seed", schema.properties?.["seed"] ?? {}));
    const list = this.#add(
      "/training/regularizers",
      listControl(
        context,
        "/training/regularizers",
        "regularizers",
        training.properties?.["regularizers"] ?? {},
      ),
    );
    const stops = this.#add(
      "/training/stops",
      listControl(context, "/training/stops", "stops", training.properties?.["stops"] ?? {}),
    );
    const more = element(
      "details",
      { class: "more" },
      element("summary", {}, TEXTS.more),
      rare.element,
      seed.element,
    );
    return [
      section(TEXTS.data, data.element, augmentationStripPanel(this.#run), this.#source.element, note),
      features,
      section(
        TEXTS.training,
        element(
          "div",
          { class: "group" },
          loss,
          previewOf(this.#run, "loss", loss),
          optimizer.element,
          schedule.element,
          previewOf(this.#run, "rate", schedule.element),
          usual.element,
        ),
        more,
      ),
      section(TEXTS.regularisation, list.element),
      section(TEXTS.stopping, stops.element),
    ];
  }

  /**
   * What a data set is: the one that is chosen, also while it must be fetched or uploaded first.
   *
   * @param {Experiment} experiment
   */
  #showData(experiment) {
    const summary = dataset(this.#run.state.catalog, experiment)?.summary ?? "";
    const text = summary.replace(/^[^:]*:\s*/, "").replace(/^./, (first) => first.toUpperCase());
    setText(this.#note, text);
  }

  /**
   * Features are a matter of data sets of the plane alone.
   *
   * @param {HTMLElement} place
   */
  #showFeatures(place) {
    let kind = "";
    this.#run.store.watch(
      (state) => state.experiment?.data,
      (data) => {
        if (!data) return;
        const { schema, experiment } = this.#run.state;
        if (experiment) this.#showData(experiment);
        const mapping = schema.properties?.["data"]?.discriminator?.mapping ?? {};
        const features = resolved(schema, { $ref: mapping[data.kind] ?? "#" }).properties?.["features"];
        if (data.kind !== kind) {
          kind = data.kind;
          this.#controls = this.#controls.filter(([pointer]) => pointer !== "/data/features");
          if (!features || !("features" in data)) return place.replaceChildren();
          const marks = this.#add(
            "/data/features",
            control(this.#context, "/data/features", "features", features),
          );
          place.replaceChildren(section(TEXTS.features, marks.element));
        }
      },
    );
  }

  /**
   * The first loss stands here; a second is for the few who need one.
   *
   * @param {HTMLElement} place @param {Schema} schema
   */
  #showLoss(place, schema) {
    let kind = "";
    this.#run.store.watch(
      (state) => state.experiment?.task,
      (task) => {
        if (!task || task.kind === kind) return;
        kind = task.kind;
        const mapping = resolved(this.#run.state.schema, schema).discriminator?.mapping ?? {};
        const losses = resolved(this.#run.state.schema, { $ref: mapping[kind] ?? "#" }).properties?.[
          "losses"
        ];
        const items = losses && resolved(this.#run.state.schema, losses).items;
        this.#controls = this.#controls.filter(([pointer]) => pointer !== "/task/losses/0");
        if (!items) return;
        const made = this.#add(
          "/task/losses/0",
          variantControl(this.#context, "/task/losses/0", "loss", items, () => false),
        );
        place.replaceChildren(made.element);
      },
    );
  }

  /** @param {string} pointer @param {Control} made @returns {Control} */
  #add(pointer, made) {
    this.#controls.push([pointer, made]);
    return made;
  }

  /** @param {Experiment} experiment */
  #update(experiment) {
    for (const [pointer, each] of this.#controls) each.update(at(experiment, pointer));
  }

  /** @param {string} pointer @param {Json} value */
  #change(pointer, value) {
    const { experiment } = this.#run.state;
    if (!experiment) return;
    const after = withValue(experiment, pointer, value);
    if (pointer === "/data" && after.data.kind !== experiment.data.kind) void this.#chooseData(after);
    else this.#run.edit(after, pointer);
  }

  /** Data that are not there come first. @param {Experiment} wanted */
  async #chooseData(wanted) {
    try {
      if (await this.#source.waits(wanted)) this.#showData(wanted);
      else this.#changeData(wanted);
    } catch (error) {
      this.#run.explain(error);
    }
  }

  /**
   * Other data may want another task (classes, values or masks), or vectors where images came: what follows
   * from the choice is done with it, as one edit.
   *
   * @param {Experiment} wanted @param {JsonObject[] | null} [own] a network that fits own data
   */
  #changeData(wanted, own) {
    const { catalog, presets, experiment } = this.#run.state;
    const { classes, family, network } = dataset(catalog, wanted) ?? {};
    const task = catalog["tasks"]?.find((item) => item.family === family)?.kind ?? wanted.task.kind;
    let after = wanted;
    if (wanted.task.kind !== task) {
      const like =
        presets.find(
          ({ experiment }) => experiment.task.kind === task && experiment.data.kind === wanted.data.kind,
        ) ?? presets.find(({ experiment }) => experiment.task.kind === task);
      const losses = [{ kind: classes ? "cross_entropy" : "mse", node: null, weight: 1 }];
      after = { ...after, task: { kind: task, losses: like?.experiment.task.losses ?? losses } };
      after = withNetworkFor(catalog, after, own ?? network, like?.experiment);
    } else if (own && family === "boxes" && classes?.length !== classesOf(catalog, experiment)) {
      after = withNetworkFor(catalog, after, own); // as many numbers a cell as there are classes
    }
    const loss = findItem(catalog, after.task.losses[0]?.kind ?? "", ["losses"]);
    if (classes && classes.length > 2 && loss?.among_many) {
      after = {
        ...after,
        task: { ...after.task, losses: [{ kind: loss.among_many, node: null, weight: 1 }] },
      };
    }
    const flat = dataset(catalog, wanted)?.shape?.length === 1;
    const first = after.network[0];
    if (
      flat &&
      first &&
      roleOf(catalog, first.kind) === "flattening" &&
      !after.network.some(({ inputs }) => inputs?.includes(first.name))
    ) {
      after = { ...after, network: after.network.slice(1) };
    }
    if (!flat) after = flattened(catalog, after);
    this.#run.edit(after);
  }
}

/** How many classes the data have. @param {Catalog} catalog @param {Experiment | null} experiment */
const classesOf = (catalog, experiment) => experiment && dataset(catalog, experiment)?.classes?.length;

/**
 * Masks want an answer for each pixel, and boxes candidates for boxes: the network goes with them.
 *
 * @param {Catalog} catalog @param {Experiment} experiment @param {JsonObject[] | null | undefined} network of the data
 * @param {Experiment} [like] that has the same task
 * @returns {Experiment}
 */
function withNetworkFor(catalog, experiment, network, like) {
  const own = like?.data.kind === experiment.data.kind ? like.network : network;
  const judged = experiment.network.at(-1);
  const item = judged && nodeItem(catalog, judged.kind);
  const answersMaps = item && !takes(item, 0);
  const fitting = own ?? (answersMaps ? like?.network : null);
  return fitting ? { ...experiment, network: /** @type {Experiment["network"]} */ (fitting) } : experiment;
}

/**
 * Images become a row of numbers before the first node that takes nothing else, unless something does so
 * already.
 *
 * @param {Catalog} catalog @param {Experiment} experiment @returns {Experiment}
 */
function flattened(catalog, experiment) {
  const rows = experiment.network.findIndex(({ kind }) => {
    const item = nodeItem(catalog, kind);
    return item !== undefined && takes(item, 0) && !takes(item, 2);
  });
  const roles = experiment.network.map(({ kind }) => roleOf(catalog, kind));
  if (rows < 0 || roles.includes("flattening") || roles.includes("convolution")) return experiment;
  return insertNodes(experiment, "/network", rows, [{ kind: nodeOfRole(catalog, "flattening", 2).kind }]);
}

/** @param {Experiment} experiment @param {string} pointer @returns {Json} */
function at(experiment, pointer) {
  /** @type {unknown} */
  let value = experiment;
  for (const part of pointer.split("/").slice(1)) {
    if (Array.isArray(value)) value = value[Number(part)];
    else if (isObject(value)) value = value[part];
  }
  return /** @type {Json} */ (value ?? null);
}

/** @param {string} title @param {...(Node | string)} content */
export function section(title, ...content) {
  return element("section", { class: "section" }, element("h2", { class: "caption" }, title), ...content);
}
