import { get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLiveStreams } from "../../src/dashboard/live/live-streams.ts";
import { addStreamRoute } from "../../src/dashboard/live/stream-route.ts";
import { createTouchedDeliveries } from "../../src/dashboard/live/touched-deliveries.ts";
import { DEFAULT_LIMITS } from "../../src/limits.ts";
import type { Settings } from "../../src/operations/operation.ts";
import { issueKeys, keysEnding } from "../../src/resources/platforms/issue-keys.ts";
import { openStore } from "../../src/store/open-store.ts";
import { type Store, StoreUnavailable } from "../../src/store/store.ts";
import { createSimulatedClock, type SimulatedClock } from "../clock/simulated-clock.ts";
import { START, storeFixture } from "../store/store-fixture.ts";

/** A stream whose store is slow or away. */

const KEYS = keysEnding(() => "ofThisTest");

let store: Store;
let clock: SimulatedClock;
let app: FastifyInstance;
let bugs: unknown[];
/** Bytes that wait for a page that reads slowly. */
let unread: number;
/** Called before each read of the store. */
let onRead: () => Promise<void>;
/** Records an event of the platform. */
let happen: () => Promise<string>;
beforeEach(async () => {
  onRead = async () => undefined;
  clock = createSimulatedClock(START);
  store = await openStore({ location: "memory", now: START });
  const make = storeFixture();
  const account = make.account();
  await store.transaction(async (tx) => {
    await tx.insertAccount(account);
    await issueKeys(tx, account.id, KEYS, START);
  });
  happen = async () => {
    const event = make.event({ accountId: account.id, livemode: false, created: clock.now() });
    await store.transaction((tx) => tx.insertEvents([event], []));
    return event.id;
  };
  const read: Store["read"] = async (work) => {
    await onRead();
    return store.read(work);
  };
  const limits = { ...DEFAULT_LIMITS, liveCheckedMs: 0 };
  const parts = { store: { ...store, read }, clock, limits, settings: {} as Settings, devAccount: null };
  const touched = createTouchedDeliveries(10);
  bugs = [];
  unread = 0;
  const onBug = (error: unknown) => void bugs.push(error);
  app = Fastify();
  app.addHook("onRequest", (_request, { raw }, done) => {
    Object.defineProperty(raw, "writableLength", { get: () => unread });
    done();
  });
  addStreamRoute(app, { ...parts, onBug, streams: createLiveStreams({ ...parts, touched, onBug }) });
  app.get("/other", () => "answered");
  await app.listen({ host: "127.0.0.1", port: 0 });
});
afterEach(async () => {
  await app.close();
  await store.close();
  expect(bugs).toEqual([]);
});

const urlOf = (path: string): string => `http://127.0.0.1:${(app.server.address() as AddressInfo).port}${path}`;

/** Follows the stream. Returns what it has told so far. */
function follow(onText: () => void = () => undefined): () => string {
  let text = "";
  const follower = get(urlOf("/console/stream"), { headers: { authorization: `Bearer ${KEYS.test.secret}` } }, (answer: IncomingMessage) =>
    answer.setEncoding("utf8").on("data", (more: string) => {
      text += more;
      onText();
    }),
  );
  follower.on("error", () => undefined);
  return () => text;
}

test("a stream begins once what happens is seen: its page reads its lists after that, and misses nothing", async () => {
  const order: string[] = [];
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  let reads = 0;
  onRead = async () => {
    reads++;
    // The first read finds out who asks, the second one is the look.
    if (reads !== 2) return;
    reached.resolve();
    await released.promise;
    order.push("look");
  };
  follow(() => order.push("hello"));
  await reached.promise;
  expect(await (await fetch(urlOf("/other"))).text()).toBe("answered");
  released.resolve();
  await expect.poll(() => order).toEqual(["look", "hello"]);
});

test("a stream does not end because the store is away while its session is checked", async () => {
  const told = follow();
  await expect.poll(told).toContain("event: hello");
  const outcomes: string[] = [];
  onRead = async () => {
    // After each look comes a check.
    const isCheck = outcomes.length % 2 === 1;
    outcomes.push(isCheck ? "away" : "looked");
    if (isCheck) throw new StoreUnavailable("The database is away.");
  };
  await clock.runTo(START + 1_000);
  const id = await happen();
  await clock.runTo(START + 3_000);
  await expect.poll(told).toContain(id);
  expect(outcomes).toContain("away");
  expect(told()).not.toContain("event: ended");
});

test("a bug of ours while its session is checked is told as one, and does not look like the session's end", async () => {
  const told = follow();
  await expect.poll(told).toContain("event: hello");
  const bug = new TypeError("a bug of this test");
  let looks = 0;
  onRead = async () => {
    // After the look comes the check.
    if (++looks === 2) throw bug;
  };
  await clock.runTo(START + 1_000);
  await expect.poll(() => bugs).toEqual([bug]);
  expect(told()).not.toContain("event: ended");
  bugs = [];
});

test("a page that reads slowly is told nothing more, and to load its lists again once it has read", async () => {
  const told = follow();
  await expect.poll(told).toContain("event: hello");
  await clock.runTo(START + 1_000);
  unread = DEFAULT_LIMITS.liveBufferBytes + 1;
  const missed = await happen();
  let looks = 0;
  onRead = async () => void looks++;
  await clock.runTo(START + 3_000);
  await expect.poll(() => looks).toBeGreaterThan(1);
  unread = DEFAULT_LIMITS.liveBufferBytes;
  const next = await happen();
  await clock.runTo(START + 6_000);
  await expect.poll(told).toContain('"reload":["events","deliveries","endpoints","requests"]');
  await expect.poll(told).toContain(next);
  expect(told().split("event: changes")[1]).toContain('"reload"');
  expect(told().split(missed).length - 1).toBeLessThan(2);
});
