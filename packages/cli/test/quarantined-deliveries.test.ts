import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommand } from "./captured-terminal.ts";

const DELIVERY = {
  id: "dlv_1",
  kind: "automatic",
  event: "evt_1",
  event_type: "customer.created",
  account: "acct_1",
  livemode: false,
  webhook_endpoint: "we_1",
  state: "quarantined",
  attempt_count: 0,
  created: 1_763_942_400,
  next_attempt_at: null,
  settled_at: 1_763_942_460,
  reason: "The server ended unexpectedly twice.",
};

/** A server that answers as ours does, with what takes two unclean ends to come about. */
let server: Server;
let url: string;
const asked: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const released = request.method === "POST" ? { state: "pending", reason: null, settled_at: null, next_attempt_at: 1_763_942_500 } : {};
    const ends =
      request.method === "POST"
        ? []
        : [
            { at: 1_763_942_430, alone: false },
            { at: 1_763_942_460, alone: true },
          ];
    const one = { ...DELIVERY, ...released, attempts: [], unclean_ends: ends };
    const answer = request.url?.includes("dlv_1") ? one : { object: "list", data: [DELIVERY], has_more: false, url: "/console/deliveries" };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test("quarantined deliveries are listed, looked at with the reason and the ends, and released", async () => {
  const listed = await runCommand(["deliveries", "list", "--state", "quarantined", "--url", url]);
  expect(listed.out).toMatch(/dlv_1 +quarantined/);
  const shown = await runCommand(["deliveries", "get", "dlv_1", "--url", url]);
  expect(shown.out).toMatch(/state +quarantined/);
  expect(shown.out).toMatch(/why +The server ended unexpectedly twice\./);
  expect(shown.out).toMatch(
    /server ended +2025-11-24 00:00:30 UTC, with others under way\n.*server ended +2025-11-24 00:01:00 UTC, with nothing else under way/,
  );
  const released = await runCommand(["deliveries", "release", "dlv_1", "--url", url]);
  expect(released.out).toMatch(/state +pending/);
  expect(released.out).not.toContain("server ended");
  expect(asked.map((line) => line.split("?")[0])).toEqual([
    "GET /console/deliveries",
    "GET /console/deliveries/dlv_1",
    "POST /console/deliveries/dlv_1/release",
  ]);
  expect(asked[0]).toContain("state=quarantined");
});
