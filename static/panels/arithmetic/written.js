/** Numbers of the arithmetic as they are written in its tables. */

import { steadyNumber } from "../../core/format.js";

/** Decimals of the numbers: few enough to read, enough that sums are seen to agree. */
const DECIMALS = 3;

/** A number with three decimals; zero has no sign. @param {number} value */
export function written(value) {
  return steadyNumber(Object.is(value, -0) ? 0 : value, DECIMALS);
}
