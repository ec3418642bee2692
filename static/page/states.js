/** What the page says when not everything is as it should be: waiting, lost, failed, watching only. */

/** @import { RunControl } from "../run/run.js" */

import { at } from "../core/address.js";
import { element, icon } from "../core/dom.js";
import { deleteRun, listCheckpoints } from "../core/api.js";
import { nodeName, wholeNumber } from "../core/format.js";
import { withValue } from "../core/json.js";
import { texts } from "../core/texts.js";
import { announceRun } from "./announcements.js";
import { buildNotices } from "./notices.js";
import { deleteButton } from "../widgets/delete_button.js";
import { openRuns } from "./runs.js";
import { startCopy } from "./share.js";

const TEXTS = texts(import.meta.url, {
  runNotHere: "This run is not here (any more).",
  notFoundReason: "It was deleted, or the address is wrong.",
  startAnew: "Start anew",
  watching: "You are watching this run.",
  trainCopy: "Train a copy of your own",
  waitingForItsTurn: "Waiting for its turn.",
  allWorkersAreBusy: "all workers are busy",
  runGoesOn: "{sentence} This run goes on by itself, and loses nothing.",
  seeTheRuns: "See the runs",
  goOn: "Go on",
  serverStoppedWhile: "The server stopped while this run was training.",
  canGoFrom: "It can go on from its last snapshot.",
  damagedCheckpointSkipped: "A damaged checkpoint was passed over",
  theRunIsDamaged: "The run is damaged",
  repair: "Repair",
  the: "The {quantity}",
  aValue: "A value",
  stoppedBeingFinite: "{the} of {node} stopped being a finite number at step {step}.",
  theRunFailed: "The run failed",
  trySmallerLearning: "Try a smaller learning rate, clipping by norm, or another initializer.",
  backBestState: "Back to the best state",
  backLastFiniteState: "Back to the last finite state",
  tenthLearningRate: "A tenth of the learning rate, start over",
  startOver: "Start over",
  withoutSnapshot: "It was too young to have a snapshot.",
  backToStep: "Back to step {step}",
  withoutThisStop: "Train on without this stop",
  weightsOfStep: "Take the weights of step {step}",
  snapshotsCannotBeListed: "Its snapshots cannot be listed: {message}",
});

/** The checkpoint of where the run stood before it went back (engine/run/ways_back.py). */
const BEFORE_REWIND = "before_rewind";

/** @param {HTMLElement} stage @param {RunControl} run */
export function buildStates(stage, run) {
  const { store } = run;
  const banner = element("div", { class: "banner", hidden: true });
  stage.before(banner);

  let patient = true;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let patience;
  const show = () => {
    const content = bannerFor(run, patient);
    banner.hidden = content === null;
    banner.replaceChildren(...(content ?? []));
    banner.classList.toggle(
      "bad",
      ["failed", "damaged", "incomplete"].includes(run.state.status?.state ?? ""),
    );
  };
  store.watch(
    (state) => state.status?.state === "queued",
    (queued) => {
      clearTimeout(patience);
      patient = true;
      if (queued) patience = setTimeout(() => ((patient = false), show()), PATIENCE);
    },
  );
  store.watch(
    (state) =>
      `${state.status?.state} ${state.status?.reason?.detail ?? ""} ${state.run?.control} ` +
      `${state.connection === "gone"}`,
    show,
  );
  store.watch(
    (state) => state.status?.state,
    (state) => (document.body.dataset["state"] = state ?? "starting"),
  );
  store.watch(
    (state) => state.run?.control ?? true,
    (control) => document.body.toggleAttribute("data-viewer", !control),
  );
  buildNotices(run);
  announceRun(run);
}

/** Milliseconds in the queue after which one is told: most runs have a worker sooner. */
const PATIENCE = 1500;

/**
 * @param {RunControl} run @param {boolean} patient whether it has not waited long @returns {Node[] | null}
 */
function bannerFor(run, patient) {
  const { status, run: shown, connection } = run.state;
  if (connection === "gone") {
    return [
      element("p", {}, element("b", {}, TEXTS.runNotHere), " ", TEXTS.notFoundReason),
      actions([TEXTS.startAnew, "", () => location.assign(at("/"))]),
    ];
  }
  if (status?.state === "failed") return failure(run);
  if (status?.state === "damaged") return damage(run);
  if (status?.state === "incomplete") return [icon("warning"), ...reasonOf(status.reason ?? {})];
  if (shown && !shown.control) {
    return [
      icon("eye"),
      element("p", {}, TEXTS.watching),
      actions([TEXTS.trainCopy, "primary", () => void startCopy(run)]),
    ];
  }
  if (status?.state === "queued" && !patient) {
    return [
      element(
        "p",
        {},
        element("b", {}, TEXTS.waitingForItsTurn),
        " ",
        TEXTS.runGoesOn({ sentence: sentence(status.reason?.detail ?? TEXTS.allWorkersAreBusy) }),
      ),
      actions([
        TEXTS.seeTheRuns,
        "",
        (event) => openRuns(/** @type {HTMLElement} */ (event.currentTarget), run),
      ]),
    ];
  }
  if (status?.state === "interrupted" && status.reason?.title !== "Interrupted" && status.reason) {
    return [
      ...reasonOf(status.reason),
      ...(run.control ? [actions([TEXTS.goOn, "primary", () => void run.playback.play()])] : []),
    ];
  }
  if (status?.reason?.title === PASSED_OVER) return [icon("warning"), ...reasonOf(status.reason)];
  if (status?.state === "interrupted") {
    return [
      element("p", {}, element("b", {}, TEXTS.serverStoppedWhile), " ", TEXTS.canGoFrom),
      ...(run.control ? [actions([TEXTS.goOn, "primary", () => void run.playback.play()])] : []),
    ];
  }
  if (status?.state === "finished" && status.reason?.stop)
    return [...reasonOf(status.reason), ...(run.control ? [stopped(run)] : [])];
  if (status?.state === "paused" && status.reason) {
    const { title, detail } = status.reason;
    return [
      icon("warning"),
      element("p", {}, element("b", {}, `${title}.`), ` ${sentence(detail ?? "")}`),
      ...(run.control
        ? [
            actions(
              [TEXTS.goOn, "primary", () => void run.playback.play()],
              [
                TEXTS.seeTheRuns,
                "",
                (event) => openRuns(/** @type {HTMLElement} */ (event.currentTarget), run),
              ],
            ),
          ]
        : []),
    ];
  }
  return null;
}

/** @param {...[string, string, (event: MouseEvent) => void]} entries */
function actions(...entries) {
  return element(
    "div",
    { class: "banner-actions" },
    ...entries.map(([label, kind, onclick]) =>
      element("button", { type: "button", class: `button ${kind}`, onclick }, label),
    ),
  );
}

/** What can be done where a stop has ended the run. @param {RunControl} run */
function stopped(run) {
  const { step = 0, restored = null } = run.state.status?.reason ?? {};
  /** @type {[string, string, () => void][]} */
  const offers = [[TEXTS.withoutThisStop, "primary", () => void trainOnWithoutStop(run)]];
  if (restored !== null)
    offers.push([
      TEXTS.weightsOfStep({ step: wholeNumber(step) }),
      "",
      () => void run.playback.rewind(BEFORE_REWIND),
    ]);
  return actions(...offers);
}

/** @param {RunControl} run */
async function trainOnWithoutStop(run) {
  const { experiment, status } = run.state;
  if (!experiment) return;
  const stops = experiment.training.stops.filter((_, index) => index !== status?.reason?.index);
  run.edit(withValue(experiment, "/training/stops", stops), "/training/stops");
  await run.settled();
  await run.playback.play();
}

/** What a session says when it could not go on from the newest checkpoint. */
const PASSED_OVER = TEXTS.damagedCheckpointSkipped;

/** @param {{ title?: string, detail?: string }} reason @returns {Node[]} */
function reasonOf(reason) {
  return [
    element(
      "div",
      {},
      element("p", {}, element("b", {}, reason.title ?? "")),
      element("p", {}, sentence(reason.detail ?? "")),
    ),
  ];
}

/** What is wrong with the run's directory, and what can be done. @param {RunControl} run @returns {Node[]} */
function damage(run) {
  const { status, run: shown } = run.state;
  const message = reasonOf(status?.reason ?? { title: TEXTS.theRunIsDamaged });
  if (!run.control || !shown) return [icon("warning"), ...message];
  const mend = async () => {
    if (await run.command({ type: "repair" })) run.attach(shown.id);
  };
  const remove = deleteButton(shown.title, () => void removed(run, shown.id));
  const buttons = actions([TEXTS.repair, "primary", () => void mend()]);
  buttons.append(remove);
  return [icon("warning"), ...message, buttons];
}

/** @param {RunControl} run @param {string} id */
async function removed(run, id) {
  try {
    await deleteRun(id);
    location.assign(at("/"));
  } catch (error) {
    run.notify(error instanceof Error ? error.message : String(error), "error");
  }
}

/** What diverged or died, where, and what to try. @param {RunControl} run @returns {Node[]} */
function failure(run) {
  const reason = run.state.status?.reason;
  const diverged = reason?.node !== undefined || /diverg|finite/i.test(`${reason?.title} ${reason?.detail}`);
  const where = reason?.node
    ? TEXTS.stoppedBeingFinite({
        the: reason.quantity ? TEXTS.the({ quantity: reason.quantity }) : TEXTS.aValue,
        node: nodeName(reason.node),
        step: reason.step === undefined ? "?" : wholeNumber(reason.step),
      })
    : (reason?.detail ?? "");
  const message = element(
    "div",
    {},
    element("p", {}, element("b", {}, reason?.title ?? TEXTS.theRunFailed)),
    element("p", {}, sentence(where)),
  );
  if (!diverged) return [icon("warning"), message, ...(run.control ? [wayBack(run, message)] : [])];
  message.append(element("p", { class: "note" }, TEXTS.trySmallerLearning));
  if (!run.control) return [icon("warning"), message];
  const checkpoint = reason?.checkpoint ?? "last_finite";
  const back = checkpoint === "best" ? TEXTS.backBestState : TEXTS.backLastFiniteState;
  return [
    icon("warning"),
    message,
    actions(
      [TEXTS.tenthLearningRate, "primary", () => void calmer(run)],
      [back, "", () => void backTo(run, checkpoint)],
    ),
  ];
}

/** @param {string} text */
function sentence(text) {
  return text.replace(/^./, (first) => first.toUpperCase()).replace(/(?<=[^.?!])$/, ".");
}

/**
 * Back to the newest snapshot there is, or to the beginning: what is offered is what happens.
 *
 * @param {RunControl} run @param {HTMLElement} message
 */
function wayBack(run, message) {
  const buttons = actions([TEXTS.startOver, "", () => void run.playback.reset()]);
  void listCheckpoints(run.state.run?.id ?? "").then(
    (checkpoints) => {
      const last = checkpoints.toSorted((one, other) => other.step - one.step)[0];
      if (!last) return message.append(element("p", { class: "note" }, TEXTS.withoutSnapshot));
      const back = element(
        "button",
        { type: "button", class: "button primary", onclick: () => void run.playback.rewind(last.name) },
        TEXTS.backToStep({ step: wholeNumber(last.step) }),
      );
      return buttons.prepend(back);
    },
    (error) =>
      message.append(
        element(
          "p",
          { class: "note" },
          TEXTS.snapshotsCannotBeListed({ message: error instanceof Error ? error.message : String(error) }),
        ),
      ),
  );
  return buttons;
}

/** @param {RunControl} run @param {string} preferred */
async function backTo(run, preferred) {
  const id = run.state.run?.id;
  if (!id) return;
  try {
    const names = (await listCheckpoints(id)).map(({ name }) => name);
    const name =
      [preferred, "last_finite", "best", "latest"].find((each) => names.includes(each)) ?? names.at(-1);
    if (name) await run.playback.rewind(name);
    else await run.playback.reset();
  } catch {
    await run.playback.rewind(preferred);
  }
}

/** @param {RunControl} run */
async function calmer(run) {
  const { experiment } = run.state;
  const rate = experiment?.training.updates[0]?.optimizer["learning_rate"];
  if (!experiment || typeof rate !== "number") return;
  const pointer = "/training/updates/0/optimizer/learning_rate";
  run.edit(withValue(experiment, pointer, Number((rate / 10).toPrecision(3))), pointer);
  await run.settled();
  await run.playback.reset();
  await run.playback.play();
}
