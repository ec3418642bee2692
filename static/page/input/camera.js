/**
 * What the camera sees, a few times a second. Pictures leave the browser as small as the network gets them.
 */

/** @import { Chooser, Source } from "./source.d.ts" */

import { element, setText } from "../../core/dom.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  cameraView: "What the camera sees",
  camerasPicturesStay:
    "The camera's pictures stay in this browser, but for the few pixels that the network gets.",
  browserGivesCamera: "This browser gives the camera to pages of https or of this machine alone.",
  cameraDenied: "The browser was not allowed to use the camera.",
  thereNoCameraHere: "There is no camera here.",
  cameraCannotBeUsed: "The camera cannot be used: {message}",
  lightForDark: "Light for dark",
});

/** Milliseconds between two pictures. */
const EVERY = 200;

/** Pixels along one side of what is cut out of the camera's picture. */
const SIDE = 192;

/** @param {Chooser} chooser @returns {Source} */
export function cameraSource(chooser) {
  const video = element("video", {
    class: "camera",
    muted: true,
    playsinline: true,
    "aria-label": TEXTS.cameraView,
  });
  const invert = element("input", { type: "checkbox" });
  const status = element("p", { class: "note", role: "status" }, TEXTS.camerasPicturesStay);
  const still = element("canvas", { width: SIDE, height: SIDE });
  const context = /** @type {CanvasRenderingContext2D} */ (
    still.getContext("2d", { willReadFrequently: true })
  );
  /** @type {MediaStream | null} */
  let stream = null;
  let timer = 0;

  const stop = () => {
    window.clearInterval(timer);
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
  };
  const take = () => {
    const side = Math.min(video.videoWidth, video.videoHeight);
    if (!side || document.hidden) return;
    context.filter = invert.checked ? "invert(1)" : "none";
    context.drawImage(
      video,
      (video.videoWidth - side) / 2,
      (video.videoHeight - side) / 2,
      side,
      side,
      0,
      0,
      SIDE,
      SIDE,
    );
    chooser.chooseDrawn(still, context, "plain");
  };
  const start = async () => {
    if (!navigator.mediaDevices) return setText(status, TEXTS.browserGivesCamera);
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 240 } });
      video.srcObject = stream;
      await video.play();
      timer = window.setInterval(take, EVERY);
    } catch (error) {
      stop();
      const name = error instanceof DOMException ? error.name : "";
      setText(
        status,
        name === "NotAllowedError"
          ? TEXTS.cameraDenied
          : name === "NotFoundError"
            ? TEXTS.thereNoCameraHere
            : TEXTS.cameraCannotBeUsed({ message: error instanceof Error ? error.message : String(error) }),
      );
    }
  };
  return {
    element: element(
      "div",
      { class: "chosen-camera" },
      video,
      element("label", { class: "check" }, invert, TEXTS.lightForDark),
      status,
    ),
    show: () => void start(),
    hide: stop,
  };
}
