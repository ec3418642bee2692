/** Fills the pad for the chosen runner, a moment after something has changed. */

/** @import { Catalog, JsonObject } from "../../types.d.ts" */
/** @import { Context } from "../../form/field.js" */
/** @import { OpenLab } from "../lab.js" */
/** @import { Entry } from "./examples.js" */
/** @import { Pad } from "./pad.js" */
/** @import { Settings } from "./settings.js" */

import { texts } from "../../core/texts.js";
import { showProblems } from "../../form/form.js";
import { findItem } from "../../catalog/catalog.js";
import { padOf } from "./settings.js";

const TEXTS = texts(import.meta.url, {
  of: " of {name}",
  noMomentum: "{name} has no momentum. Choose a runner that has.",
});

/** Milliseconds of quiet before the pad is filled anew. */
const WAIT = 180;

/** What optimizers call their momentum, as it is written on the axis. @type {Record<string, string>} */
const SYMBOLS = { momentum: "momentum μ", beta: "momentum β", beta1: "β₁" };

export class Filling {
  #lab;
  #pad;
  #catalog;
  #fields;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #waiting;

  /**
   * @param {OpenLab} lab @param {Pad} pad @param {Catalog} catalog @param {Context["fields"]} fields where
   * refusals are shown
   */
  constructor(lab, pad, catalog, fields) {
    this.#lab = lab;
    this.#pad = pad;
    this.#catalog = catalog;
    this.#fields = fields;
  }

  /** What an optimizer calls its momentum; null where it has none. @param {Entry | undefined} runner */
  inertiaOf(runner) {
    return findItem(this.#catalog, String(runner?.optimizer["kind"]), ["optimizers"])?.inertia ?? null;
  }

  /** @param {Settings} settings @param {Entry | undefined} runner @param {string} name of the runner */
  fill(settings, runner, name) {
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => this.#fillNow(settings, runner, name), WAIT);
  }

  /** Mark where the runner stands. @param {Entry | undefined} runner @param {string} name */
  mark(runner, name) {
    const inertia = this.inertiaOf(runner);
    const at =
      runner && inertia
        ? { rate: Number(runner.optimizer["learning_rate"]), momentum: Number(runner.optimizer[inertia]) }
        : null;
    this.#pad.mark(runner ? TEXTS.of({ name }) : "", SYMBOLS[inertia ?? ""] ?? "momentum", at);
  }

  /** @param {Settings} settings @param {Entry | undefined} runner @param {string} name */
  #fillNow(settings, runner, name) {
    const inertia = this.inertiaOf(runner);
    if (!runner || !inertia) {
      this.#lab.cancel("pad");
      this.#pad.clear(TEXTS.noMomentum({ name }));
      return;
    }
    const most = Number(settings.pad["steps"]);
    this.#lab.latest(
      padOf(settings, runner.optimizer, inertia),
      {
        frame: (frame) => this.#pad.take(frame, most),
        state: ({ state, detail, problems }) => {
          if (state !== "failed") return;
          this.#pad.clear("");
          const own = (problems ?? []).map(({ pointer, message }) => ({
            pointer: pointer.replace(/^\/study/, "/pad"),
            message,
          }));
          const homeless = showProblems(
            this.#fields,
            own.filter(({ pointer }) => this.#fields.has(pointer)),
          );
          if (own.length === 0 || homeless.length > 0) this.#pad.clear(detail ?? "");
        },
      },
      "pad",
    );
  }
}
