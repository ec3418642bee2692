/**
 * Plotly, loaded when first needed: a classic script of 4.6 MB (1.5 MB over the wire) that declares one global.
 *
 * The page's policy allows no inline style. Plotly adds style elements to a page unless there are elements with
 * these ids already, so they are put there first: our own sheet in the place of Plotly's rules, and nothing in the
 * place of those of its maps, which no plot of ours has.
 */

import { element } from "../../core/dom.js";

/**
 * What is used of it.
 *
 * @typedef {object} Plotly
 * @property {(host: HTMLElement, data: object[], layout: object, config: object) => Promise<unknown>} react
 * @property {(figure: object, options: object) => Promise<string>} toImage
 * @property {(host: HTMLElement) => void} purge
 */

const SCRIPT = new URL("../../vendor/plotly.min.js", import.meta.url).href;
const SHEET = new URL("../../styles/plotly.css", import.meta.url).href;

/** The id of the style element of its rules, and the class by which it leaves them to the page. */
const RULES = { id: "plotly.js-style-global", class: "no-inline-styles" };

/** The id of the style element of its maps; a test fails where another version has another. */
const MAPS = "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53";

/** @type {Promise<Plotly> | null} */
let loading = null;

/** The library; after a failure it is loaded anew when asked for again. @returns {Promise<Plotly>} */
export function plotly() {
  loading ??= load().catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

/** @returns {Promise<Plotly>} */
async function load() {
  if (!document.getElementById(MAPS)) document.head.append(element("meta", { id: MAPS }));
  const sheet = element("link", { rel: "stylesheet", href: SHEET, ...RULES });
  const script = element("script", { src: SCRIPT });
  try {
    await Promise.all([sheet, script].map(loaded));
  } catch (error) {
    for (const part of [sheet, script]) part.remove();
    throw error;
  }
  return /** @type {any} */ (globalThis).Plotly;
}

/** @param {HTMLLinkElement | HTMLScriptElement} part */
function loaded(part) {
  return new Promise((resolve, reject) => {
    part.addEventListener("load", resolve);
    part.addEventListener("error", () => reject(new Error("the server does not answer, or not with Plotly")));
    document.head.append(part);
  });
}
