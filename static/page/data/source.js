/**
 * Data that must come from somewhere first: published sets are downloaded, own pictures uploaded.
 *
 * Chosen before they are there, they wait here; the experiment changes when they have come.
 */

/** @import { SampleKind, Standing, Targets } from "../../core/api.js" */
/** @import { Experiment, JsonObject } from "../../types.d.ts" */
/** @import { RunControl } from "../../run/run.js" */

import { fetchDataset, getImages, getSamples, listDatasets } from "../../core/api.js";
import { element, setText } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { ownPictures } from "./own_pictures.js";
import { ownSamples } from "./own_samples.js";

const TEXTS = texts(import.meta.url, {
  downloadOf: "Download of {label}",
  notMachineDownload: "{label} is not on this machine: {megabytes} to download.",
  download: "Download",
  of: "{megabytes} of {megabytes2}",
  unknownReason: "unknown reason",
  theDownloadFailed: "The download failed: {detail}",
  tryAgain: "Try again",
  cancel: "Cancel",
  uploadOthers: "Upload others …",
});

/** Milliseconds between two looks at a download. */
const EVERY = 400;

/** The data sets of own pictures, and what is known of each picture. @type {Record<string, Targets>} */
const OWN = { own_images: "class", own_masks: "masks", own_boxes: "boxes" };

/** Fields of own pictures that an upload decides. */
const DECIDED = new Set(["blob", "names", "size", "channels", "pictures", "validated", "tested"]);

/** Fields of own sounds and volumes that an upload decides; other data sets have some of them as options. */
const DECIDED_OF_SAMPLES = new Set([
  ...["blob", "names", "samples", "validated", "tested"],
  ...["length", "rate", "depth", "height", "width"],
]);

/** The data sets of own sounds and volumes. @type {Map<string, SampleKind>} */
const SAMPLES = new Map([
  ["own_sounds", "sounds"],
  ["own_spectrograms", "sounds"],
  ["own_volumes", "volumes"],
]);

/** Whether an upload decides a field of a kind of data. @param {string} name @param {string} kind */
export const isDecided = (name, kind) => (SAMPLES.has(kind) ? DECIDED_OF_SAMPLES : DECIDED).has(name);

const NOTHING = `sha256:${"0".repeat(64)}`;

export class DataSource {
  #run;
  #change;
  element = element("div", { class: "data-source" });
  /** How many pictures each class had, of blobs uploaded here. @type {Map<string, number[]>} */
  #counts = new Map();
  #asked = 0;

  /**
   * @param {RunControl} run
   * @param {(wanted: Experiment, network?: JsonObject[] | null) => void} change the experiment's data, with a network
   * that fits them where they have one
   */
  constructor(run, change) {
    this.#run = run;
    this.#change = change;
    run.store.watch(
      (state) => state.experiment?.data,
      () => this.#settle(),
    );
  }

  /**
   * Whether data that were chosen have to come first; then this shows how.
   *
   * @param {Experiment} wanted
   */
  async waits(wanted) {
    const asked = ++this.#asked;
    const { kind } = wanted.data;
    if (OWN[kind]) {
      const before = this.#run.state.experiment?.data;
      const ofOthers = before && before.kind !== kind && before["blob"] === wanted.data["blob"]; // a mask is no box
      if (wanted.data["blob"] !== NOTHING && !ofOthers) return false;
      await this.#showUpload(wanted);
      return true;
    }
    if (SAMPLES.has(kind)) {
      // A blob of other samples stays in a field of the same name when the kind changes.
      const before = this.#run.state.experiment?.data.kind ?? "";
      if (wanted.data["blob"] !== NOTHING && SAMPLES.get(before) === SAMPLES.get(kind)) return false;
      await this.#showUpload(wanted);
      return true;
    }
    const standing = (await listDatasets()).find((each) => each.kind === kind);
    if (!standing || standing.state === "present" || asked !== this.#asked) return false;
    this.#showDownload(wanted, standing);
    return true;
  }

  /** What the present experiment has to show: own pictures, or nothing. */
  #settle() {
    this.#asked++;
    const data = this.#run.state.experiment?.data;
    if (data && OWN[data.kind] && data["blob"] !== NOTHING) this.#showPictures(data);
    else if (data && SAMPLES.has(data.kind) && data["blob"] !== NOTHING) this.#showSamples(data);
    else this.element.replaceChildren();
  }

  // Downloads -----------------------------------------------------------------------------------------

  /** @param {Experiment} wanted @param {Standing} standing */
  #showDownload(wanted, standing) {
    const asked = this.#asked;
    const bar = element("progress", {
      max: standing.total,
      value: standing.come,
      hidden: true,
      "aria-label": TEXTS.downloadOf({ label: standing.label }),
    });
    const status = element(
      "p",
      { class: "note", role: "status" },
      TEXTS.notMachineDownload({ label: standing.label, megabytes: megabytes(standing.total) }),
    );
    const button = element(
      "button",
      { type: "button", class: "button primary", onclick: () => void begin() },
      TEXTS.download,
    );
    const show = (/** @type {Standing} */ now) => {
      bar.hidden = now.state !== "fetching";
      bar.value = now.come;
      button.hidden = now.state === "fetching";
      if (now.state === "fetching")
        setText(status, TEXTS.of({ megabytes: megabytes(now.come), megabytes2: megabytes(now.total) }));
      if (now.state === "failed") {
        setText(status, TEXTS.theDownloadFailed({ detail: now.detail ?? TEXTS.unknownReason }));
        setText(button, TEXTS.tryAgain);
      }
    };
    const begin = async () => {
      try {
        show(await fetchDataset(standing.kind));
        while (asked === this.#asked) {
          await new Promise((resolve) => setTimeout(resolve, EVERY));
          const now = (await listDatasets()).find(({ kind }) => kind === standing.kind);
          if (!now || asked !== this.#asked) return;
          show(now);
          if (now.state === "present") return this.#change(wanted);
          if (now.state === "failed") return;
        }
      } catch (error) {
        setText(status, error instanceof Error ? error.message : String(error));
      }
    };
    this.element.replaceChildren(
      element(
        "div",
        { class: "source-form" },
        status,
        bar,
        element("div", { class: "marks" }, button, this.#cancel()),
      ),
    );
    if (standing.state === "fetching") void begin();
  }

  /** The data stay as they are. */
  #stay() {
    const { experiment } = this.#run.state;
    if (experiment) this.#run.store.set({ experiment: { ...experiment, data: { ...experiment.data } } });
  }

  #cancel() {
    return element("button", { type: "button", class: "button", onclick: () => this.#stay() }, TEXTS.cancel);
  }

  // Own pictures --------------------------------------------------------------------------------------

  /** Loaded with the first own pictures: most visits have none. @param {Experiment} wanted */
  async #showUpload(wanted) {
    const asked = this.#asked;
    const kind = SAMPLES.get(wanted.data.kind);
    if (kind) {
      const { SampleUpload } = await import("./upload_samples.js");
      if (asked !== this.#asked) return;
      const upload = new SampleUpload(
        kind,
        ({ blob, counts, data }) => {
          this.#counts.set(blob, counts);
          this.#change({ ...wanted, data: { ...wanted.data, ...data } });
        },
        () => this.#stay(),
      );
      return this.element.replaceChildren(upload.element);
    }
    const { Upload } = await import("./upload.js");
    if (asked !== this.#asked) return;
    const upload = new Upload(
      OWN[wanted.data.kind] ?? "class",
      ({ blob, counts, data, network }) => {
        this.#counts.set(blob, counts);
        this.#change({ ...wanted, data: { ...wanted.data, ...data } }, network);
      },
      () => this.#stay(),
    );
    this.element.replaceChildren(upload.element);
  }

  /** @param {Experiment["data"]} data */
  #showSamples(data) {
    const blob = String(data["blob"]);
    const counts = this.#counts.get(blob);
    if (!counts)
      void this.#count(blob, async () => (await getSamples(SAMPLES.get(data.kind) ?? "sounds", blob)).counts);
    this.element.replaceChildren(...ownSamples(/** @type {any} */ (data), counts), this.#others());
  }

  #others() {
    return element(
      "button",
      { type: "button", class: "button", onclick: () => this.#again() },
      TEXTS.uploadOthers,
    );
  }

  /** @param {Experiment["data"]} data */
  #showPictures(data) {
    const blob = String(data["blob"]);
    const counts = this.#counts.get(blob);
    if (!counts) void this.#count(blob, async () => (await getImages(blob)).counts);
    const shown = /** @type {any} */ ({ ...data, targets: OWN[data.kind] ?? "class" });
    this.element.replaceChildren(...ownPictures(shown, counts), this.#others());
  }

  /**
   * How many samples each class has, of a blob that was not uploaded here.
   *
   * @param {string} blob @param {() => Promise<number[]>} ask
   */
  async #count(blob, ask) {
    try {
      this.#counts.set(blob, await ask());
    } catch (error) {
      return this.#run.notify(error instanceof Error ? error.message : String(error), "error");
    }
    const data = this.#run.state.experiment?.data;
    if (data?.["blob"] === blob) this.#settle();
  }

  #again() {
    const { experiment } = this.#run.state;
    if (!experiment) return;
    this.#asked++;
    this.#showUpload(experiment).catch((error) => this.#run.notify(String(error), "error"));
  }
}

/** @param {number} bytes */
function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
