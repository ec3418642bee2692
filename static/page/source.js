/**
 * Data that must come from somewhere first: published sets are downloaded, own pictures uploaded.
 *
 * Chosen before they are there, they wait here; the experiment changes when they have come.
 */

/** @import { KeptImages, Standing } from "../api.js" */
/** @import { Experiment } from "../types.d.ts" */
/** @import { RunControl } from "../run.js" */

import { fetchDataset, getImages, listDatasets, postImages } from "../api.js";
import { element, setText } from "../dom.js";

/** Milliseconds between two looks at a download. */
const EVERY = 400;

/** Fields of `own_images` that an upload decides. */
export const DECIDED = new Set(["blob", "names", "size", "channels", "pictures", "validated", "tested"]);

const NOTHING = `sha256:${"0".repeat(64)}`;

export class DataSource {
  #run;
  #change;
  element = element("div", { class: "data-source" });
  /** How many pictures each class had, of blobs uploaded here. @type {Map<string, number[]>} */
  #counts = new Map();
  #asked = 0;

  /** @param {RunControl} run @param {(wanted: Experiment) => void} change the experiment's data */
  constructor(run, change) {
    this.#run = run;
    this.#change = change;
    run.store.watch((state) => state.experiment?.data, () => this.#settle());
  }

  /**
   * Whether data that were chosen have to come first; then this shows how.
   *
   * @param {Experiment} wanted
   */
  async waits(wanted) {
    const asked = ++this.#asked;
    const { kind } = wanted.data;
    if (kind === "own_images") {
      if (wanted.data["blob"] !== NOTHING) return false;
      this.#showUpload(wanted);
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
    if (data?.kind === "own_images" && data["blob"] !== NOTHING) this.#showPictures(data);
    else this.element.replaceChildren();
  }

  // Downloads -----------------------------------------------------------------------------------------

  /** @param {Experiment} wanted @param {Standing} standing */
  #showDownload(wanted, standing) {
    const asked = this.#asked;
    const bar = element("progress", { max: standing.total, value: standing.come, hidden: true, "aria-label": `Download of ${standing.label}` });
    const words = element("p", { class: "note", role: "status" }, `${standing.label} is not on this machine: ${megabytes(standing.total)} to download.`);
    const button = element("button", { type: "button", class: "button primary", onclick: () => void begin() }, "Download");
    const show = (/** @type {Standing} */ now) => {
      bar.hidden = now.state !== "fetching";
      bar.value = now.come;
      button.hidden = now.state === "fetching";
      if (now.state === "fetching") setText(words, `${megabytes(now.come)} of ${megabytes(now.total)}`);
      if (now.state === "failed") {
        setText(words, `The download failed: ${now.detail ?? "nobody knows why"}`);
        setText(button, "Try again");
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
        setText(words, error instanceof Error ? error.message : String(error));
      }
    };
    this.element.replaceChildren(element("div", { class: "source-form" }, words, bar, element("div", { class: "marks" }, button, this.#cancel())));
    if (standing.state === "fetching") void begin();
  }

  /** The data stay as they are. */
  #cancel() {
    const back = () => {
      const { experiment } = this.#run.state;
      if (experiment) this.#run.store.set({ experiment: { ...experiment, data: { ...experiment.data } } });
    };
    return element("button", { type: "button", class: "button", onclick: back }, "Cancel");
  }

  // Own pictures --------------------------------------------------------------------------------------

  /** @param {Experiment} wanted */
  #showUpload(wanted) {
    const size = select("Size", [16, 28, 32, 48, 64, 96, 128].map((side) => [String(side), `${side} × ${side}`]), "32");
    const channels = select("Channels", [["3", "colour"], ["1", "grey"]], "3");
    const fit = select("Other forms", [["crop", "cut out the middle"], ["pad", "add black bars"], ["stretch", "stretch"]], "crop");
    const bar = element("progress", { max: 1, value: 0, hidden: true, "aria-label": "Upload" });
    const words = element("p", { class: "note", role: "status" }, "A ZIP with a folder of pictures for each class, an NPZ, or IDX or CIFAR files.");
    const send = async (/** @type {File} */ file) => {
      bar.hidden = false;
      words.className = "note";
      setText(words, `Sending ${file.name} …`);
      try {
        const form = { size: Number(size.value), channels: Number(channels.value), fit: fit.value };
        const kept = await postImages(file, form, (share) => {
          if (share < 1) bar.value = share;
          else bar.removeAttribute("value"); // gone; now they are read
          if (share === 1) setText(words, `Reading ${file.name} …`);
        });
        this.#take(wanted, kept);
      } catch (error) {
        words.className = "complaint";
        setText(words, error instanceof Error ? error.message : String(error));
      } finally {
        bar.hidden = true;
      }
    };
    const input = element("input", {
      type: "file",
      class: "visually-hidden",
      accept: ".zip,.npz,.bin",
      "aria-label": "Own pictures",
      onchange: () => {
        const [file] = input.files ?? [];
        if (file) void send(file);
        input.value = "";
      },
    });
    const drop = element("label", { class: "drop-zone" }, element("strong", {}, "Choose a file"), " or drop it here", input);
    drop.addEventListener("dragover", (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
    drop.addEventListener("dragleave", () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      event.stopPropagation();
      drop.classList.remove("over");
      const [file] = event.dataTransfer?.files ?? [];
      if (file) void send(file);
    });
    const rows = [["Size", size], ["Channels", channels], ["Other forms", fit]].map(([title, control]) =>
      element("div", { class: "field inline" }, element("span", {}, /** @type {string} */ (title)), element("span", { class: "select" }, /** @type {HTMLSelectElement} */ (control))),
    );
    this.element.replaceChildren(element("div", { class: "source-form" }, ...rows, drop, bar, words, this.#cancel()));
  }

  /** @param {Experiment} wanted @param {KeptImages} kept */
  #take(wanted, { blob, counts, data }) {
    this.#counts.set(blob, counts);
    this.#change({ ...wanted, data: { ...wanted.data, ...data } });
  }

  /** @param {Experiment["data"]} data */
  #showPictures(data) {
    const blob = String(data["blob"]);
    const names = /** @type {string[]} */ (data["names"]);
    const counts = this.#counts.get(blob);
    if (!counts) void this.#count(blob);
    const most = Math.max(1, ...(counts ?? []));
    const preview = element("img", { class: "own-preview", src: `/api/images/${blob.replace("sha256:", "")}/preview?each=6`, alt: `Some pictures of ${names.join(", ")}` });
    const balance = element(
      "ol",
      { class: "balance", "aria-label": "Pictures of each class" },
      ...names.slice(0, 30).map((name, index) =>
        element("li", {}, element("span", { class: "share-name", title: name }, name), element("meter", { min: 0, max: most, value: counts?.[index] ?? 0, hidden: !counts }), element("span", { class: "share-number" }, counts ? String(counts[index] ?? 0) : "")),
      ),
    );
    const again = element("button", { type: "button", class: "button", onclick: () => this.#again() }, "Upload others …");
    this.element.replaceChildren(preview, element("p", { class: "note" }, `${Number(data["pictures"]).toLocaleString("en-US")} pictures of ${data["size"]} × ${data["size"]}, ${names.length} classes`), balance, again);
  }

  /** How many pictures each class has, of a blob that was not uploaded here. @param {string} blob */
  async #count(blob) {
    try {
      this.#counts.set(blob, (await getImages(blob)).counts);
    } catch (error) {
      return this.#run.notify(error instanceof Error ? error.message : String(error), "error");
    }
    const data = this.#run.state.experiment?.data;
    if (data?.["blob"] === blob) this.#showPictures(data);
  }

  #again() {
    const { experiment } = this.#run.state;
    if (!experiment) return;
    this.#asked++;
    this.#showUpload(experiment);
  }
}

/** @param {string} label @param {string[][]} options @param {string} value */
function select(label, options, value) {
  const made = element("select", { "aria-label": label }, ...options.map(([name = "", title = ""]) => element("option", { value: name }, title)));
  made.value = value;
  return made;
}

/** @param {number} bytes */
function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
