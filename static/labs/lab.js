/**
 * What every lab stands on: its place on the page, studies, the theme, and settings kept in the address.
 *
 * A lab is a module of its name beside this one, with a style, and an entry of LABS in `app/api/pages.py`.
 */

/** @import { Connection } from "../core/live.js" */
/** @import { JsonObject } from "../types.d.ts" */
/** @import { Newest, StudyListener } from "../core/studies.js" */
/** @import { Theme } from "../core/theme.js" */

import { studiesAddress } from "../core/api.js";
import { byId } from "../core/dom.js";
import { Live } from "../core/live.js";
import { fromBase64, toBase64 } from "../core/share_link.js";
import { notify } from "../core/shell.js";
import { Studies } from "../core/studies.js";
import { currentTheme, onTheme } from "../core/theme.js";
import { texts } from "../core/texts.js";
import { explainLabels } from "../widgets/explanations.js";

const TEXTS = texts(import.meta.url, {
  linkHoldsNo: "This link holds no settings that can be read.",
  connectionLostTryingAgain: "Connection lost; trying again.",
  serverAnswersNoStudies: "This server answers no studies.",
});

const PREFIX = "#l1=";

/** @returns {Lab} */
export function openLab() {
  explainLabels();
  return new Lab();
}

class Lab {
  /** Where the lab builds its page. */
  root = byId("lab");
  #studies = new Studies((command) => this.#live.request(command));
  #live = new Live(studiesAddress(), {
    frame: (frame) => this.#studies.take(frame),
    message: (message) => message["type"] === "study" && this.#studies.hear(message),
    connection: (connection) => this.#connected(connection),
  });
  /** @type {Map<string, Newest>} */
  #slots = new Map();

  /** @returns {Theme} */
  get theme() {
    return currentTheme();
  }

  /** Paint now, and whenever the theme is another. @param {() => void} paint */
  onTheme(paint) {
    onTheme(paint);
    paint();
  }

  /**
   * Begin a study. `frame` is called with each decoded frame, `state` with how it stands: waiting, running
   * (with `done` from 0 to 1), done, cancelled, or failed (with `detail`, and `problems` where refused).
   *
   * @param {JsonObject} document `{ kind, … }` @param {StudyListener} listener
   * @returns {{ cancel: () => void }}
   */
  study(document, listener) {
    return this.#studies.study(document, listener);
  }

  /**
   * Study this document in the place of the one before in the same slot: for sliders and drags, as often
   * as they move. A new study begins when the one before has shown something; those between are left out.
   *
   * @param {JsonObject} document @param {StudyListener} listener @param {string} [slot]
   */
  latest(document, listener, slot = "") {
    let place = this.#slots.get(slot);
    if (!place) this.#slots.set(slot, (place = this.#studies.newest()));
    place.show(document, listener);
  }

  /** End what a slot studies. @param {string} [slot] */
  cancel(slot = "") {
    this.#slots.get(slot)?.cancel();
  }

  /** Keep settings in the address, so that its link opens the same lab. @param {JsonObject} settings */
  remember(settings) {
    history.replaceState(null, "", PREFIX + toBase64(new TextEncoder().encode(JSON.stringify(settings))));
  }

  /** The settings in the address. @returns {JsonObject | null} */
  remembered() {
    if (!location.hash.startsWith(PREFIX)) return null;
    try {
      return JSON.parse(new TextDecoder().decode(fromBase64(location.hash.slice(PREFIX.length))));
    } catch {
      this.notify(TEXTS.linkHoldsNo, "error");
      return null;
    }
  }

  /** Say something for a few seconds. @param {string} text @param {"info" | "error"} [tone] */
  notify(text, tone) {
    notify(text, tone);
  }

  /** @param {Connection} connection */
  #connected(connection) {
    if (connection === "connecting") return;
    document.body.toggleAttribute("data-stale", connection !== "open");
    if (connection === "open") {
      this.#studies.connected();
    } else {
      this.#studies.lost();
      this.notify(
        connection === "lost" ? TEXTS.connectionLostTryingAgain : TEXTS.serverAnswersNoStudies,
        "error",
      );
    }
  }
}

/** @typedef {Lab} OpenLab */
