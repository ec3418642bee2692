/** An experiment in an address: `#g1=` and its JSON, deflated, in base64url. */

/** @import { Experiment } from "../types.d.ts" */

import { texts } from "./texts.js";
import { readExperiment, MOST_CHARACTERS } from "./experiment_document.js";

const PREFIX = "#g1=";

const TEXTS = texts(import.meta.url, {
  damaged: "it is cut off or altered",
  tooLong: "it unfolds into more than a megabyte",
});

/** @param {unknown} experiment @returns {Promise<string>} the fragment, with its # */
export async function toFragment(experiment) {
  const bytes = new TextEncoder().encode(JSON.stringify(experiment));
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return PREFIX + toBase64(new Uint8Array(await new Response(stream).arrayBuffer()));
}

/**
 * @param {string} text @returns {string | null} the fragment of a text that is a link to an experiment, or the
 * fragment alone
 */
export function readFragment(text) {
  const found = /#g1=[\w-]+$/.exec(text.trim());
  return found && !/\s/.test(text.trim()) ? found[0] : null;
}

/**
 * @param {string} fragment @returns {Promise<Experiment | null>} null where the address holds none; rejected
 * where it is damaged, or is no experiment
 */
export async function fromFragment(fragment) {
  if (!fragment.startsWith(PREFIX)) return null;
  return readExperiment(await unfolded(fragment.slice(PREFIX.length)));
}

/** @param {string} packed @returns {Promise<string>} */
async function unfolded(packed) {
  try {
    return await inflated(fromBase64(packed));
  } catch (error) {
    throw error instanceof RangeError ? error : new Error(TEXTS.damaged, { cause: error });
  }
}

/** @param {Uint8Array<ArrayBuffer>} bytes @returns {Promise<string>} rejected with a RangeError where it is too long */
async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const decoder = new TextDecoder();
  let text = "";
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
    if (text.length > MOST_CHARACTERS) throw new RangeError(TEXTS.tooLong);
  }
  return text;
}

/** @param {Uint8Array} bytes */
export function toBase64(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
export function fromBase64(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) =>
    letter.charCodeAt(0),
  );
}
