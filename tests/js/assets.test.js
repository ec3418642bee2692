/** Scripts as pages load them, without comments and indentation, are the scripts as they are written. */

import assert from "node:assert/strict";
import test from "node:test";
import { parse } from "acorn";
import { python } from "./support.js";

const PROGRAM = `
import json, sys
from pathlib import Path
sys.path.insert(0, ".")
from tools.package import use_this_checkout
use_this_checkout()
from glassnet.app.core.comments import compact
files = {str(path): path.read_bytes() for path in sorted(Path("static").rglob("*.js"))}
json.dump({name: [text.decode(), compact(text).decode()] for name, text in files.items()}, sys.stdout)
`;

/** The words of a program and the lines they are on. @param {string} source */
function tokens(source) {
  /** @type {unknown[]} */
  const found = [];
  parse(source, {
    ecmaVersion: "latest",
    sourceType: "module",
    locations: true,
    onToken: ({ start, end, loc }) => found.push([source.slice(start, end), loc?.start.line]),
  });
  return JSON.stringify(found);
}

test("a script without its comments and indentation has the same words on the same lines", () => {
  const scripts = /** @type {Record<string, [string, string]>} */ (python(PROGRAM));
  assert.ok(Object.keys(scripts).length > 100);
  for (const [name, [whole, loaded]] of Object.entries(scripts))
    assert.ok(tokens(loaded) === tokens(whole), name);
});
