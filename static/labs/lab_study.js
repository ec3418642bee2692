/** The one study of a lab: its settings, kept in the address, and its newest frame. */

/** @import { Frame, JsonObject } from "../types.d.ts" */
/** @import { StudyState } from "../core/studies.js" */
/** @import { OpenLab } from "./lab.js" */

/** @template {object} Settings */
export class LabStudy {
  /** @type {Frame | null} */
  newest = null;
  /** @type {Settings} */
  settings;
  #lab;
  #kind;
  #listener;

  /**
   * @param {OpenLab} lab @param {string} kind of the study @param {Settings} settings its options, for which
   * those of the address stand in
   * @param {{ frame: (frame: Frame) => void, state: (state: StudyState) => void }} listener
   */
  constructor(lab, kind, settings, listener) {
    this.#lab = lab;
    this.#kind = kind;
    this.#listener = listener;
    this.settings = { ...settings, ...lab.remembered() };
  }

  /** Change settings, and study anew. @param {Partial<Settings>} changed */
  set(changed) {
    Object.assign(this.settings, changed);
    this.#lab.remember(/** @type {JsonObject} */ (this.settings));
    this.ask();
  }

  ask() {
    this.#lab.latest(
      { kind: this.#kind, .../** @type {JsonObject} */ (this.settings) },
      {
        frame: (frame) => {
          this.newest = frame;
          this.#listener.frame(frame);
        },
        state: this.#listener.state,
      },
    );
  }

  /**
   * An array of the newest frame; nothing where it has none of the name.
   *
   * @param {string} name @returns {ArrayLike<number>}
   */
  data(name) {
    return this.newest?.arrays.get(name)?.data ?? [];
  }
}
