/** A picture from a file, or one of scikit-learn's photographs. */

/** @import { JsonObject } from "../../types.d.ts" */
/** @import { RunControl } from "../../run/run.js" */
/** @import { Chooser, Source } from "./chosen.js" */

import { postBlob } from "../../core/api.js";
import { element, setText } from "../../core/dom.js";

/** @param {RunControl} run @param {Chooser} chooser @returns {Source} */
export function fileSource(run, chooser) {
  /** @type {JsonObject} */
  let picture = { kind: "photograph", name: "china" };
  const words = element("p", { class: "note", role: "status" }, "PNG, JPEG, WebP, GIF, TIFF, BMP.");
  let name = "";
  const say = (/** @type {string} */ text, complains = false) => {
    words.className = complains ? "complaint" : "note";
    setText(words, text);
  };
  // Only the run, with its data, can tell whether the file is a picture.
  run.store.watch(
    (state) => state.unreadable,
    (refused) => refused && say(`${name}: ${refused.words}`, true),
  );
  const invert = element("input", { type: "checkbox", onchange: () => send() });
  const fit = element(
    "select",
    { "aria-label": "How the picture is fitted", onchange: () => send() },
    ...[
      ["crop", "cut out the middle"],
      ["pad", "add black bars"],
      ["stretch", "stretch"],
    ].map(([value, title]) => element("option", { value }, title)),
  );
  const send = () => chooser.choose({ ...picture, fit: fit.value, invert: invert.checked });
  const open = async (/** @type {File} */ file) => {
    name = file.name;
    say(`Sending ${name} …`);
    try {
      picture = { kind: "picture", blob: `sha256:${(await postBlob(file)).sha256}` };
      say(name);
      send();
    } catch (error) {
      say(`${name}: ${error instanceof Error ? error.message : error}`, true);
    }
  };
  const input = element("input", {
    type: "file",
    class: "visually-hidden",
    accept: "image/*",
    "aria-label": "A picture",
    onchange: () => {
      const [file] = input.files ?? [];
      if (file) void open(file);
      input.value = "";
    },
  });
  const example = (/** @type {string} */ name, /** @type {string} */ title) =>
    element(
      "button",
      {
        type: "button",
        class: "mark",
        onclick: () => (
          (picture = { kind: "photograph", name }),
          say(`${title}, a photograph of scikit-learn's.`),
          send()
        ),
      },
      title,
    );
  return {
    element: element(
      "div",
      { class: "chosen-file" },
      element(
        "div",
        { class: "marks" },
        element("label", { class: "button" }, "Choose a file …", input),
        example("china", "Temple"),
        example("flower", "Flower"),
      ),
      element(
        "div",
        { class: "chosen-row" },
        element("span", { class: "select" }, fit),
        element("label", { class: "check" }, invert, "Light for dark"),
      ),
      words,
    ),
    show: send,
  };
}
