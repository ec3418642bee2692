// What the ways to come by an input have in common.

import type { JsonObject } from "../../types.d.ts";

/** A way to come by an input. */
export interface Source {
  /** Its controls. */
  element: HTMLElement;
  /** It was turned to: choose what it has, if anything. */
  show: () => void;
  /** It was turned away from. */
  hide?: () => void;
}

/** What sources need to know of the data, and where they put what was chosen. */
export interface Chooser {
  /** [channels, height, width] */
  shape: () => number[];
  /** How a drawing becomes a sample. */
  style: () => "plain" | "filled" | "centred";
  choose: (input: JsonObject) => void;
  /** Choose what a canvas shows. */
  chooseDrawn: (
    canvas: HTMLCanvasElement,
    context: CanvasRenderingContext2D,
    style: "plain" | "filled" | "centred",
  ) => void;
}
