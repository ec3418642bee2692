import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";

import { describe as describeNetwork, listRuns } from "../../static/core/api.js";
import { Disconnected, Refused } from "../../static/core/live.js";

/** Addresses without a host lead to a server of this test's own. */
const { fetch } = globalThis;
const server = createServer((request, response) => {
  response.writeHead(422, { "Content-Type": "application/problem+json" });
  response.end(JSON.stringify({ detail: `no ${request.url}`, errors: [{ pointer: "/a", message: "b" }] }));
});

before(async () => {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  globalThis.fetch = (path, options) => fetch(`http://127.0.0.1:${port}${path}`, options);
});

after(() => {
  globalThis.fetch = fetch;
  server.close();
});

describe("what is asked over HTTP", () => {
  test("is refused with the server's words and places", async () => {
    await assert.rejects(
      listRuns(),
      (error) =>
        error instanceof Refused && error.message === "no /api/runs" && error.problems[0]?.pointer === "/a",
    );
  });

  test("is broken off by who asked", async () => {
    await assert.rejects(describeNetwork(/** @type {any} */ ({}), AbortSignal.abort()), {
      name: "AbortError",
    });
  });

  test("of a server that is down is answered in words of ours, not the browser's", async () => {
    await new Promise((resolve) => (server.close(resolve), server.closeAllConnections()));
    await assert.rejects(
      listRuns(),
      (error) => error instanceof Disconnected && error.message === "the server cannot be reached",
    );
  });
});
