/** The header of every page: the theme, the current run, and on a phone the menu that holds the rest. */

/** @import { CurrentRun } from "./current_run.js" */

import { texts } from "./texts.js";
import { at } from "./address.js";
import { chipOf, rememberedRun, rememberRun } from "./current_run.js";
import { byId, element, icon, setAttribute, setIcon, setText } from "./dom.js";
import { chooseTheme, currentTheme } from "./theme.js";

const TEXTS = texts(import.meta.url, {
  currentRun: "Current run:",
});

/** Where the header has no room for its words; styles/site.css has the same width. */
const NARROW = matchMedia("(max-width: 820px)");

const menu = byId("site-menu");
const chip = byId("current-run", HTMLAnchorElement);
/** The instrument: on the current run, and else on the one that the front page chooses. */
const playground = byId("site-nav").querySelector("a");
const front = playground?.getAttribute("href") ?? "";
const chipIcon = icon("pause");
const title = element("b", {});
const step = element("span", { class: "step" });
const state = element("span", { class: "visually-hidden" });
chip.append(
  element("span", { class: "visually-hidden" }, TEXTS.currentRun, " "),
  chipIcon,
  title,
  step,
  state,
);

byId("theme").addEventListener("click", () => chooseTheme(currentTheme() === "dark" ? "light" : "dark"));
intoMenu(NARROW, byId("site-nav"), byId("site-tools"));

/**
 * Keep elements in the header's menu as long as a media query holds, and else where they stand now.
 *
 * @param {MediaQueryList} narrow @param {...HTMLElement} parts
 */
export function intoMenu(narrow, ...parts) {
  const places = parts.map((part) => {
    const place = new Comment();
    part.before(place);
    return place;
  });
  const arrange = () => {
    if (narrow.matches) return menu.append(...parts);
    menu.hidePopover();
    parts.forEach((part, index) => places[index]?.after(part));
  };
  narrow.addEventListener("change", arrange);
  arrange();
}

/** Show and remember the run that this window is in. @param {CurrentRun} run */
export function showCurrentRun(run) {
  rememberRun(run);
  const shown = chipOf(run);
  setIcon(chipIcon, shown.icon);
  setText(title, shown.title);
  setText(step, shown.step);
  setText(state, shown.state);
  // Each part is a box of its own: read out one after the other, they would have gaps before the commas.
  setAttribute(chip, "aria-label", `${TEXTS.currentRun} ${shown.title}${shown.step}${shown.state}`);
  const address = at(`/runs/${run.id}`);
  setAttribute(chip, "href", address);
  playground?.setAttribute("href", address);
  setAttribute(chip, "title", shown.title);
  chip.dataset["state"] = run.state;
  chip.hidden = false;
}

/** Show no current run, if it is still the one of this id. @param {string} id */
export function forgetCurrentRun(id) {
  if (rememberedRun()?.id !== id) return;
  rememberRun(null);
  playground?.setAttribute("href", front);
  chip.hidden = true;
}
