/** On every page: the header's search button, and the keys that work everywhere. */

import { byId, element, icon } from "../core/dom.js";
import { hasCommand, isPlain, isTaken } from "../core/key_target.js";
import { noticesAt } from "../core/notices.js";
import { offer } from "../core/offers.js";
import { chooseTheme, currentTheme } from "../core/theme.js";
import { texts } from "../core/texts.js";

/** The texts of this module. */
const TEXTS = texts(import.meta.url, {
  lightDarkColours: "light dark colours",
  group: "This page",
  search: "Search",
  searchTitle: "Search everything (/ or Ctrl+K)",
  palette: "Search everything",
  help: "List of keys",
  light: "Light theme",
  dark: "Dark theme",
  link: "Copy a link to this page",
  unloaded: "This part of the page cannot be loaded: the server cannot be reached.",
});

/**
 * Load a part of the page when it is first asked for, and say where it cannot be.
 *
 * @param {() => Promise<void>} use
 */
const onDemand = (use) => () => void use().catch(() => tell(TEXTS.unloaded));

/** Enter, among what is typed. */
const ENTER = "\n";

/** What is typed while the palette is on its way; null: it is not. @type {string | null} */
let typed = null;

const search = onDemand(async () => {
  typed ??= "";
  try {
    const { togglePalette } = await import("./palette/palette.js");
    await togglePalette(() => typed ?? "");
  } finally {
    typed = null;
  }
});
const help = onDemand(async () => (await import("./keyboard.js")).showKeys());

/** @type {ReturnType<typeof noticesAt> | null} */
let notices = null;

/** @param {string} text */
function tell(text) {
  notices ??= noticesAt(byId("notice"));
  notices(text, "error");
}

/** @typedef {{ id: string, keys: string[], matches: (event: KeyboardEvent) => boolean, act: () => void }} SiteAction */

/** @type {(SiteAction & { label: string })[]} */
const ACTIONS = [
  {
    id: "search",
    label: TEXTS.palette,
    keys: ["Ctrl", "K"],
    matches: (event) =>
      (hasCommand(event) && !event.altKey && event.key.toLowerCase() === "k") ||
      (isPlain(event) && event.key === "/" && !isTaken(event)),
    act: search,
  },
  {
    id: "help",
    label: TEXTS.help,
    keys: ["?"],
    matches: (event) => isPlain(event) && event.key === "?" && !isTaken(event),
    act: help,
  },
];

/** Keys meant for a palette that is still being loaded are no keys of the page: r would start the run over. */
addEventListener(
  "keydown",
  (event) => {
    const isEnter = event.key === "Enter";
    if (typed === null || !(isEnter || event.key.length === 1) || !isPlain(event)) return;
    typed += isEnter ? ENTER : event.key;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  { capture: true },
);

document.addEventListener("keydown", (event) => {
  const action = event.defaultPrevented ? null : ACTIONS.find(({ matches }) => matches(event));
  if (!action) return;
  event.preventDefault();
  action.act();
});

offer(() => {
  const dark = currentTheme() === "dark";
  return [
    ...ACTIONS.map(({ id, label, keys, act }) => ({ id, group: TEXTS.group, label, keys, act })),
    {
      id: "theme",
      group: TEXTS.group,
      label: dark ? TEXTS.light : TEXTS.dark,
      terms: TEXTS.lightDarkColours,
      act: () => chooseTheme(dark ? "light" : "dark"),
    },
  ];
});

byId("site-search").append(
  element(
    "button",
    {
      type: "button",
      class: "search-button",
      title: TEXTS.searchTitle,
      "aria-haspopup": "dialog",
      onclick: search,
    },
    icon("search"),
    element("span", {}, TEXTS.search),
    element("kbd", {}, "/"),
  ),
);
