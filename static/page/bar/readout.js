/** How far training is, and how it stands. */

/** @import { Status } from "../../types.d.ts" */
/** @import { RunControl } from "../../run/run.js" */
/** @import { State } from "../../run/state.js" */

import { element, setText } from "../../core/dom.js";
import { capital, shortNumber, wholeNumber } from "../../core/format.js";
import { stateName } from "../../core/run_states.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  step: "step",
  epoch: "epoch",
  loss: "loss",
  rate: "samples/s",
  reconnecting: "reconnecting",
  thisRunIsGone: "this run is gone",
  stoppedEarly: "stopped early",
  numberInTheQueue: "number {position} in the queue",
  card: "{name}: this run has {own} GB, all have {used} of {total} GB",
  compiled: "{device}, compiled",
  noCard: "The experiment asks for a GPU; this server trains on the CPU",
});

/** What the states are called where that is not their own word. @type {Record<string, string>} */
const STATES = texts(import.meta.url, {
  queued: "waiting for its turn",
  incomplete: "a plug-in is missing",
});

/** How the run stands; whether it can be heard of comes first. @param {State} state */
export function lampText({ connection, run, status }) {
  if (connection === "lost" || (connection === "connecting" && run)) return TEXTS.reconnecting;
  if (connection === "gone") return TEXTS.thisRunIsGone;
  if (!status) return "";
  const { state, queue_position: position, reason } = status;
  if (state === "finished" && reason?.stop) return TEXTS.stoppedEarly;
  return state === "queued" && position
    ? TEXTS.numberInTheQueue({ position })
    : (STATES[state] ?? stateName(state));
}

/** What is read off, by its cell; null where there is nothing to read. @param {Status} status */
export function readings({ step, epoch, state, samples_per_second: rate, device, tier, metrics }) {
  const loss = metrics?.["test_loss"];
  return {
    step: wholeNumber(step),
    epoch: wholeNumber(Math.floor(epoch)),
    loss: loss === undefined ? "–" : shortNumber(loss),
    rate: rate && state === "training" ? shortNumber(rate, 2) : null,
    device: tier === "compiled" ? TEXTS.compiled({ device: device ?? "" }) : (device ?? ""),
  };
}

/**
 * What the device is, and why steps are not computed by the compiled code that was asked for; "" where
 * neither has to be said.
 * @param {State} state
 */
export function deviceText(state) {
  return [cardText(state), capital(state.status?.tier_detail ?? "")].filter(Boolean).join(". ");
}

/**
 * The card and its memory; why it is not the one that was asked for.
 * @param {State} state
 */
function cardText({ status, experiment }) {
  const card = status?.device_use;
  if (card) {
    const gigabytes = (/** @type {number} */ size) => shortNumber(size / 1e9, 2);
    return TEXTS.card({
      name: card.name,
      own: gigabytes(card.own),
      used: gigabytes(card.used),
      total: gigabytes(card.total),
    });
  }
  return status?.device === "cpu" && experiment?.training.device === "cuda" ? TEXTS.noCard : "";
}

/** @param {string} name @param {string} before @param {string} [after] */
function cell(name, before, after = "") {
  const value = element("b", {});
  return { whole: element("span", { class: name }, before, value, after), value };
}

/** @param {RunControl} run */
export function readout(run) {
  const lamp = element("span", { class: "lamp", "data-term": "state" });
  const cells = {
    step: cell("step", `${TEXTS.step} `),
    epoch: cell("epoch", `${TEXTS.epoch} `),
    loss: cell("loss", `${TEXTS.loss} `),
    rate: cell("rate", "", ` ${TEXTS.rate}`),
    device: cell("device", ""),
  };
  run.store.watch(
    (state) => state.status,
    (status) => {
      if (!status) return;
      for (const [name, text] of Object.entries(readings(status))) {
        const { whole, value } = cells[/** @type {keyof typeof cells} */ (name)];
        whole.classList.toggle("nothing", text === null); // its room stays: the bar must not jump
        setText(value, text ?? "");
      }
    },
  );
  run.store.watch(deviceText, (words) => (cells.device.whole.title = words));
  run.store.watch(lampText, (words) => setText(lamp, words));
  run.store.watch(
    ({ status }) => (status?.reason?.stop ? (status.reason.detail ?? "") : ""),
    (why) => (lamp.title = capital(why)),
  );
  return element("div", { class: "readout" }, lamp, ...Object.values(cells).map(({ whole }) => whole));
}
