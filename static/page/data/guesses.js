/** What was guessed of an upload of own pictures, in words, and what was left out. Pure. */

/** @import { KeptImages } from "../../core/api.js" */

import { fullNumber, wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  leastGreatest: "the least to the greatest",
  dosWesternCp437: "DOS, western (CP437)",
  windowsWesternCp1252: "Windows, western (CP1252)",
  japaneseShiftJis: "Japanese (Shift JIS)",
  chineseSimplifiedGbk: "Chinese, simplified (GBK)",
  chineseTraditionalBig5: "Chinese, traditional (Big5)",
  koreanCp949: "Korean (CP949)",
  dosCyrillicCp866: "DOS, Cyrillic (CP866)",
  windowsCyrillicCp1251: "Windows, Cyrillic (CP1251)",
  someLieOutside: "; some lie outside, and are black or white",
  valuesGoFromUp: "Values go from {low} to {high}, 99 of 100 up to {usual}{outside}.",
  blackAndWhiteAre: "Black and white are",
  namesAreIn: "Names are in",
  fileDoesNot: "The file does not say how its names are encoded.",
  andForValidation: " and {validated} for validation",
  picturesKeptTesting: "{tested} pictures are kept for testing{andForValidation}, as the file has them.",
  shareAllDrawnTesting: "A share of all is drawn for testing.",
  sets: "Sets",
  fileThem: "as the file has them",
  allInOne: "all in one",
  upperAndLowerCase: "Upper and lower case",
  theSameClass: "the same class",
  differentClasses: "different classes",
  andMore: " and {count} more",
});

/** @typedef {[value: string, label: string]} Option */
/** @typedef {{ key: string, label: string, finding: string, value: string, options: Option[] }} Guess */

/** How an upload is read that can be read in several ways. @type {Record<string, string>} */
export const GUESSED = { scale: "auto", encoding: "auto", sets: "own", case: "same", only: "" };

/** @type {Option[]} */
const SCALES = [
  ["0..1", "0 to 1"],
  ["-1..1", "−1 to 1"],
  ["0..16", "0 to 16"],
  ["0..255", "0 to 255"],
  ["0..4095", "0 to 4095"],
  ["0..65535", "0 to 65535"],
  ["min..max", TEXTS.leastGreatest],
];

/** @type {Option[]} */
const ENCODINGS = [
  ["utf-8", "UTF-8"],
  ["cp437", TEXTS.dosWesternCp437],
  ["cp1252", TEXTS.windowsWesternCp1252],
  ["cp932", TEXTS.japaneseShiftJis],
  ["gbk", TEXTS.chineseSimplifiedGbk],
  ["big5", TEXTS.chineseTraditionalBig5],
  ["cp949", TEXTS.koreanCp949],
  ["cp866", TEXTS.dosCyrillicCp866],
  ["cp1251", TEXTS.windowsCyrillicCp1251],
];

/**
 * The guesses that were made about an upload, each with its alternatives.
 *
 * @param {KeptImages} kept @param {Record<string, string>} asked
 * @returns {Guess[]}
 */
export function guessesOf(kept, asked) {
  /** @type {Guess[]} */
  const found = [];
  if (kept.scale) {
    const { used, least, greatest, most_below: most, clipped_share: beyond } = kept.scale;
    const outside = beyond > 0 ? TEXTS.someLieOutside : "";
    const [low = "", high = "", usual = ""] = [least, greatest, most].map((value) =>
      fullNumber(Number(value.toPrecision(8))),
    );
    const finding = TEXTS.valuesGoFromUp({ low, high, usual, outside });
    const value = asked["scale"] === "min..max" ? "min..max" : used;
    found.push({
      key: "scale",
      label: TEXTS.blackAndWhiteAre,
      finding,
      value,
      options: withOption(SCALES, value, used.replace("..", " to ").replace("-", "−")),
    });
  }
  if (kept.encoding) {
    found.push({
      key: "encoding",
      label: TEXTS.namesAreIn,
      finding: TEXTS.fileDoesNot,
      value: kept.encoding,
      options: withOption(ENCODINGS, kept.encoding, kept.encoding),
    });
  }
  if (kept.tested > 0 || asked["sets"] === "pooled") {
    const own =
      kept.tested > 0
        ? TEXTS.picturesKeptTesting({
            tested: kept.tested,
            andForValidation: kept.validated ? TEXTS.andForValidation({ validated: kept.validated }) : "",
          })
        : TEXTS.shareAllDrawnTesting;
    found.push({
      key: "sets",
      label: TEXTS.sets,
      finding: own,
      value: asked["sets"] ?? "own",
      options: [
        ["own", TEXTS.fileThem],
        ["pooled", TEXTS.allInOne],
      ],
    });
  }
  if (asked["case"] === "apart" || kept.notes.some((note) => note.includes("differ in case alone"))) {
    found.push({
      key: "case",
      label: TEXTS.upperAndLowerCase,
      finding: "",
      value: asked["case"] ?? "same",
      options: [
        ["same", TEXTS.theSameClass],
        ["apart", TEXTS.differentClasses],
      ],
    });
  }
  return found;
}

/**
 * Whether an upload has notes, omissions or guesses to review before it is used.
 *
 * @param {KeptImages} kept @param {Record<string, string>} asked
 */
export function needsReview(kept, asked) {
  return kept.notes.length > 0 || kept.left_out.length > 0 || guessesOf(kept, asked).length > 0;
}

/** The files that were left out, each with its reason, as texts. @param {Pick<KeptImages, "left_out">} kept */
export function leftOutText(kept) {
  return kept.left_out.map(({ why, count, files }) => {
    const names = files.slice(0, 3).join(", ");
    const more =
      count > Math.min(3, files.length)
        ? TEXTS.andMore({ count: wholeNumber(count - Math.min(3, files.length)) })
        : "";
    return `${names}${more}: ${why}`;
  });
}

/** @param {Option[]} options @param {string} value @param {string} label @returns {Option[]} */
function withOption(options, value, label) {
  return options.some(([each]) => each === value) ? options : [[value, label], ...options];
}
