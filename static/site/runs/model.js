/** What the list of runs shows: which runs, in which order, from which place on; and each run in words. */

/** @import { RunRow } from "../../core/api.js" */

import { isUnusable, stateName } from "../../core/run_states.js";
import { duration, shortNumber, wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { STATES } from "./words.js";

const TEXTS = texts(import.meta.url, {
  brief: "No. {number}, step {step}",
  ago: "{value} ago",
});

/**
 * @typedef {"number" | "title" | "state" | "step" | "loss" | "created"} Order
 * @typedef {{ text: string, state: string, order: Order, descending: boolean, page: number }} Wanted `state` is
 * one of STATES by name, or empty: any; `page` counts from 0
 */

/** Runs on a page. */
export const PAGE = 50;

/** @type {Wanted} */
const FIRST = { text: "", state: "", order: "created", descending: true, page: 0 };

/** @type {Order[]} */
const ORDERS = ["number", "title", "state", "step", "loss", "created"];

/** What is wanted by the query of an address; what it does not say, or says wrongly, is as at first.
 *
 * @param {string} query @returns {Wanted}
 */
export function wantedBy(query) {
  const said = new URLSearchParams(query);
  const state = STATES.find(([name]) => name === said.get("state"))?.[0] ?? FIRST.state;
  const order = ORDERS.find((each) => each === said.get("order")) ?? FIRST.order;
  const page = Math.max(0, Math.floor(Number(said.get("page") ?? 1) - 1)) || 0;
  return { text: said.get("text") ?? "", state, order, descending: said.get("ascending") === null, page };
}

/** The query of an address that says what is wanted. @param {Wanted} wanted @returns {string} */
export function queryOf({ text, state, order, descending, page }) {
  const said = new URLSearchParams();
  if (text) said.set("text", text);
  if (state) said.set("state", state);
  if (order !== FIRST.order) said.set("order", order);
  if (!descending) said.set("ascending", "");
  if (page) said.set("page", String(page + 1));
  return said.size ? `?${said}` : "";
}

/** What the server is asked. @param {Wanted} wanted @returns {URLSearchParams} */
export function askedFor({ text, state, order, descending, page }) {
  const asked = new URLSearchParams({ text: text.slice(0, 200), order, descending: String(descending) });
  for (const each of STATES.find(([name]) => name === state)?.[1] ?? []) asked.append("state", each);
  asked.set("offset", String(page * PAGE));
  asked.set("limit", String(PAGE));
  return asked;
}

/**
 * The same, ordered by a column: the other way round where it is already; numbers begin with the greatest.
 *
 * @param {Wanted} wanted @param {Order} order @returns {Wanted}
 */
export function reordered(wanted, order) {
  const descending =
    wanted.order === order ? !wanted.descending : !["title", "state", "loss"].includes(order);
  return { ...wanted, order, descending, page: 0 };
}

/**
 * A run in words.
 *
 * @param {RunRow} run @param {number} now seconds since 1970
 */
export function rowOf(run, now) {
  const { number, title, data, network, state, step, loss, created } = run;
  const facts = [!title.includes(data) && data, !title.includes(network) && network].filter(Boolean);
  return {
    number: String(number),
    title,
    facts: isUnusable(run) ? (run.reason?.detail ?? "") : facts.join(" · "),
    state: stateName(state),
    step: wholeNumber(step),
    brief: TEXTS.brief({ number, step: wholeNumber(step) }),
    loss: loss === null ? "–" : shortNumber(loss),
    created: TEXTS.ago({ value: duration(Math.max(0, now - created)) }),
    date: new Date(created * 1000),
  };
}
