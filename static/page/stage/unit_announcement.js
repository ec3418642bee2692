/** What is said of the unit that the keyboard is on: at once, and again when its picture comes later. */

import { announceMove } from "../../core/announce.js";

/** @typedef {{ text: string, pictured: boolean }} UnitHint an empty text where the keyboard is on no unit */

export class UnitAnnouncement {
  #hint;
  #say;
  /** Whether what was said lacked the range of the unit's picture: a new layer's comes after the layer. */
  #lacking = false;

  /**
   * @param {() => UnitHint} hint of the unit that the keyboard is on, as it is known now
   * @param {typeof announceMove} [say]
   */
  constructor(hint, say = announceMove) {
    this.#hint = hint;
    this.#say = say;
  }

  /** The keyboard has come to a unit. */
  tell() {
    this.#lacking = false;
    this.#say("unit", () => {
      const { text, pictured } = this.#hint();
      this.#lacking = text !== "" && !pictured;
      return text || null;
    });
  }

  /** Pictures have come: where the unit's is among them and was lacking, the unit is said anew. */
  complete() {
    if (this.#lacking && this.#hint().pictured) this.tell();
  }
}
