/** The title of the run, which is also the page's; emptied, it follows the experiment again. */

/** @import { Run } from "../../types.d.ts" */
/** @import { RunControl } from "../../run/run.js" */

import { element } from "../../core/dom.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  glassnet: "{title} ({number}) · Glassnet",
  glassnet2: "Glassnet",
});

const LABELS = texts(import.meta.url, {
  title: "Title of the run",
  hint: "A name of your own; empty, it follows the data and the network",
});

/** The title of the document: the number tells runs of one title apart. @param {Run | null} run */
export function documentTitle(run) {
  return run ? TEXTS.glassnet({ title: run.title, number: run.number }) : TEXTS.glassnet2;
}

/** @param {RunControl} run */
export function titleField(run) {
  const title = element("input", {
    class: "title",
    "aria-label": LABELS.title,
    title: LABELS.hint,
    autocomplete: "off",
    spellcheck: "false",
    maxlength: 200,
  });
  const show = () => (title.value = run.state.run?.title ?? "");
  // An empty one is no title: what it is again is shown once it is known.
  title.addEventListener("change", () => void run.rename(title.value.trim()).then(show));
  title.addEventListener("keydown", (event) => {
    if (event.key === "Enter") title.blur();
    if (event.key === "Escape") {
      show();
      title.blur();
    }
  });
  run.store.watch(
    (state) => state.run?.title ?? "",
    () => {
      if (document.activeElement !== title) show();
      document.title = documentTitle(run.state.run);
    },
  );
  run.store.watch(
    (state) => state.run?.control ?? false,
    (allowed) => (title.disabled = !allowed),
  );
  return title;
}
