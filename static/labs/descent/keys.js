/** The keys of the lab: undo and redo everywhere, the time of the race outside text fields. */

/** @import { Playback } from "./playback.js" */

/** @param {Playback} playback @param {{ undo: () => void, redo: () => void }} history */
export function listenToKeys(playback, { undo, redo }) {
  document.addEventListener("keydown", (event) => {
    const target = event.target;
    const inText = target instanceof HTMLInputElement && target.type === "text";
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !inText) {
      event.preventDefault();
      if (event.shiftKey) redo();
      else undo();
      return;
    }
    const typing =
      target instanceof HTMLInputElement ||
      target instanceof HTMLSelectElement ||
      target instanceof HTMLButtonElement;
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " ") {
      event.preventDefault();
      if (playback.playing) playback.pause();
      else playback.play();
    } else if (event.key === ".") playback.step(1);
    else if (event.key === ",") playback.step(-1);
    else if (event.key === "r") playback.restart();
  });
}
