/**
 * Words at the edge of the page: that the connection is lost, what was done or refused, and which changes still
 * wait for the server. What is shown and not yet done is said to be.
 */

/** @import { RunControl } from "../run/run.js" */

import { element, icon, setText } from "../core/dom.js";
import { duration } from "../core/format.js";
import { NoticeLines } from "../core/notices.js";
import { texts } from "../core/texts.js";

/** Milliseconds for which a change may be on its way before that is said. */
const PATIENCE = 600;

const TEXTS = texts(import.meta.url, {
  lost: "Connection lost. What you see is {seconds} old; trying again.",
  waiting: "Not yet on the server: {changes}",
});

/** @param {RunControl} run */
export function buildNotices(run) {
  const place = document.getElementById("notice");
  if (!place) return;
  const lost = line("error");
  const said = element("div", { class: "said" });
  const waiting = line("waiting");
  place.replaceChildren(lost.element, said, waiting.element);
  watchConnection(run, lost);
  watchChanges(run, waiting);
  watchNotices(run, said);
}

/** @param {string} tone */
function line(tone) {
  const text = element("span", {});
  const whole = element("p", { class: tone, hidden: true }, tone === "error" ? icon("warning") : null, text);
  return { element: whole, text };
}

/** @typedef {ReturnType<typeof line>} Line */

/** Stale pictures are dimmed, and their age is told. @param {RunControl} run @param {Line} place */
function watchConnection(run, place) {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;
  const tell = () => {
    const { lostAt } = run.state;
    if (lostAt !== null) setText(place.text, TEXTS.lost({ seconds: duration((Date.now() - lostAt) / 1000) }));
  };
  run.store.watch(
    (state) => state.connection,
    (connection) => {
      document.body.dataset["connection"] = connection;
      const stale = connection !== "open" && run.state.run !== null;
      document.body.toggleAttribute("data-stale", stale);
      clearInterval(timer);
      place.element.hidden = !stale || connection === "gone";
      if (place.element.hidden) return;
      tell();
      timer = setInterval(tell, 1000);
    },
  );
}

/** Changes that are shown, and that the server has not confirmed. @param {RunControl} run @param {Line} place */
function watchChanges(run, place) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const show = () => {
    const { unconfirmed } = run.state;
    place.element.hidden = unconfirmed.length === 0;
    document.body.toggleAttribute("data-pending", unconfirmed.length > 0);
    if (unconfirmed.length > 0) setText(place.text, TEXTS.waiting({ changes: unconfirmed.join("; ") }));
  };
  run.store.watch(
    (state) => `${state.connection === "open"} ${state.unconfirmed.join()}`,
    () => {
      clearTimeout(timer);
      const { unconfirmed, connection } = run.state;
      if (unconfirmed.length === 0 || connection !== "open" || !place.element.hidden) show();
      else timer = setTimeout(show, PATIENCE);
    },
  );
}

/** What was done, or why it was not. @param {RunControl} run @param {HTMLElement} place */
function watchNotices({ store }, place) {
  const lines = new NoticeLines(place, (expired) =>
    store.set({ notices: store.state.notices.filter((notice) => notice !== expired) }),
  );
  store.watch(
    (state) => state.notices,
    (notices) => lines.show(notices),
  );
}
