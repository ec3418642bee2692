/** An experiment in an address: `#g1=` and its JSON, deflated, in base64url. */

/** @import { Experiment } from "../types.d.ts" */

const PREFIX = "#g1=";

/** Longer texts than this are refused: no experiment is, and a small link can unfold into a large text. */
const MOST = 1 << 20;

/** @param {unknown} experiment @returns {Promise<string>} the fragment, with its # */
export async function toFragment(experiment) {
  const bytes = new TextEncoder().encode(JSON.stringify(experiment));
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return PREFIX + toBase64(new Uint8Array(await new Response(stream).arrayBuffer()));
}

/**
 * @param {string} fragment @returns {Promise<Experiment | null>} null where the address holds none; rejected
 * where it is damaged
 */
export async function fromFragment(fragment) {
  if (!fragment.startsWith(PREFIX)) return null;
  const stream = new Blob([fromBase64(fragment.slice(PREFIX.length))])
    .stream()
    .pipeThrough(new DecompressionStream("deflate-raw"));
  const decoder = new TextDecoder();
  let text = "";
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
    if (text.length > MOST) throw new Error("the link unfolds into more than a megabyte");
  }
  return /** @type {Experiment} */ (JSON.parse(text));
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
