import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createIdSource } from "@carabiner/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { carefulBounds } from "../../src/deliveries/careful-round.ts";
import { createEngine, type HandedEngine } from "../../src/deliveries/engine.ts";
import { type Policies, retryPolicies } from "../../src/deliveries/retry-policies.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/limits.ts";
import type { ClaimToken } from "../../src/store/contract/delivery-store.ts";
import type { EndpointRow } from "../../src/store/contract/rows.ts";
import { openStore } from "../../src/store/open-store.ts";
import { type Store, StoreUnavailable } from "../../src/store/store.ts";
import type { OutgoingRequest, Posted } from "../../src/transport/transport.ts";
import { createSimulatedClock, type SimulatedClock } from "../clock/simulated-clock.ts";
import { seededRandom } from "../simulation/seeded-random.ts";
import { TEST_KEYS } from "../store/store-fixture.ts";
import { type DeliveryFixture, deliveryFixture } from "./delivery-fixture.ts";

const START = 1_763_942_400_000;
const OK: Posted = { kind: "answer", status: 200, headers: {}, body: "", truncated: false, durationMs: 1 };
const { carefulAttemptMs, carefulRoundMs, carefulRoundLongestMs, attemptDeadlineMs } = DEFAULT_LIMITS;

/** A POST that waits for its answer. */
interface Post {
  path: string;
  deadlineMs: number;
  answer(posted?: Posted): void;
  /** Its time is over. */
  timeOut(): void;
}

let folder: string;
let clock: SimulatedClock;
let store: Store;
let fixture: DeliveryFixture;
let posts: Post[];
let engine: HandedEngine;
let waiting: (() => void)[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-careful-"));
  clock = createSimulatedClock(START);
  posts = [];
  waiting = [];
  await open();
  // The store that is open at the time: it is opened again after each end.
  const current: Store = { ...store, transaction: (work) => store.transaction(work), read: (work) => store.read(work) };
  fixture = await deliveryFixture(current, {
    ids: createIdSource(seededRandom(1).bytes),
    now: () => clock.now(),
    livemode: false,
    secret: "whsec_test",
    urlOf: (type) => `http://receiver.test/${type}`,
  });
});

afterEach(async () => {
  for (const post of posts) post.answer();
  await engine.stop();
  await store.close();
  rmSync(folder, { recursive: true });
});

async function open(): Promise<void> {
  store = await openStore({ location: join(folder, "carabiner.db"), now: START, keys: TEST_KEYS });
}

interface EngineCase {
  limits?: Partial<Limits>;
  policies?: Policies;
  leasesHold?(leasedAt: number): boolean;
  of?: Store;
  onTrouble?(error: StoreUnavailable): void;
}

/** An engine whose every POST waits to be answered. */
function newEngine({
  limits = {},
  policies = retryPolicies("stripe", attemptDeadlineMs),
  leasesHold = () => true,
  of = store,
  onTrouble = fail,
}: EngineCase = {}): void {
  engine = createEngine({
    store: of,
    clock,
    transport: { post, close: async () => undefined },
    policies,
    limits: { ...DEFAULT_LIMITS, drainMs: 0, ...limits },
    leasesHold,
    onTrouble,
    onBug: fail,
  });
}

function fail(error: unknown): never {
  throw error;
}

function post({ url, deadlineMs }: OutgoingRequest): Promise<Posted> {
  return new Promise((resolve) => {
    const entry: Post = {
      path: new URL(url).pathname.slice(1),
      deadlineMs,
      answer(posted = OK) {
        posts = posts.filter((other) => other !== entry);
        resolve(posted);
      },
      timeOut: () => entry.answer({ kind: "fault", code: "timeout", reason: "It took too long.", durationMs: deadlineMs }),
    };
    posts.push(entry);
    for (const look of waiting) look();
  });
}

/** Resolves once so many POSTs wait. */
function posted(count: number): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (posts.length === count) resolve();
    };
    waiting.push(look);
    look();
  });
}

/** Resolves when everything that needs no time has happened. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
}

/** A server sends so many of each type and ends where it stands. The next one takes over. */
async function uncleanEnd(owed: Readonly<Record<string, number>>, limits: Partial<Limits> = {}): Promise<void> {
  newEngine({ limits });
  await engine.pause();
  let all = 0;
  for (const [type, count] of Object.entries(owed)) {
    await fixture.publish(type, count);
    all += count;
  }
  await posted(all);
  store.attach(null);
  await store.close();
  posts = [];
  await open();
  await store.releaseLeases(clock.now());
}

async function states(endpoint: EndpointRow): Promise<[state: string, attempts: number][]> {
  return (await fixture.deliveries(endpoint)).map(({ state, attempts }) => [state, attempts]);
}

const paths = () => posts.map(({ path }) => path);

describe("after an unclean end", () => {
  test("what was under way goes out one at a time, before anything else", async () => {
    const one = await fixture.addEndpoint("customer.created");
    const two = await fixture.addEndpoint("customer.updated");
    await uncleanEnd({ "customer.created": 3 });
    await fixture.publish("customer.updated", 4);
    newEngine();
    const sent = engine.sendSuspects(1);
    engine.start();
    for (let suspect = 0; suspect < 3; suspect++) {
      await posted(1);
      await settle();
      expect(paths()).toEqual(["customer.created"]);
      posts[0]?.answer();
    }
    await sent;
    await posted(4);
    expect(paths()).toEqual(Array(4).fill("customer.updated"));
    for (const waits of posts) waits.answer();
    await engine.idle();
    expect(await states(one)).toEqual(Array(3).fill(["succeeded", 1]));
    expect(await states(two)).toEqual(Array(4).fill(["succeeded", 1]));
  });

  test("what is published meanwhile waits in the store", async () => {
    await fixture.addEndpoint("customer.created");
    const two = await fixture.addEndpoint("customer.updated");
    await uncleanEnd({ "customer.created": 1 });
    newEngine();
    await engine.pause();
    const sent = engine.sendSuspects(1);
    await posted(1);
    await fixture.publish("customer.updated", 2);
    await settle();
    expect(paths()).toEqual(["customer.created"]);
    // Not leased: a long round would outlast it.
    expect(await store.nextDueAt()).toBe(START);
    posts[0]?.answer();
    await sent;
    const ran = engine.runOnce();
    await posted(2);
    for (const waits of posts) waits.answer();
    await ran;
    expect(await states(two)).toEqual(Array(2).fill(["succeeded", 1]));
  });

  test("what is under way when it begins is waited for, and what waits in memory goes on after it", async () => {
    const one = await fixture.addEndpoint("customer.created");
    const two = await fixture.addEndpoint("customer.updated");
    await uncleanEnd({ "customer.created": 1 });
    newEngine({ limits: { attemptsInFlightPerEndpoint: 1 } });
    await engine.pause();
    await fixture.publish("customer.updated", 2);
    await posted(1);
    const sent = engine.sendSuspects(1);
    await settle();
    expect(paths()).toEqual(["customer.updated"]);
    posts[0]?.answer();
    await settle();
    expect(paths()).toEqual(["customer.created"]);
    posts[0]?.answer();
    await sent;
    await posted(1);
    expect(paths()).toEqual(["customer.updated"]);
    posts[0]?.answer();
    await engine.idle();
    expect([...(await states(one)), ...(await states(two))]).toEqual(Array(3).fill(["succeeded", 1]));
  });

  test("what takes longer than it may is cut off, counts for nothing, and goes on like any other", async () => {
    const one = await fixture.addEndpoint("customer.created");
    await uncleanEnd({ "customer.created": 1 });
    newEngine();
    const sent = engine.sendSuspects(1);
    engine.start();
    await posted(1);
    expect(posts[0]?.deadlineMs).toBe(carefulAttemptMs);
    posts[0]?.timeOut();
    await sent;
    await posted(1);
    expect(posts[0]?.deadlineMs).toBe(attemptDeadlineMs);
    expect(await states(one)).toEqual([["pending", 0]]);
    expect((await store.read((reads) => reads.endpoint(one.id)))?.firstFailureAt).toBeNull();
    posts[0]?.answer();
    await engine.idle();
    expect(await states(one)).toEqual([["succeeded", 1]]);
  });

  test("an attempt that fails by itself counts, and so does one that had all the time there is", async () => {
    const one = await fixture.addEndpoint("customer.created");
    await uncleanEnd({ "customer.created": 2 });
    newEngine({ limits: { carefulAttemptMs: attemptDeadlineMs } });
    const sent = engine.sendSuspects(1);
    await posted(1);
    posts[0]?.answer({ ...OK, status: 500 });
    await posted(1);
    posts[0]?.timeOut();
    await sent;
    expect(await states(one)).toEqual(Array(2).fill(["pending", 1]));
    expect((await store.read((reads) => reads.endpoint(one.id)))?.firstFailureAt).toBe(START);
  });

  test.each([
    ["pending", "none", "stripe"],
    ["exhausted", "stripe", "none"],
  ] as const)("an attempt that fails leaves its delivery %s by the policy of its event's mode", async (state, live, test) => {
    const one = await fixture.addEndpoint("customer.created");
    await uncleanEnd({ "customer.created": 1 });
    newEngine({ policies: { live: retryPolicies(live, attemptDeadlineMs).live, test: retryPolicies(test, attemptDeadlineMs).test } });
    const sent = engine.sendSuspects(1);
    await posted(1);
    posts[0]?.answer({ ...OK, status: 500 });
    await sent;
    expect(await states(one)).toEqual([[state, 1]]);
  });

  test("suspects go out also to an endpoint that is left alone for its failures, and the round is not held up by it", async () => {
    const one = await fixture.addEndpoint("customer.created");
    await uncleanEnd({ "customer.created": 2 });
    newEngine({ limits: { breakerFailures: 1 } });
    await engine.pause();
    await fixture.publish("customer.created", 1);
    await posted(1);
    posts[0]?.answer({ ...OK, status: 500 });
    await engine.idle();
    await fixture.publish("customer.created", 1);
    await settle();
    expect(paths()).toEqual([]);
    const sent = engine.sendSuspects(1);
    for (let suspect = 0; suspect < 2; suspect++) {
      await posted(1);
      posts[0]?.answer();
    }
    await sent;
    expect((await states(one)).sort()).toEqual([
      ["pending", 0],
      ["pending", 1],
      ["succeeded", 1],
      ["succeeded", 1],
    ]);
  });

  test("an answer that asks to wait is heard", async () => {
    const one = await fixture.addEndpoint("customer.created");
    await uncleanEnd({ "customer.created": 1 });
    newEngine();
    const sent = engine.sendSuspects(1);
    await posted(1);
    posts[0]?.answer({ ...OK, status: 503, headers: { "retry-after": "600" } });
    await sent;
    expect(await fixture.deliveries(one)).toMatchObject([{ attempts: 1, nextAttemptAt: clock.now() + 600_000 }]);
  });

  test("when its time is over, what is left goes on like any other", async () => {
    const one = await fixture.addEndpoint("customer.created");
    await uncleanEnd({ "customer.created": 4 });
    newEngine();
    const sent = engine.sendSuspects(1);
    engine.start();
    await posted(1);
    await settle();
    clock.advanceTo(clock.now() + carefulRoundMs);
    posts[0]?.timeOut();
    await sent;
    await posted(4);
    for (const waits of posts) waits.answer();
    await engine.idle();
    expect(await states(one)).toEqual(Array(4).fill(["succeeded", 1]));
  });

  test("one that cannot begin, because what is under way does not end, is given up in time", async () => {
    await fixture.addEndpoint("customer.created");
    await fixture.addEndpoint("customer.updated");
    await uncleanEnd({ "customer.created": 1 });
    newEngine();
    engine.start();
    await fixture.publish("customer.updated", 1);
    await posted(1);
    const sent = engine.sendSuspects(1);
    await settle();
    clock.advanceTo(clock.now() + carefulRoundMs);
    await sent;
    await posted(2);
    expect(paths().sort()).toEqual(["customer.created", "customer.updated"]);
  });

  test("its bounds grow with the unclean ends in a row, up to all the time an attempt may take", async () => {
    expect([1, 2, 3, 4].map((ends) => carefulBounds(ends, DEFAULT_LIMITS))).toEqual(
      [1, 4, 16, 64].map((times) => ({
        attemptMs: times * carefulAttemptMs,
        roundMs: Math.min(times * carefulRoundMs, carefulRoundLongestMs),
      })),
    );
    // A tenant whose receivers hang cannot stop all others for longer, however often something ends the server.
    expect(carefulBounds(9, DEFAULT_LIMITS).roundMs).toBe(carefulRoundLongestMs);
    await fixture.addEndpoint("customer.created");
    await uncleanEnd({ "customer.created": 2 });
    newEngine();
    const sent = engine.sendSuspects(2);
    await posted(1);
    expect(posts[0]?.deadlineMs).toBe(4 * carefulAttemptMs);
    posts[0]?.answer();
    await posted(1);
    posts[0]?.answer();
    await sent;
    expect(carefulBounds(9, DEFAULT_LIMITS).attemptMs).toBeGreaterThan(attemptDeadlineMs);
  });

  test("what is owed to an endpoint that was disabled is cancelled, unsent", async () => {
    const one = await fixture.addEndpoint("customer.created");
    await uncleanEnd({ "customer.created": 2 });
    await store.transaction((tx) => tx.updateEndpoint({ ...one, status: "disabled", disabledReason: "owner" }));
    newEngine();
    await engine.sendSuspects(1);
    expect(posts).toEqual([]);
    expect(await states(one)).toEqual(Array(2).fill(["cancelled", 0]));
  });

  test("what another server may have taken over meanwhile is given back, unsent", async () => {
    const one = await fixture.addEndpoint("customer.created");
    await uncleanEnd({ "customer.created": 2 });
    const asked: number[] = [];
    newEngine({ leasesHold: (leasedAt) => asked.push(leasedAt) === 0 });
    await engine.sendSuspects(1);
    expect(posts).toEqual([]);
    expect(asked).toEqual([START, START]);
    expect(await states(one)).toEqual(Array(2).fill(["pending", 0]));
  });

  test("what is owed to an endpoint that is paused is given back, unsent", async () => {
    const one = await fixture.addEndpoint("customer.created");
    await uncleanEnd({ "customer.created": 2 });
    await store.transaction((tx) => tx.updateEndpoint({ ...one, pausedAt: clock.now() }));
    newEngine();
    await engine.sendSuspects(1);
    expect(posts).toEqual([]);
    expect(await states(one)).toEqual(Array(2).fill(["pending", 0]));
  });

  test("a server that is stopped meanwhile gives all back", async () => {
    const one = await fixture.addEndpoint("customer.created");
    await uncleanEnd({ "customer.created": 3 });
    newEngine({ limits: { drainMs: 1_000 } });
    const sent = engine.sendSuspects(1);
    engine.start();
    await posted(1);
    const stopped = engine.stop();
    await settle();
    posts[0]?.answer();
    await Promise.all([sent, stopped]);
    expect((await states(one)).filter(([state]) => state === "succeeded")).toHaveLength(1);
    expect(await store.nextDueAt()).toBeLessThanOrEqual(clock.now());
    expect(posts).toEqual([]);
    await store.close();
    await open();
    expect(await store.releaseLeases(clock.now())).toEqual({ released: 0, underWay: 0, suspects: 0, quarantined: [] });
  });

  test("a server that is stopped while a receiver hangs leaves no suspects, and its end does not count", async () => {
    await fixture.addEndpoint("customer.created");
    await uncleanEnd({ "customer.created": 3 });
    newEngine();
    void engine.sendSuspects(1);
    engine.start();
    await posted(1);
    await engine.stop();
    await store.close();
    await open();
    expect(await store.releaseLeases(clock.now())).toMatchObject({ underWay: 0, suspects: 0, quarantined: [] });
  });

  test("a store that is away is asked again", async () => {
    const one = await fixture.addEndpoint("customer.created");
    await uncleanEnd({ "customer.created": 2 });
    let away = 5;
    const flaky = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
      if (away > 0 && away-- % 2 === 1) throw new StoreUnavailable("the disk is full");
      return ask();
    };
    const of: Store = {
      ...store,
      settle: (...args) => flaky(() => store.settle(...args)),
      nextSuspect: (request) => flaky(() => store.nextSuspect(request)),
      releaseSuspects: () => flaky(() => store.releaseSuspects()),
    };
    const troubles: string[] = [];
    const onTrouble = ({ message }: StoreUnavailable) => {
      troubles.push(message);
      setImmediate(() => clock.advanceTo(clock.now() + 1_000));
    };
    newEngine({ of, onTrouble });
    const sent = engine.sendSuspects(1);
    for (let suspect = 0; suspect < 2; suspect++) {
      await posted(1);
      posts[0]?.answer();
    }
    await sent;
    expect(await states(one)).toEqual(Array(2).fill(["succeeded", 1]));
    expect(troubles).toEqual(Array(3).fill("the disk is full"));
  });
});

describe("what is under way", () => {
  /** A store whose notes are made when they are let. */
  function withNotes(notes: { begun: readonly ClaimToken[]; made: PromiseWithResolvers<void> }[], settled: ClaimToken[]): Store {
    return {
      ...store,
      noteUnderWay(begun, over) {
        settled.push(...over);
        if (begun.length === 0) return null;
        const made = Promise.withResolvers<void>();
        notes.push({ begun, made });
        return made.promise;
      },
    };
  }

  test("is noted before it begins, and until it is settled", async () => {
    const one = await fixture.addEndpoint("customer.created");
    const notes: Parameters<typeof withNotes>[0] = [];
    const settled: ClaimToken[] = [];
    newEngine({ of: withNotes(notes, settled) });
    await engine.pause();
    await fixture.publish("customer.created", 3);
    await settle();
    expect(notes.map(({ begun }) => begun.length)).toEqual([3]);
    expect(posts).toEqual([]);
    notes[0]?.made.resolve();
    await posted(3);
    expect(settled).toEqual([]);
    for (const waits of posts) waits.answer();
    await engine.idle();
    expect(settled.toSorted()).toEqual([...(notes[0]?.begun ?? [])].toSorted());
    expect(await states(one)).toEqual(Array(3).fill(["succeeded", 1]));
  });

  test("waits for a store that cannot note it", async () => {
    const one = await fixture.addEndpoint("customer.created");
    const troubles: string[] = [];
    let away = 2;
    newEngine({
      of: {
        ...store,
        noteUnderWay(begun, over) {
          if (begun.length > 0 && away-- > 0) throw new StoreUnavailable("the disk is full");
          return store.noteUnderWay(begun, over);
        },
      },
      onTrouble({ message }) {
        troubles.push(message);
        setImmediate(() => clock.advanceTo(clock.now() + 1_000));
      },
    });
    await engine.pause();
    await fixture.publish("customer.created", 1);
    await posted(1);
    expect(troubles).toEqual(Array(2).fill("the disk is full"));
    posts[0]?.answer();
    await engine.idle();
    expect(await states(one)).toEqual([["succeeded", 1]]);
  });

  test("is no more so for a server that stops on purpose without waiting for it", async () => {
    await fixture.addEndpoint("customer.created");
    newEngine();
    await engine.pause();
    await fixture.publish("customer.created", 2);
    await posted(2);
    await engine.stop();
    posts = [];
    await store.close();
    await open();
    expect(await store.releaseLeases(clock.now())).toEqual({ released: 2, underWay: 0, suspects: 0, quarantined: [] });
  });

  test("does not begin when its server stops before it is noted: it is given back", async () => {
    const one = await fixture.addEndpoint("customer.created");
    newEngine({
      of: {
        ...store,
        noteUnderWay(begun) {
          if (begun.length > 0) throw new StoreUnavailable("the disk is full");
          return null;
        },
      },
      limits: { drainMs: 1_000 },
      onTrouble: () => undefined,
    });
    await engine.pause();
    await fixture.publish("customer.created", 2);
    await settle();
    await engine.stop();
    expect(posts).toEqual([]);
    expect(await states(one)).toEqual(Array(2).fill(["pending", 0]));
    expect(await store.nextDueAt()).toBe(START);
  });
});
