import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../src/index.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner({ limits: { requestsPipelined: 2 } });
});
afterAll(() => server.close());

/** The statuses of requests that arrive together on a connection, which the last one asks to close. */
async function answersTo(count: number): Promise<string[]> {
  const request = (n: number) =>
    [
      `GET /v1/events?limit=${n} HTTP/1.1`,
      "Host: x",
      `Authorization: Bearer ${server.keys.test.secret}`,
      ...(n === count ? ["Connection: close"] : []),
      "\r\n",
    ].join("\r\n");
  const client = connect(server.port, "127.0.0.1");
  let said = "";
  client.on("data", (chunk) => (said += chunk.toString("latin1"))).on("error", () => undefined);
  client.write(Array.from({ length: count }, (_, n) => request(n + 1)).join(""));
  await once(client, "close");
  return said.match(/HTTP\/1\.1 \d+/g) ?? [];
}

test("as many requests wait behind one on a connection as requestsPipelined says; with one more it is closed", async () => {
  expect(await answersTo(3)).toEqual(Array(3).fill("HTTP/1.1 200"));
  expect(await answersTo(4)).toEqual([]);
});
