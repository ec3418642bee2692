/**
 * One number of a feature map, or of a unit, followed through: window, products, sum, bias, activation,
 * softmax.
 */

/** @import { RunControl } from "../run/run.js" */
/** @import { StageView } from "../network/layout.js" */
/** @import { Panel } from "../widgets/lazy_panel.js" */
/** @import { Arithmetic, Grid, Term } from "../network/window_arithmetic.js" */
/** @import { Theme } from "../draw/colors.js" */

import { at, readArithmetic, resultOf, softmaxSteps, termsAt } from "../network/window_arithmetic.js";
import { onNextBeat } from "../core/paint_scheduler.js";
import { element, iconButton, setAttribute, setIcon, setText } from "../core/dom.js";
import { isSigned, mapTable } from "../draw/maps.js";
import { fitCanvas } from "../draw/plot.js";
import { fullNumber, steadyNumber } from "../core/format.js";
import { isEqual } from "../core/json.js";
import { color } from "../draw/theme_colors.js";
import { nodeItem } from "../catalog/catalog.js";
import { arithmeticDemand, classNames } from "../run/maps.js";

/** Decimals of the numbers: few enough to read, enough that sums are seen to agree. */
const DECIMALS = 3;

/** Milliseconds that a playing window stays at a place. */
const STAY = 450;

/**
 * Pixels that a cell with value × weight takes, and what stands beside the cells; where there is less, a cell
 * shows the product alone.
 */
const CELL = 92;
const BESIDE = 470;

/** Terms of a dense unit that are listed; the others are summed up. */
const MOST_TERMS = 9;

/** @param {RunControl} run @param {StageView} stage @returns {Panel} */
export function arithmeticPanel(run, stage) {
  /** @type {Arithmetic | null} */
  let shown = null;
  const place = { y: 0, x: 0, channel: 0 };
  /** @type {ReturnType<typeof setInterval> | null} */
  let playing = null;

  const title = element("b", {});
  const where = element("span", { class: "note" });
  const play = iconButton("play", "Slide the window", () => (playing === null ? start() : stop()));
  const back = iconButton("rewind", "One place back", () => (stop(), move(-1)));
  const step = iconButton("step", "One place on", () => (stop(), move(1)));
  const input = picture("What arrives; the window is framed", (y, x) => {
    if (!shown) return;
    const { size, stride, padding, dilation, output } = shown;
    const centre = (/** @type {number} */ value, /** @type {0 | 1} */ axis) =>
      Math.round((value + padding[axis] - (dilation[axis] * (size[axis] - 1)) / 2) / stride[axis]);
    goTo(Math.min(output.height - 1, centre(y, 0)), Math.min(output.width - 1, centre(x, 1)));
  });
  const output = picture("The map that comes of it; arrow keys move the place", (y, x) => goTo(y, x));
  const channels = element("div", {
    class: "channels",
    role: "group",
    "aria-label": "Channels that are read",
  });
  const productsTitle = element("h3", { class: "caption" });
  const products = element("table", { class: "products" });
  const sums = element("dl", { class: "sums" });
  const result = element("p", { class: "arithmetic-result", role: "status" });
  const softmax = element("table", { class: "softmax" });
  const windowed = element(
    "div",
    { class: "arithmetic-body" },
    figure("Input", input.canvas, channels),
    element("div", { class: "products-place" }, productsTitle, products),
    element("div", { class: "sums-place" }, element("h3", { class: "caption" }, "Sum"), sums),
    figure("Output", output.canvas),
  );
  const softmaxPlace = element(
    "section",
    { class: "softmax-place" },
    element("h3", { class: "caption" }, "Softmax"),
    softmax,
  );
  const empty = element("p", { class: "note" }, "The numbers of this unit appear with the next step.");
  const controls = element("div", { class: "arithmetic-controls" }, back, play, step);
  const whole = element(
    "div",
    { class: "arithmetic-panel" },
    element("div", { class: "arithmetic-head" }, title, where, controls, result),
    empty,
    windowed,
    softmaxPlace,
  );

  const paint = onNextBeat(() => {
    const arithmetic = shown;
    empty.hidden = arithmetic !== null;
    windowed.hidden = arithmetic === null;
    softmaxPlace.hidden = !arithmetic?.softmax;
    controls.hidden = !arithmetic || arithmetic.output.height * arithmetic.output.width === 1;
    if (!arithmetic || whole.clientWidth === 0) return;
    const { theme, catalog } = run.state;
    const column = currentColumn();
    place.y = Math.min(place.y, arithmetic.output.height - 1);
    place.x = Math.min(place.x, arithmetic.output.width - 1);
    place.channel = Math.min(place.channel, arithmetic.input.length - 1);
    const terms = termsAt(arithmetic, place.y, place.x);
    const {
      channels: perChannel,
      bias,
      result: value,
      largest,
      count,
    } = resultOf(arithmetic, terms, place.y, place.x);
    const dense = arithmetic.size[0] === 1 && arithmetic.output.data.length === 1 && arithmetic.how === "sum";
    whole.classList.toggle("dense", dense);
    setText(
      productsTitle,
      dense ? "Input × weight, the largest first" : arithmetic.kernel ? "Window × kernel" : "Window",
    );
    setText(title, column ? `${column.head}, ${dense ? "unit" : "map"} ${run.state.unit + 1}` : "");
    setText(where, dense ? `${terms.length} inputs` : settingsWords(arithmetic, place));
    const final = arithmetic.after.at(-1)?.map ?? arithmetic.output;
    input.draw(arithmetic.input[place.channel] ?? null, {
      theme,
      frame: terms.filter(({ channel }) => channel === place.channel),
      strong: largest,
    });
    output.draw(final, { theme, frame: [{ y: place.y, x: place.x }], strong: null });
    showChannels(
      channels,
      arithmetic,
      place.channel,
      perChannel,
      (index) => ((place.channel = index), paint()),
    );
    if (dense) showDense(products, terms);
    else
      showProducts(
        products,
        terms.filter(({ channel }) => channel === place.channel),
        arithmetic,
        largest,
      );
    const label = column ? (nodeItem(catalog, column.kind)?.label ?? column.kind) : "";
    showSums(sums, { arithmetic, perChannel, bias, value, count, dense, label, place });
    showResult(result, arithmetic, value, place);
    if (arithmetic.softmax) showSoftmax(softmax, arithmetic.softmax.logits, classNames(run), run.state.unit);
  });

  function currentColumn() {
    return stage.layout?.columns.find(({ name }) => name === run.state.selected) ?? null;
  }

  /** @param {number} y @param {number} x */
  function goTo(y, x) {
    stop();
    [place.y, place.x] = [Math.max(0, y), Math.max(0, x)];
    paint();
  }

  /** @param {number} by */
  function move(by) {
    if (!shown) return;
    const { width, height } = shown.output;
    const next = (place.y * width + place.x + by + width * height) % (width * height);
    [place.y, place.x] = [Math.floor(next / width), next % width];
    paint();
  }

  function start() {
    playing = setInterval(() => (whole.clientWidth > 0 ? move(1) : stop()), STAY);
    showPlaying(play, true);
  }

  function stop() {
    if (playing !== null) clearInterval(playing);
    playing = null;
    showPlaying(play, false);
  }

  output.canvas.tabIndex = 0;
  output.canvas.addEventListener("keydown", (event) => {
    const by = /** @type {Record<string, [number, number]>} */ ({
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
    })[event.key];
    if (!by || !shown) return;
    event.preventDefault();
    event.stopPropagation();
    goTo(
      Math.min(shown.output.height - 1, place.y + by[0]),
      Math.min(shown.output.width - 1, place.x + by[1]),
    );
  });
  // Frames of the unit that was selected before may still be on their way.
  run.onFrame("arithmetic", (frame) => {
    const [wanted] = arithmeticDemand(run, stage);
    const asked = run.demandOf(frame);
    if (
      !wanted ||
      asked["node"] !== wanted["node"] ||
      asked["map"] !== wanted["map"] ||
      !isEqual(asked["input"], wanted["input"])
    )
      return;
    shown = readArithmetic(frame);
    paint();
  });
  run.store.watch(
    (state) => `${state.selected} ${state.unit}`,
    () => {
      shown = null;
      paint();
    },
  );
  run.store.watch((state) => state.theme, paint);
  new ResizeObserver(paint).observe(whole);
  return { element: whole, demand: () => arithmeticDemand(run, stage) };
}

/** @param {HTMLElement} button @param {boolean} playing */
function showPlaying(button, playing) {
  const words = playing ? "Stop the window" : "Slide the window";
  setIcon(button, playing ? "pause" : "play");
  setAttribute(button, "aria-label", words);
  button.title = words;
}

/** @param {string} words @param {...HTMLElement} content */
function figure(words, ...content) {
  return element(
    "figure",
    { class: "arithmetic-figure" },
    element("figcaption", { class: "caption" }, words),
    ...content,
  );
}

/** @param {Arithmetic} arithmetic @param {{ y: number, x: number }} place */
function settingsWords({ size, stride, padding, dilation, transposed }, { y, x }) {
  const pair = (/** @type {[number, number]} */ [down, right]) =>
    down === right ? `${down}` : `${down}×${right}`;
  const parts = [
    `row ${y + 1}, column ${x + 1}`,
    `kernel ${size.join("×")}`,
    `stride ${pair(stride)}`,
    `padding ${pair(padding)}`,
  ];
  if (dilation[0] !== 1 || dilation[1] !== 1) parts.push(`dilation ${pair(dilation)}`);
  if (transposed) parts.push("transposed");
  return parts.join(" · ");
}

/** @param {number} value */
const said = (value) => steadyNumber(Object.is(value, -0) ? 0 : value, DECIMALS);

/**
 * A map in its pixels, with the padding it is given around it.
 *
 * @param {string} words @param {(y: number, x: number) => void} chosen
 */
function picture(words, chosen) {
  const canvas = element("canvas", { class: "arithmetic-map", role: "img", "aria-label": words });
  /** Where pixel (0, 0) stands, and how large pixels are. */
  const view = { left: 0, top: 0, cell: 1 };
  /** @type {Grid | null} */
  let map = null;
  const pointed = (/** @type {PointerEvent} */ event) => {
    if (!map || (event.type === "pointermove" && event.pointerType !== "mouse")) return;
    const [y, x] = [
      Math.floor((event.offsetY - view.top) / view.cell),
      Math.floor((event.offsetX - view.left) / view.cell),
    ];
    if (y >= 0 && x >= 0 && y < map.height && x < map.width) chosen(y, x);
  };
  canvas.addEventListener("pointermove", pointed);
  canvas.addEventListener("pointerdown", pointed);

  /**
   * @param {Grid | null} grid @param {{ theme: Theme, frame: { y: number, x: number }[], strong: Term | null
   * }} marks
   */
  function draw(grid, { theme, frame, strong }) {
    map = grid;
    const context = canvas.getContext("2d");
    if (!grid || !context) return;
    const { width, height } = fitCanvas(canvas, context);
    const extent = frame.reduce(
      (most, { y, x }) => ({
        top: Math.min(most.top, y),
        left: Math.min(most.left, x),
        bottom: Math.max(most.bottom, y + 1),
        right: Math.max(most.right, x + 1),
      }),
      { top: Infinity, left: Infinity, bottom: -Infinity, right: -Infinity },
    );
    // Room for the padding on every side, though the window reaches over one only: nothing jumps as it
    // slides.
    const around = Math.max(
      0,
      -extent.top,
      -extent.left,
      extent.bottom - grid.height,
      extent.right - grid.width,
      view.cell > 1 ? Number(canvas.dataset["around"] ?? 0) : 0,
    );
    canvas.dataset["around"] = String(around);
    view.cell = Math.max(
      1,
      Math.min((width - 4) / (grid.width + 2 * around), (height - 4) / (grid.height + 2 * around), 40),
    );
    view.left = (width - grid.width * view.cell) / 2;
    view.top = (height - grid.height * view.cell) / 2;
    context.clearRect(0, 0, width, height);
    const cell = view.cell;
    if (around > 0) {
      context.strokeStyle = color("line-strong");
      context.setLineDash([3, 3]);
      context.strokeRect(
        view.left - around * cell,
        view.top - around * cell,
        (grid.width + 2 * around) * cell,
        (grid.height + 2 * around) * cell,
      );
      context.setLineDash([]);
    }
    paintPixels(context, grid, view, theme);
    context.strokeStyle = color("tile-line");
    context.lineWidth = 1;
    context.strokeRect(view.left, view.top, grid.width * cell, grid.height * cell);
    if (!Number.isFinite(extent.top)) return;
    context.strokeStyle = color("paper");
    context.lineWidth = 4;
    const box = /** @type {const} */ ([
      view.left + extent.left * cell,
      view.top + extent.top * cell,
      (extent.right - extent.left) * cell,
      (extent.bottom - extent.top) * cell,
    ]);
    context.strokeRect(...box);
    context.strokeStyle = color("accent");
    context.lineWidth = 2;
    context.strokeRect(...box);
    // With dilation the window has holes: what is read is marked.
    if (frame.length > 0 && frame.length < (extent.right - extent.left) * (extent.bottom - extent.top)) {
      context.fillStyle = color("accent");
      for (const { y, x } of frame)
        context.fillRect(view.left + (x + 0.5) * cell - 2, view.top + (y + 0.5) * cell - 2, 4, 4);
    }
    if (strong)
      context.strokeRect(
        view.left + strong.x * cell + 2.5,
        view.top + strong.y * cell + 2.5,
        cell - 5,
        cell - 5,
      );
  }
  return { canvas, draw };
}

/**
 * @param {CanvasRenderingContext2D} context @param {Grid} grid @param {{ left: number, top: number, cell:
 * number }} view @param {Theme} theme
 */
function paintPixels(context, grid, { left, top, cell }, theme) {
  const colors = cssColors(grid, theme);
  for (let y = 0; y < grid.height; y++) {
    for (let x = 0; x < grid.width; x++) {
      // Whole pixels: edges between would shine through.
      const [from, to] = [Math.round(left + x * cell), Math.round(left + (x + 1) * cell)];
      const [above, below] = [Math.round(top + y * cell), Math.round(top + (y + 1) * cell)];
      context.fillStyle = colors(at(grid, y, x));
      context.fillRect(from, above, to - from, below - above);
    }
  }
}

/** The colour of each value of a map, as CSS has it. @param {Grid} grid @param {Theme} theme */
function cssColors({ data }, theme) {
  const range = { low: Infinity, high: -Infinity };
  for (const value of data) {
    range.low = Math.min(range.low, value);
    range.high = Math.max(range.high, value);
  }
  const table = mapTable(range, range, isSigned(range), theme);
  return (/** @type {number} */ value) => {
    const share = range.high > range.low ? (value - range.low) / (range.high - range.low) : 0;
    const pixel = table[Math.round(255 * share)] ?? 0;
    return `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})`;
  };
}

/**
 * @param {HTMLElement} root @param {Arithmetic} arithmetic @param {number} chosen @param {number[]} sums
 * @param {(index: number) => void} choose
 */
function showChannels(root, { input, first }, chosen, sums, choose) {
  root.hidden = input.length === 1;
  if (root.childElementCount !== input.length) {
    root.replaceChildren(
      ...input.map((_, index) =>
        element(
          "button",
          { type: "button", class: "mark", onclick: () => choose(index) },
          String(first + index + 1),
        ),
      ),
    );
  }
  [...root.children].forEach((button, index) => {
    setText(button, String(first + index + 1));
    setAttribute(button, "aria-pressed", String(index === chosen));
    setAttribute(button, "title", `Channel ${first + index + 1}: adds ${said(sums[index] ?? 0)}`);
  });
}

/**
 * The window over one channel: each cell what arrives, its weight, and their product.
 *
 * @param {HTMLTableElement} table @param {Term[]} terms @param {Arithmetic} arithmetic @param {Term | null}
 * largest
 */
function showProducts(table, terms, { size: [rows, columns], how, kernel }, largest) {
  const byPlace = new Map(terms.map((term) => [term.row * columns + term.column, term]));
  const most = Math.max(1e-9, ...terms.map(({ product }) => Math.abs(product)));
  const room = table.closest(".arithmetic-panel")?.clientWidth ?? 0;
  const wide = rows > 5 || columns * CELL > (room > 640 ? room - BESIDE : room > 420 ? room / 2 : room);
  table.className = `products${wide ? " wide" : ""}`;
  const body = Array.from({ length: Math.min(rows, 16) }, (_, row) =>
    element(
      "tr",
      {},
      ...Array.from({ length: Math.min(columns, 16) }, (_, column) =>
        productCell(byPlace.get(row * columns + column), {
          most,
          wide,
          pooled: kernel === null,
          chosen: how === "largest" && largest?.row === row && largest.column === column,
        }),
      ),
    ),
  );
  table.replaceChildren(element("tbody", {}, ...body));
}

/**
 * @param {Term | undefined} term @param {{ most: number, wide: boolean, pooled: boolean, chosen: boolean }}
 * how
 */
function productCell(term, { most, wide, pooled, chosen }) {
  if (!term)
    return element(
      "td",
      { class: "absent", title: "No input reaches here: the stride leaves this weight out" },
      "·",
    );
  const words = term.padded ? "padding" : `input row ${term.y + 1}, column ${term.x + 1}`;
  const cell = element("td", {
    class: [term.padded && "padded", chosen && "largest", term.product < 0 ? "negative" : "positive"]
      .filter(Boolean)
      .join(" "),
    title: pooled
      ? `${words}: ${fullNumber(term.value)}`
      : `${words}: ${fullNumber(term.value)} × ${fullNumber(term.weight)} = ${fullNumber(term.product)}`,
    "data-value": term.value,
    "data-weight": term.weight,
  });
  cell.style.setProperty("--share", String(Math.round((100 * Math.abs(term.product)) / most)));
  if (pooled) cell.append(element("b", {}, term.padded ? "–" : said(term.value)));
  else if (wide) cell.append(element("b", {}, said(term.product)));
  else
    cell.append(
      element("span", {}, `${said(term.value)} × ${said(term.weight)}`),
      element("b", {}, said(term.product)),
    );
  return cell;
}

/**
 * A dense unit: its largest terms, and the others summed up. @param {HTMLTableElement} table @param {Term[]}
 * terms
 */
function showDense(table, terms) {
  const order = [...terms].sort((one, other) => Math.abs(other.product) - Math.abs(one.product));
  const shown = order.slice(0, MOST_TERMS);
  const most = Math.max(1e-9, Math.abs(shown[0]?.product ?? 0));
  const rest = order.slice(MOST_TERMS).reduce((sum, { product }) => sum + product, 0);
  table.className = "products terms";
  const rows = shown.map((term) => {
    const cell = element(
      "td",
      {
        class: term.product < 0 ? "negative" : "positive",
        "data-value": term.value,
        "data-weight": term.weight,
      },
      element("b", {}, said(term.product)),
    );
    cell.style.setProperty("--share", String(Math.round((100 * Math.abs(term.product)) / most)));
    return element(
      "tr",
      { title: `${fullNumber(term.value)} × ${fullNumber(term.weight)}` },
      element("th", { scope: "row" }, `input ${term.x + 1}`),
      element("td", {}, said(term.value)),
      element("td", {}, `× ${said(term.weight)}`),
      cell,
    );
  });
  if (order.length > shown.length)
    rows.push(
      element(
        "tr",
        {},
        element("th", { scope: "row" }, `${order.length - shown.length} others`),
        element("td", {}),
        element("td", {}),
        element("td", { class: "rest", "data-product": rest }, element("b", {}, said(rest))),
      ),
    );
  table.replaceChildren(element("tbody", {}, ...rows));
}

/**
 * @param {HTMLElement} list
 * @param {{ arithmetic: Arithmetic, perChannel: number[], bias: number, value: number, count: number, dense:
 * boolean, label: string, place: { y: number, x: number } }} parts
 */
function showSums(list, { arithmetic, perChannel, bias, value, count, dense, place }) {
  /** @type {[string, number, string][]} */
  const rows = [];
  if (arithmetic.how === "sum") {
    if (dense) rows.push(["products", perChannel[0] ?? 0, ""]);
    else
      perChannel.forEach((sum, index) =>
        rows.push([`channel ${arithmetic.first + index + 1}`, sum, "channel"]),
      );
    if (arithmetic.bias) rows.push(["bias", bias, ""]);
    rows.push(["sum", value, "total"]);
  } else if (arithmetic.how === "largest") rows.push(["largest", value, "total"]);
  else {
    rows.push(["sum", perChannel.reduce((sum, each) => sum + each, 0), ""], [`÷ ${count}`, value, "total"]);
  }
  for (const { name, map } of arithmetic.after) rows.push([`→ ${name}`, at(map, place.y, place.x), "after"]);
  list.replaceChildren(
    ...rows.flatMap(([name, number, kind]) => [
      element("dt", { class: kind }, name),
      element("dd", { class: kind, "data-value": number, title: fullNumber(number) }, said(number)),
    ]),
  );
}

/**
 * What the network itself computed there, beside what the terms come to. @param {HTMLElement} root @param
 * {Arithmetic} arithmetic @param {number} value @param {{ y: number, x: number }} place
 */
function showResult(root, arithmetic, value, place) {
  const own = at(arithmetic.output, place.y, place.x);
  const agrees = Math.abs(own - value) <= 1e-4 * Math.max(1, Math.abs(own));
  const last = arithmetic.after.at(-1);
  const shown = last ? at(last.map, place.y, place.x) : own;
  root.dataset["output"] = String(own);
  root.dataset["shown"] = String(shown);
  setText(
    root,
    agrees
      ? `= ${said(own)}${last ? `, shown as ${said(shown)}` : ""}`
      : `The sum is ${said(value)}, the network says ${said(own)}.`,
  );
}

/**
 * @param {HTMLTableElement} table @param {ArrayLike<number>} logits @param {string[]} classes @param {number}
 * unit
 */
function showSoftmax(table, logits, classes, unit) {
  const { most, exponentials, sum, shares } = softmaxSteps(logits);
  const rows = exponentials.map((each, index) => {
    const bar = element("meter", {
      min: 0,
      max: 1,
      value: shares[index] ?? 0,
      "aria-label": `Share of ${classes[index] ?? index + 1}`,
    });
    return element(
      "tr",
      { class: index === unit ? "picked" : undefined },
      element("th", { scope: "row" }, classes[index] ?? String(index + 1)),
      element("td", {}, said(logits[index] ?? NaN)),
      element("td", {}, said(each)),
      element("td", { "data-share": shares[index] ?? 0 }, said(shares[index] ?? 0)),
      element("td", {}, bar),
    );
  });
  const head = element(
    "tr",
    {},
    element("th", {}),
    element("th", { scope: "col", title: "What the last node gives" }, "z"),
    element(
      "th",
      {
        scope: "col",
        title:
          `e to the power of z − ${said(most)}: the largest logit is taken off first, so that nothing ` +
          "overflows; the shares stay the same",
      },
      "exp",
    ),
    element("th", { scope: "col" }, "÷ sum"),
    element("th", {}),
  );
  const foot = element(
    "tr",
    {},
    element("th", { scope: "row" }, "sum"),
    element("td", {}),
    element("td", {}, said(sum)),
    element("td", {}, said(shares.reduce((total, each) => total + each, 0))),
    element("td", {}),
  );
  table.replaceChildren(
    element("thead", {}, head),
    element("tbody", {}, ...rows),
    element("tfoot", {}, foot),
  );
}
