import { expect, test } from "vitest";
import type { WebSocket } from "ws";
import { DEFAULT_LIMITS } from "../../../src/limits.ts";
import { RequestListener } from "../../../src/service/listening/request-listener.ts";
import type { RequestRow } from "../../../src/store/contract/rows.ts";
import { openStore } from "../../../src/store/open-store.ts";
import { numberedRequest } from "../../store/numbered-request.ts";
import { START } from "../../store/store-fixture.ts";

const request = (n: number): RequestRow =>
  numberedRequest(n, { callerId: "acct_1", accountId: "acct_1", method: "GET", route: "/v1/customers", path: "/v1/customers" });

/** A session that listens, and the frames it was sent. */
async function listening() {
  const store = await openStore({ location: "memory", now: START, limits: DEFAULT_LIMITS });
  const told: string[] = [];
  const socket = { OPEN: 1, readyState: 1, bufferedAmount: 0, send: (frame: string) => void told.push(frame) } as unknown as WebSocket;
  const fail = (error: unknown) => {
    throw error;
  };
  const parts = { store, limits: DEFAULT_LIMITS, onTrouble: fail, onBug: fail };
  const listener = new RequestListener(parts, { accountId: "acct_1", livemode: false, filter: null });
  return { store, told, socket, listener };
}

test("a session goes on after the request that it read last was deleted for its age", async () => {
  const { store, told, socket, listener } = await listening();
  await store.requests.insert([request(1)]);
  listener.attach(socket);
  await store.read(async () => undefined);
  await store.requests.insert([request(2)]);
  await expect.poll(() => listener.tick() && told.length).toBe(1);
  const none = START - 1;
  await store.prune({ now: START, eventsBefore: none, answersBefore: none, requestsBefore: START + 3, limit: 10 });
  await store.requests.insert([request(4)]);
  await expect.poll(() => listener.tick() && told.length).toBe(2);
  expect(told[1]).toContain("req_4");
  await store.close();
});

test("a session that begins with an empty log is told of all requests, in their order, however many come at once", async () => {
  const { store, told, socket, listener } = await listening();
  listener.attach(socket);
  await store.read(async () => undefined);
  await store.requests.insert(Array.from({ length: 250 }, (_, n) => request(n)));
  await expect.poll(() => listener.tick() && told.length).toBe(250);
  expect(told.map((frame) => /req_\d+/.exec(frame)?.[0])).toEqual(Array.from({ length: 250 }, (_, n) => `req_${n}`));
  await store.close();
});
