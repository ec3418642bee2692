/** The HTTP side of the server: what is asked once, not streamed. */

/**
 * @import { Catalog, ChartPart, Description, Experiment, Frame, Glossary, ItemFigure, JsonObject, Located, Preset,
 * Run, RunState, Schema } from "../types.d.ts"
 */

import { texts } from "./texts.js";
import { at } from "./address.js";
import { decodeFrame, unpackFrames } from "./frame.js";
import { Disconnected, Refused } from "./live.js";

const TEXTS = texts(import.meta.url, {
  serverCannotBeReached: "the server cannot be reached",
});

/**
 * @param {string} path @param {RequestInit & { json?: unknown }} [options]
 * @returns {Promise<Response>} rejected with Refused where the server answers with a problem, with
 * Disconnected where it does not answer
 */
export async function ask(path, { json, ...options } = {}) {
  const body =
    json === undefined ? {} : { body: JSON.stringify(json), headers: { "Content-Type": "application/json" } };
  const response = await fetch(at(path), { ...options, ...body }).catch((error) => {
    // A TypeError is how fetch reports that no server answers; its message differs by browser and helps in none.
    throw error instanceof TypeError
      ? new Disconnected(TEXTS.serverCannotBeReached, { cause: error })
      : error;
  });
  if (response.ok) return response;
  /** @type {{ detail?: unknown, title?: unknown, errors?: Located[] }} */
  const problem = await response.json().catch(() => ({}));
  const message =
    typeof problem.detail === "string" ? problem.detail : String(problem.title ?? response.statusText);
  throw new Refused(message, problem.errors ?? [], { status: response.status });
}

/**
 * @template T @param {string} path @param {RequestInit & { json?: unknown }} [options] @returns {Promise<T>}
 */
export async function askJson(path, options) {
  return /** @type {Promise<T>} */ ((await ask(path, options)).json());
}

/** @returns {Promise<Catalog>} */
export const getCatalog = () => askJson("/api/catalog");

/** The catalogue without its reference texts, which are half of it. @returns {Promise<Catalog>} */
export const getCatalogWithoutTexts = () => askJson("/api/catalog?texts=false");

/** @returns {Promise<Schema>} */
export const getSchema = () => askJson("/api/schema");

/** The options of a study. @param {string} kind @returns {Promise<Schema>} */
export const getStudySchema = (kind) => askJson(`/api/schema/studies/${encodeURIComponent(kind)}`);

/** What words of the pages mean that no item says. @returns {Promise<Glossary>} */
export const getGlossary = () => askJson("/api/glossary");

/**
 * The figure of an item of the reference.
 *
 * @param {string} family @param {string} kind @param {URLSearchParams} options @returns {Promise<ItemFigure>}
 */
export const getItemFigure = (family, kind, options) =>
  askJson(`/api/reference/${family}/${kind}/plot?${options}`);

/**
 * The experiment that shows an item.
 *
 * @param {string} item `FAMILY/KIND` @returns {Promise<Experiment>}
 */
export const getItemExample = (item) =>
  askJson(`/api/reference/${item.split("/").map(encodeURIComponent).join("/")}/example`);

/**
 * The figure of several items of a family.
 *
 * @param {string} family @param {string[]} kinds @returns {Promise<ItemFigure>}
 */
export const getComparison = (family, kinds) => askJson(`/api/reference/${family}/compare?kinds=${kinds}`);

/** @returns {Promise<Preset[]>} */
export const getPresets = () => askJson("/api/presets");

/** The presets without what is asked and to be noticed in each. @returns {Promise<Preset[]>} */
export const getPresetsWithoutTexts = () => askJson("/api/presets?texts=false");

/** @typedef {{ part: string, path: string, title: string, description: string }} Place */

/** The pages of the site. @returns {Promise<Place[]>} */
export const getPlaces = () => askJson("/api/places");

/** @param {Experiment} experiment @param {AbortSignal} [signal] @returns {Promise<Description>} */
export const describe = (experiment, signal) =>
  askJson("/api/describe", { method: "POST", json: experiment, ...(signal ? { signal } : {}) });

/**
 * A block or an architecture of an experiment as the nodes that it expands to.
 *
 * @param {Experiment} experiment @param {string} pointer of it @returns {Promise<JsonObject>}
 */
export const writtenOut = (experiment, pointer) =>
  askJson(`/api/written_out?${new URLSearchParams({ pointer })}`, { method: "POST", json: experiment });

/**
 * What a training will use: its rate over the epochs, and its loss over the error.
 *
 * @param {Experiment} experiment @param {AbortSignal} signal
 * @returns {Promise<{ rate: ChartPart, loss: ChartPart | null, metric: string | null }>}
 */
export const getPreviews = (experiment, signal) =>
  askJson("/api/previews", { method: "POST", json: experiment, signal });

/**
 * What a run's network is, for those who may not ask what another would be.
 *
 * @param {string} id @param {AbortSignal} [signal] @returns {Promise<Description>}
 */
export const describeRun = (id, signal) =>
  askJson(`/api/runs/${encodeURIComponent(id)}/description`, signal ? { signal } : {});

/**
 * @typedef {{ kind: string, label: string, state: "absent" | "fetching" | "present" | "failed", come: number,
 * total: number, detail?: string | null }} Standing
 */

/** Data sets that must be fetched before they can be used. @returns {Promise<Standing[]>} */
export const listDatasets = () => askJson("/api/datasets");

/** @param {string} kind @returns {Promise<Standing>} */
export const fetchDataset = (kind) =>
  askJson(`/api/datasets/${encodeURIComponent(kind)}/fetch`, { method: "POST" });

/** @typedef {"class" | "masks" | "boxes"} Targets what is known of each of one's own pictures */
/**
 * @typedef {{ blob: string, names: string[], counts: number[], pictures: number, size: number, channels:
 * number, validated: number, tested: number, targets: Targets, data: JsonObject, network:
 * JsonObject[] | null }} Images
 */
/**
 * @typedef {{ used: string, guessed: boolean, least: number, greatest: number, most_below: number,
 * clipped_share: number }} UsedScale
 */
/**
 * @typedef {Images & { scale: UsedScale | null, encoding: string | null, left_out: { why: string, count:
 * number, files: string[] }[], notes: string[] }} KeptImages
 */

/** @param {string} blob `sha256:…` @returns {Promise<Images>} */
export const getImages = (blob) => askJson(`/api/images/${blob.replace("sha256:", "")}`);

/**
 * Own pictures.
 *
 * @param {Blob} file @param {Record<string, string>} form @param {(share: number) => void} progress
 * @returns {Promise<KeptImages>}
 */
export const postImages = (file, form, progress) => uploaded("/api/images", file, form, progress);

/** @typedef {"sounds" | "volumes"} SampleKind what own samples are, beside pictures */
/**
 * @typedef {{ blob: string, names: string[], counts: number[], samples: number, length?: number, rate?: number,
 * depth?: number, height?: number, width?: number, validated: number, tested: number, data: JsonObject }} OwnSamples
 */
/**
 * @typedef {OwnSamples & { encoding: string | null, left_out: { why: string, count: number, files: string[] }[],
 * notes: string[] }} KeptSamples
 */

/** @param {SampleKind} kind @param {string} blob `sha256:…` @returns {Promise<OwnSamples>} */
export const getSamples = (kind, blob) => askJson(`/api/${kind}/${blob.replace("sha256:", "")}`);

/**
 * Own sounds or volumes.
 *
 * @param {SampleKind} kind @param {Blob} file @param {Record<string, string>} form
 * @param {(share: number) => void} progress @returns {Promise<KeptSamples>}
 */
export const postSamples = (kind, file, form, progress) => uploaded(`/api/${kind}`, file, form, progress);

/**
 * What an upload is answered; fetch() cannot say how much of a body has gone, so this is the older way.
 *
 * @param {string} path @param {Blob} file @param {Record<string, string>} form
 * @param {(share: number) => void} progress @returns {Promise<any>}
 */
function uploaded(path, file, form, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", at(`${path}?${new URLSearchParams(form)}`));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total }) => progress(total ? loaded / total : 0));
    request.addEventListener("load", () => {
      const answer = request.response ?? {};
      if (request.status === 201) resolve(answer);
      else
        reject(
          new Refused(String(answer.detail ?? answer.title ?? request.statusText), answer.errors ?? [], {
            ...answer,
            status: request.status,
          }),
        );
    });
    request.addEventListener("error", () => reject(new Disconnected(TEXTS.serverCannotBeReached)));
    request.send(file);
  });
}

/** Keep bytes under their hash. @param {Blob} bytes @returns {Promise<{ sha256: string, size: number }>} */
export const postBlob = (bytes) =>
  askJson("/api/blobs", {
    method: "POST",
    body: bytes,
    headers: { "Content-Type": "application/octet-stream" },
  });

/** @typedef {"continue" | "pause" | "stop"} Unwatched what a run does without viewers */

/**
 * How a run begins: how fast in steps a second (null: as fast as it goes), what it does without viewers, and
 * whether it is there to be looked at (docs/service.md, Examples).
 *
 * @typedef {{ speed?: number | null, unwatched?: Unwatched, example?: boolean, start?: "paused" }} Beginning
 */

/** @param {Experiment} experiment @param {Beginning} beginning @returns {Promise<{ id: string }>} */
export const startRun = (experiment, beginning) =>
  askJson("/api/runs", { method: "POST", json: { experiment, ...beginning } });

/**
 * A run that goes on from a checkpoint, with another experiment or, left out, with the run's own.
 *
 * @param {string} run @param {string} checkpoint @param {Experiment} [experiment]
 * @returns {Promise<{ id: string }>}
 */
export const forkInto = (run, checkpoint, experiment) =>
  askJson("/api/runs", { method: "POST", json: { experiment, from: { run, checkpoint }, start: "playing" } });

/** @typedef {Run & { created?: number, viewers?: number, reason?: { detail?: string } | null }} ListedRun */

/** @returns {Promise<ListedRun[]>} newest first */
export async function listRuns() {
  const found = /** @type {ListedRun[] | { runs: ListedRun[] }} */ (await askJson("/api/runs"));
  const runs = Array.isArray(found) ? found : found.runs;
  return [...runs].sort((a, b) => (b.created ?? 0) - (a.created ?? 0));
}

/** @param {string} id @returns {Promise<Run>} */
export const getRun = (id) => askJson(`/api/runs/${encodeURIComponent(id)}`);

/**
 * A run's title, and whether it is a name: one that is not, or is empty, follows the experiment.
 *
 * @typedef {{ title: string, named?: boolean }} Name
 */

/** @param {string} id @param {Name} name @returns {Promise<ListedRun>} */
export const renameRun = (id, name) =>
  askJson(`/api/runs/${encodeURIComponent(id)}`, { method: "PATCH", json: name });

/** @param {string} id */
export const deleteRun = (id) => ask(`/api/runs/${encodeURIComponent(id)}`, { method: "DELETE" });

/** @param {string} id @param {object} command */
export const commandRun = (id, command) =>
  ask(`/api/runs/${encodeURIComponent(id)}/commands`, { method: "POST", json: command });

/**
 * @typedef {{ name: string, step: number, epoch: number, time: number, metrics: Record<string, number>, life?:
 * number | null }} Checkpoint
 */

/** @param {string} id @returns {Promise<Checkpoint[]>} */
export const listCheckpoints = (id) => askJson(`/api/runs/${encodeURIComponent(id)}/checkpoints`);

/**
 * What was changed by hand, in order, and the experiment before.
 *
 * @param {string} id @param {AbortSignal} signal @returns {Promise<any>}
 */
export const getChanges = (id, signal) => askJson(`/api/runs/${encodeURIComponent(id)}/changes`, { signal });

/** @param {string} id @param {string} name */
export const deleteCheckpoint = (id, name) =>
  ask(`/api/runs/${encodeURIComponent(id)}/checkpoints/${encodeURIComponent(name)}`, { method: "DELETE" });

/**
 * Rows from a number on; with points, all of them or the extremes of at most so many.
 *
 * @param {string} id @param {string} probe @param {number} from @param {number | undefined} points
 * @param {AbortSignal} signal @returns {Promise<Frame>}
 */
export async function getRows(id, probe, from, points, signal) {
  const seen = points === undefined ? "" : `&points=${points}`;
  const response = await ask(
    `/api/runs/${encodeURIComponent(id)}/metrics?probe=${probe}&from=${from}${seen}`,
    { signal },
  );
  return decodeFrame(await response.arrayBuffer());
}

/**
 * Recorded frames of a picture, the oldest first.
 *
 * @param {string} id @param {string} key
 * @param {{ fromStep?: number, limit?: number, signal: AbortSignal }} options @returns {Promise<Frame[]>}
 */
export async function getFrames(id, key, { fromStep = 0, limit = 200, signal }) {
  const response = await ask(
    `/api/runs/${encodeURIComponent(id)}/frames?key=${key}&from_step=${fromStep}&limit=${limit}`,
    { signal },
  );
  return unpackFrames(await response.arrayBuffer());
}

/**
 * An experiment in another form.
 *
 * @param {Experiment} experiment @param {"python" | "onnx"} format
 * @returns {Promise<{ name: string, bytes: Blob }>}
 */
export async function exported(experiment, format) {
  return downloaded(await ask("/api/export", { method: "POST", json: { experiment, format } }), format);
}

/**
 * A run in another form: its experiment, or its network with its weights.
 *
 * @param {string} id @param {ExportFormat} format @param {string} [more] of the query
 */
export async function exportedRun(id, format, more = "") {
  return downloaded(await ask(`/api/runs/${encodeURIComponent(id)}/export?format=${format}${more}`), format);
}

/** @typedef {"python" | "onnx" | "safetensors"} ExportFormat */

/**
 * @param {Response} response @param {ExportFormat} format @returns {Promise<{ name: string, bytes: Blob }>}
 */
async function downloaded(response, format) {
  const [, name = `experiment.${format === "python" ? "py" : format}`] =
    /filename="?([^";]+)"?/.exec(response.headers.get("Content-Disposition") ?? "") ?? [];
  return { name, bytes: await response.blob() };
}

/** @param {string} id */
export const liveAddress = (id) => socketAddress(`/api/runs/${encodeURIComponent(id)}/live`);

/** Where studies run that need no run. */
export const studiesAddress = () => socketAddress("/api/studies/live");

/** @param {string} path */
function socketAddress(path) {
  const address = new URL(at(path), location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  return address.href;
}

/**
 * A run in lists.
 *
 * @typedef {object} RunRow
 * @property {string} id
 * @property {number} number
 * @property {string} title
 * @property {string} data
 * @property {string} network
 * @property {RunState} state
 * @property {{ detail?: string } | null} reason
 * @property {number} step
 * @property {number | null} loss
 * @property {number} created seconds since 1970
 */

/**
 * A page of the runs that match; `total` is how many do on all pages.
 *
 * @param {URLSearchParams} wanted text, state, order, descending, offset, limit
 * @returns {Promise<{ runs: RunRow[], total: number }>}
 */
export async function findRuns(wanted) {
  const response = await ask(`/api/runs?${wanted}`);
  return { runs: await response.json(), total: Number(response.headers.get("Total-Count")) };
}
