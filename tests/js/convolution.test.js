import assert from "node:assert/strict";
import { test } from "node:test";

import {
  extremes,
  flipped,
  outputAt,
  pooledFormula,
  productsAt,
  quickerFrom,
  resizedKernel,
  resizedPicture,
  separated,
  sizeFormula,
  sizesOf,
  stroke,
  sumOf,
  usesOf,
} from "../../static/labs/convolution/numbers.js";
import { python } from "./support.js";

const STUDY = `
import json, sys
from glassnet.engine.studies.convolution import ConvolutionStudy
found = []
for options in json.load(sys.stdin):
    (sight,) = ConvolutionStudy.model_validate({"kind": "convolution", **options}).compute()
    found.append({name: array.flatten().tolist() for name, array in sight.arrays.items()})
print(json.dumps(found))
`;

const SETTINGS = [
  { picture: "flower", size: 9, filter: "sharpen" },
  { picture: "china", size: 10, filter: "gaussian", side: 4, stride: 2, padding: "full" },
  {
    picture: "flower",
    size: 12,
    filter: "own",
    side: 2,
    weights: [1, 2, 3, 4],
    dilation: 3,
    padding: "number",
    border: 2,
    mode: "convolution",
  },
];

test("the sums of products are the study's output, at every place", () => {
  /** @type {Record<string, number[]>[]} */
  const found = python(STUDY, SETTINGS);
  for (const arrays of found) {
    const sizes = sizesOf(arrays["sizes"] ?? []);
    assert.equal((arrays["output"] ?? []).length, sizes.output ** 2);
    arrays["output"]?.forEach((expected, index) => {
      const [row, column] = [Math.floor(index / sizes.output), index % sizes.output];
      const sum = sumOf(productsAt(sizes, arrays["input"] ?? [], arrays["kernel"] ?? [], row, column));
      assert.ok(Math.abs(sum - expected) < 1e-5, `${sum} at ${row}, ${column}; expected ${expected}`);
    });
    const formula = sizeFormula(sizes);
    const [, inside = "", stride = "1", result] = /^⌊\((.*)\) \/ (\d+)⌋ \+ 1 = (\d+)$/.exec(formula) ?? [];
    const numbers = inside.replaceAll("·", "*").replaceAll("−", "-");
    const value = python(
      `import json, sys; left, step = json.load(sys.stdin); print(eval(left) // step + 1)`,
      [numbers, Number(stride)],
    );
    assert.deepEqual([value, Number(result)], [sizes.output, sizes.output]);
  }
});

test("outside the picture stand zeros that count for nothing", () => {
  const sizes = sizesOf([2, 3, 1, 1, 1, 2, 2, 2, 1]);
  const products = productsAt(sizes, [1, 2, 3, 4], new Array(9).fill(10), 0, 0);
  assert.deepEqual(
    products.map(({ inside }) => inside),
    [false, false, false, false, true, true, false, true, true],
  );
  assert.equal(sumOf(products), 100);
});

test("a pixel finds the output whose window is around it", () => {
  const sizes = sizesOf([10, 3, 1, 0, 1, 8, 2, 2, 4]);
  assert.deepEqual(
    [0, 1, 5, 9].map((place) => outputAt(sizes, place)),
    [0, 0, 4, 7],
  );
  assert.equal(outputAt(sizesOf([10, 3, 2, 1, 1, 5, 2, 2, 2]), 4), 2);
});

test("formulas and counts say what the study says", () => {
  assert.equal(pooledFormula(sizesOf([12, 3, 1, 0, 1, 10, 3, 2, 4])), "⌊(10 − 3) / 2⌋ + 1 = 4");
  assert.deepEqual(usesOf([1, 2, 1, 2, 4, 2, 1, 2, 1], 3), { corner: 1, edge: 2, middle: 4 });
  assert.deepEqual(extremes([3, -1, 2]), { low: -1, high: 3 });
});

test("only a kernel of rank 1 separates", () => {
  const sobel = separated([-1, 0, 1, -2, 0, 2, -1, 0, 1], 3);
  assert.ok(sobel);
  const product = sobel.column.flatMap((down) => sobel.row.map((right) => down * right + 0));
  assert.deepEqual(product, [-1, 0, 1, -2, 0, 2, -1, 0, 1]);
  assert.equal(separated([0, -1, 0, -1, 5, -1, 0, -1, 0], 3), null);
  assert.equal(separated([0, 0, 0, 0], 2), null);
});

test("kernels turn around, and grow and shrink around their middle", () => {
  assert.deepEqual(flipped([1, 2, 3, 4]), [4, 3, 2, 1]);
  const grown = resizedKernel([1, 2, 3, 4, 5, 6, 7, 8, 9], 3, 5);
  assert.deepEqual(grown.slice(5, 10), [0, 1, 2, 3, 0]);
  assert.deepEqual(resizedKernel(grown, 5, 3), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(resizedPicture([1, 2, 3, 4], 2, 4).slice(0, 4), [1, 1, 2, 2]);
});

test("a stroke leaves no gaps", () => {
  assert.deepEqual(stroke([0, 0], [2, 4]), [
    [0, 0],
    [1, 1],
    [1, 2],
    [2, 3],
    [2, 4],
  ]);
  assert.deepEqual(stroke([3, 3], [3, 3]), [
    [3, 3],
    [3, 3],
  ]);
});

test("a way is quicker from where it stays so, as far as is known", () => {
  assert.equal(quickerFrom([3, 5, 7, 9], [1, 2, 3, 4], [0.5, 3, 2, 2]), 7);
  assert.equal(quickerFrom([3, 5, 7], [1, 2, NaN], [2, 3, NaN]), null);
  assert.equal(quickerFrom([3, 5, 7], [1, 4, NaN], [2, 3, NaN]), 5);
});
