/** The title of the run, which is also the page's. */

/** @import { RunControl } from "../../run/run.js" */

import { element } from "../../core/dom.js";

/** @param {RunControl} run */
export function titleField(run) {
  const title = element("input", {
    class: "title",
    "aria-label": "Title of the run",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: 200,
  });
  title.addEventListener("change", () => run.rename(title.value.trim()));
  title.addEventListener("keydown", (event) => {
    if (event.key === "Enter") title.blur();
    if (event.key === "Escape") {
      title.value = run.state.run?.title ?? "";
      title.blur();
    }
  });
  run.store.watch(
    (state) => state.run?.title ?? "",
    (text) => {
      title.value = text;
      document.title = text ? `${text} · Glassnet` : "Glassnet";
    },
  );
  run.store.watch(
    (state) => state.run?.control ?? false,
    (allowed) => (title.disabled = !allowed),
  );
  return title;
}
