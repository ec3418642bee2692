/** Notices at the edge of a page: what was done, or why it was not. Several stand together, each for its time. */

import { element, icon } from "./dom.js";

/** How many stand at once; of more, the oldest go. */
export const MOST = 3;

/** Milliseconds for which a notice stands. */
const STANDING = { error: 7000, info: 4000 };

/** @typedef {"info" | "error"} Tone */
/** @typedef {{ text: string, tone: Tone, about: string }} Notice */

/**
 * The notices that stand once another is given: it takes the place of one about the same thing, and of no other.
 *
 * @param {readonly Notice[]} standing @param {Notice} notice @returns {Notice[]} the newest last
 */
export function withNotice(standing, notice) {
  return [...standing.filter(({ about }) => about !== notice.about), notice].slice(-MOST);
}

/** The lines in which notices stand. A line that stays is left alone, so that only what is new is read aloud. */
export class NoticeLines {
  #place;
  #expired;
  /** @type {Map<Notice, { line: HTMLElement, timer: ReturnType<typeof setTimeout> }>} */
  #lines = new Map();

  /** @param {HTMLElement} place @param {(notice: Notice) => void} expired called when a notice has stood its time */
  constructor(place, expired) {
    this.#place = place;
    this.#expired = expired;
  }

  /** @param {readonly Notice[]} notices those that stand now, the newest last */
  show(notices) {
    for (const [notice, { line, timer }] of this.#lines) {
      if (notices.includes(notice)) continue;
      clearTimeout(timer);
      line.remove();
      this.#lines.delete(notice);
    }
    for (const notice of notices) if (!this.#lines.has(notice)) this.#add(notice);
  }

  /** @param {Notice} notice */
  #add(notice) {
    const { text, tone } = notice;
    const line = element("p", { class: tone }, tone === "error" ? icon("warning") : null, text);
    this.#place.append(line);
    const timer = setTimeout(() => this.#expired(notice), STANDING[tone]);
    this.#lines.set(notice, { line, timer });
  }
}

/**
 * A way to say things at the edge of a page, beside whatever else stands there.
 *
 * @param {HTMLElement} edge @returns {(text: string, tone?: Tone) => void}
 */
export function noticesAt(edge) {
  const place = element("div", { class: "said" });
  edge.append(place);
  /** @type {Notice[]} */
  let standing = [];
  const lines = new NoticeLines(place, (expired) => {
    standing = standing.filter((notice) => notice !== expired);
    lines.show(standing);
  });
  return (text, tone = "info") => {
    standing = withNotice(standing, { text, tone, about: text });
    lines.show(standing);
  };
}
