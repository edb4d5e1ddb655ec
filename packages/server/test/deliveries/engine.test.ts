import { createIdSource } from "@carabiner/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createEngine, type Engine } from "../../src/deliveries/engine.ts";
import { retryPolicies } from "../../src/deliveries/retry-policies.ts";
import { recordEvents } from "../../src/events/record-event.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/limits.ts";
import type { Claim, HotLane } from "../../src/store/contract/delivery-store.ts";
import type { EndpointRow } from "../../src/store/contract/rows.ts";
import { openStore } from "../../src/store/open-store.ts";
import { type Store, StoreUnavailable } from "../../src/store/store.ts";
import type { OutgoingRequest, Posted } from "../../src/transport/transport.ts";
import { createSimulatedClock, type SimulatedClock } from "../clock/simulated-clock.ts";
import { seededRandom } from "../simulation/seeded-random.ts";
import { type DeliveryFixture, deliveryFixture } from "./delivery-fixture.ts";

const START = 1_763_942_400_000;
const OK: Posted = { kind: "answer", status: 200, headers: {}, body: "", truncated: false, durationMs: 1 };
const FAILED: Posted = { ...OK, status: 500 };

let clock: SimulatedClock;
let store: Store;
let fixture: DeliveryFixture;
const ids = createIdSource(seededRandom(1).bytes);
const engines: Engine[] = [];

beforeEach(async () => {
  clock = createSimulatedClock(START);
  store = await openStore({ location: "memory", now: START });
  fixture = await deliveryFixture(store, {
    ids,
    now: () => clock.now(),
    livemode: false,
    secret: "whsec_test",
    urlOf: (type) => `http://receiver.test/${type}`,
  });
});

afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.stop();
  await store.close();
});

const addEndpoint = (type: string) => fixture.addEndpoint(type);
const publish = (type: string, count?: number) => fixture.publish(type, count);

async function states(endpoint: EndpointRow): Promise<string[]> {
  return (await fixture.deliveries(endpoint)).map(({ state }) => state).reverse();
}

interface EngineCase {
  post(request: OutgoingRequest): Promise<Posted>;
  store?: Store;
  limits?: Partial<Limits>;
  onTrouble?(error: StoreUnavailable): void;
}

function engineWith({ post, limits, onTrouble, store: other }: EngineCase): Engine {
  const engine = createEngine({
    store: other ?? store,
    clock,
    transport: { post, close: async () => undefined },
    policies: retryPolicies("stripe", DEFAULT_LIMITS.attemptDeadlineMs),
    limits: { ...DEFAULT_LIMITS, drainMs: 0, ...limits },
    onTrouble:
      onTrouble ??
      ((error) => {
        throw error;
      }),
    onBug: (error) => {
      throw error;
    },
  });
  engines.push(engine);
  return engine;
}

const path = (request: OutgoingRequest) => new URL(request.url).pathname.slice(1);

describe("a delivery just committed", () => {
  test("goes to the sender without being claimed", async () => {
    const endpoint = await addEndpoint("customer.created");
    let claims = 0;
    const counted: Store = {
      ...store,
      attach: (lane) => store.attach(lane),
      settle: (...args) => store.settle(...args),
      nextDueAt: () => store.nextDueAt(),
      claimDue: async (request) => {
        const claimed = await store.claimDue(request);
        claims += claimed.length;
        return claimed;
      },
    };
    const engine = engineWith({ post: async () => OK, store: counted });
    engine.start();
    await publish("customer.created", 50);
    await engine.idle();
    expect(await states(endpoint)).toEqual(Array(50).fill("succeeded"));
    expect(claims).toBe(0);
  });

  test("is taken from another node, which leased it for the engine, if there is room and nothing older waits", async () => {
    const [endpoint, busy] = [await addEndpoint("customer.created"), await addEndpoint("customer.updated")];
    let lane: HotLane | null = null;
    const none = Promise.withResolvers<void>();
    const seen: Store = {
      ...store,
      attach(attached) {
        lane = attached;
      },
      async claimDue(request) {
        const claims = await store.claimDue(request);
        if (claims.length === 0) none.resolve();
        return claims;
      },
      nextDueAt: () => store.nextDueAt(),
      settle: (...args) => store.settle(...args),
    };
    const sent: string[] = [];
    const answer = Promise.withResolvers<Posted>();
    const engine = engineWith({
      post(request) {
        sent.push(path(request));
        return path(request) === "customer.updated" ? answer.promise : Promise.resolve(OK);
      },
      limits: { claimsAtOncePerEndpoint: 1, attemptsInFlightAtFirst: 1 },
      store: seen,
    });
    await engine.pause();
    const { takes, take } = lane as unknown as Required<HotLane>;
    expect(takes()).toEqual({ room: DEFAULT_LIMITS.claimsHeld - DEFAULT_LIMITS.claimsAtOnce, leaseMs: DEFAULT_LIMITS.leaseMs });

    // Of an endpoint that is busy the rest stays in the store.
    await publish("customer.updated", 3);
    engine.start();
    await none.promise;
    await publish("customer.created", 2);
    const leased = await store.claimDue({
      ...{ now: START, leaseMs: DEFAULT_LIMITS.leaseMs, limit: 9, perEndpoint: 9, perFailingEndpoint: 9, rateSpanMs: 1_000 },
      busy: new Set(),
    });
    const [mine, theirs] = [endpoint, busy].map(({ id }) => leased.filter((claim) => claim.endpoint.id === id)) as [Claim[], Claim[]];
    expect([mine.length, theirs.length]).toEqual([2, 1]);
    expect(take(leased)).toEqual(theirs);
    while (sent.length < 3) await new Promise(setImmediate);
    expect(sent).toEqual(["customer.updated", "customer.created", "customer.created"]);

    answer.resolve(OK);
    await engine.idle();
    const stopped = engine.stop();
    expect(takes().room).toBe(0);
    expect(take(theirs)).toEqual(theirs);
    await stopped;
  });

  test("begins with the others that follow answers told together, after one note of all of them", async () => {
    const endpoint = await addEndpoint("customer.created");
    let answers: ((posted: Posted) => void)[] = [];
    const notes: number[] = [];
    const counted: Store = {
      ...store,
      noteUnderWay(begun, settled) {
        if (begun.length > 0) notes.push(begun.length);
        return store.noteUnderWay(begun, settled);
      },
    };
    const engine = engineWith({
      post: () => new Promise((resolve) => answers.push(resolve)),
      limits: { attemptsInFlightAtFirst: 8, attemptsInFlightPerEndpoint: 8 },
      store: counted,
    });
    await engine.pause();
    await publish("customer.created", 24);
    for (let round = 0; round < 3; round++) {
      while (answers.length < 8) await new Promise(setImmediate);
      const together = answers;
      answers = [];
      for (const answer of together) answer(OK);
    }
    await engine.idle();
    expect(notes).toEqual([8, 8, 8]);
    expect(await states(endpoint)).toEqual(Array(24).fill("succeeded"));
  });

  test("by a server whose clock is ahead is claimed when it is due, also when that is while the engine asks what is next", async () => {
    const ahead = await deliveryFixture(store, {
      ids,
      now: () => START + 1,
      livemode: false,
      secret: "whsec_test",
      urlOf: (type) => `http://receiver.test/${type}`,
    });
    await ahead.addEndpoint("customer.created");
    await ahead.publish("customer.created");
    const posted = Promise.withResolvers<void>();
    const slow: Store = {
      ...store,
      attach: (lane) => store.attach(lane),
      claimDue: (request) => store.claimDue(request),
      settle: (...args) => store.settle(...args),
      async nextDueAt(except) {
        const next = await store.nextDueAt(except);
        if (clock.now() === START) clock.advanceTo(START + 1);
        return next;
      },
    };
    const engine = engineWith({
      async post() {
        posted.resolve();
        return OK;
      },
      store: slow,
    });
    engine.start();
    await posted.promise;
    await engine.idle();
    expect(clock.now()).toBe(START + 1);
  });

  test("waits in the store while the engine has no room, and is claimed when it has", async () => {
    const endpoint = await addEndpoint("customer.created");
    const engine = engineWith({
      post: async () => OK,
      limits: { claimsHeld: 8, claimsHeldPerEndpoint: 8, attemptsInFlightPerEndpoint: 2 },
    });
    await engine.pause();
    await publish("customer.created", 100);
    await engine.runOnce();
    expect(await states(endpoint)).toEqual(Array(100).fill("succeeded"));
  });
});

describe("an endpoint that is changed while its deliveries are claimed", () => {
  /** A store that reads an endpoint as it was before `change`, whose claims arrive after it. */
  const overtaken = (change: () => Promise<unknown>): Store => {
    let once = false;
    return {
      ...store,
      async claimDue(request) {
        const claims = await store.claimDue(request);
        if (claims.length > 0 && !once) {
          once = true;
          await change();
        }
        return claims;
      },
    };
  };

  test("gets them as it is then, not as it was", async () => {
    const [moved, disabled] = [await addEndpoint("customer.created"), await addEndpoint("customer.updated")];
    const sent: string[] = [];
    const engine = engineWith({
      async post(request) {
        sent.push(path(request));
        return OK;
      },
      store: overtaken(() =>
        store.transaction(async (tx) => {
          await tx.updateEndpoint({ ...moved, url: "http://receiver.test/moved" });
          await tx.updateEndpoint({ ...disabled, status: "disabled" });
        }),
      ),
    });
    await publish("customer.created", 3);
    await publish("customer.updated", 3);
    await engine.pause();
    await engine.runOnce();
    expect(sent).toEqual(["moved", "moved", "moved"]);
    expect([await states(moved), await states(disabled)]).toEqual([Array(3).fill("succeeded"), Array(3).fill("cancelled")]);
  });

  test("also when they are claimed ahead of their time", async () => {
    const endpoint = await addEndpoint("customer.created");
    let down = true;
    const sent: string[] = [];
    const engine = engineWith({
      async post(request) {
        sent.push(path(request));
        return down ? FAILED : OK;
      },
      store: overtaken(() => store.transaction((tx) => tx.updateEndpoint({ ...endpoint, url: "http://receiver.test/moved" }))),
    });
    await engine.pause();
    await publish("customer.created", 2);
    await engine.idle();
    expect(sent.splice(0)).toEqual(["customer.created", "customer.created"]);
    down = false;
    const until = START + 86_400_000;
    await engine.runThrough?.(until, (at) => {
      clock.advanceTo(at);
      return true;
    });
    expect(sent).toEqual([]);
    clock.advanceTo(until);
    await engine.runOnce();
    expect(sent).toEqual(["moved", "moved"]);
  });
});

describe("a turn of the clock", () => {
  /** What each claim takes when the only delivery is due `before` milliseconds before the reach of the first. */
  async function takenBy(before: number): Promise<number[]> {
    const endpoint = await addEndpoint("customer.created");
    const taken: number[] = [];
    let answer = FAILED;
    const counting: Store = {
      ...store,
      async claimDue(request) {
        const claims = await store.claimDue(request);
        taken.push(claims.length);
        return claims;
      },
    };
    const first = engineWith({ post: async () => answer });
    await first.pause();
    await publish("customer.created");
    await first.idle();
    const dueAt = (await store.nextDueAt(new Set())) ?? 0;
    await first.stop();
    answer = OK;
    const engine = engineWith({ post: async () => answer, store: counting, limits: { claimsAheadMs: dueAt - START + before } });
    await engine.pause();
    await engine.runThrough?.(dueAt + 1, (at) => {
      clock.advanceTo(at);
      return true;
    });
    expect(await states(endpoint)).toEqual(["succeeded"]);
    return taken;
  }

  test("claims what is due within claimsAheadMs at once", async () => {
    expect((await takenBy(0))[0]).toBe(1);
  });

  test("and what is due later by the next claim", async () => {
    expect((await takenBy(-1)).slice(0, 2)).toEqual([0, 1]);
  });
});

describe("a backlog", () => {
  test("is claimed further as soon as its bodies leave room, although a claim took an endpoint's share alone", async () => {
    const endpoint = await addEndpoint("customer.created");
    await publish("customer.created", 40);
    const engine = engineWith({ post: async () => OK, limits: { claimsHeldBytes: 1_000, claimsAtOncePerEndpoint: 4 } });
    engine.start();
    // Nobody advances the clock: an engine that sleeps does so for good.
    for (let turn = 0; turn < 500; turn++) await new Promise(setImmediate);
    expect(await states(endpoint)).toEqual(Array(40).fill("succeeded"));
  });
});

describe("a publish that fails", () => {
  test("gives back the places it reserved, and what is due is claimed into them", async () => {
    const endpoint = await addEndpoint("customer.created");
    await publish("customer.created", 5);
    const engine = engineWith({ post: async () => OK, limits: { claimsHeld: 8, claimsHeldPerEndpoint: 8 } });
    await engine.pause();
    const reserved = Promise.withResolvers<void>();
    const failing = Promise.withResolvers<void>();
    const failed = store.transaction(async (tx) => {
      const draft = { account: fixture.account, livemode: false, type: "customer.created", published: true as const };
      const drafts = Array.from({ length: 8 }, (_, n) => ({ ...draft, object: { id: `cus_${n}`, object: "customer" } }));
      await recordEvents(tx, drafts, { now: clock.now(), ids, request: null });
      reserved.resolve();
      await failing.promise;
    });
    await reserved.promise;
    engine.start();
    failing.reject(new Error("It fails."));
    await expect(failed).rejects.toThrow("It fails.");
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
    expect(await states(endpoint)).toEqual(Array(5).fill("succeeded"));
  });
});

describe("a slow endpoint", () => {
  test("keeps its own share busy and nobody else's", async () => {
    await addEndpoint("customer.created");
    const quick = await addEndpoint("customer.updated");
    let hanging = 0;
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const engine = engineWith({
      post: async (request) => {
        if (path(request) !== "customer.created") return OK;
        hanging++;
        await released;
        return OK;
      },
      limits: { attemptsInFlight: 16, attemptsInFlightPerEndpoint: 4, claimsHeld: 64, claimsHeldPerEndpoint: 16 },
    });
    engine.start();
    await publish("customer.created", 500);
    const done = new Promise<void>((resolve) => {
      const check = async () => {
        if ((await states(quick)).every((state) => state === "succeeded")) return resolve();
        clock.advanceTo(clock.now() + 1);
        setImmediate(check);
      };
      void publish("customer.updated", 40).then(check);
    });
    await done;
    expect(await states(quick)).toHaveLength(40);
    expect(hanging).toBe(4);
    release();
  });
});

describe("a lease", () => {
  test("that ran out is another's: the late outcome changes nothing", async () => {
    const endpoint = await addEndpoint("customer.created");
    let answerLate: (posted: Posted) => void = () => undefined;
    const slow = engineWith({ post: () => new Promise((resolve) => (answerLate = resolve)) });
    await slow.pause();
    await publish("customer.created");
    store.attach(null);
    clock.advanceTo(clock.now() + DEFAULT_LIMITS.leaseMs);
    const other = engineWith({ post: async () => OK });
    await other.runOnce();
    expect(await states(endpoint)).toEqual(["succeeded"]);
    answerLate(FAILED);
    await slow.idle();
    expect(await states(endpoint)).toEqual(["succeeded"]);
    const { rows } = await store.read((reads) => reads.deliveries({ accountId: fixture.account.id, livemode: false }, { limit: 1 }));
    expect(await store.read((reads) => reads.attempts(rows[0]?.id as string))).toMatchObject([{ number: 1, outcome: "succeeded" }]);
  });

  test("must be longer than an attempt may take", () => {
    expect(() => engineWith({ post: async () => OK, limits: { leaseMs: 31_000 } })).toThrow(/leaseMs \(31000\) must exceed/);
  });
});

describe("stopping", () => {
  test("gives back what was not sent: it is due at once, and none of it is lost", async () => {
    const endpoint = await addEndpoint("customer.created");
    const sent: string[] = [];
    const engine = engineWith({
      post: (request) => {
        sent.push(path(request));
        return new Promise(() => undefined);
      },
      limits: { attemptsInFlightPerEndpoint: 3 },
    });
    engine.start();
    await publish("customer.created", 20);
    const stopped = engine.stop();
    await stopped;
    expect(sent).toHaveLength(3);
    const next = engineWith({ post: async () => OK });
    await next.runOnce();
    expect((await states(endpoint)).filter((state) => state === "succeeded")).toHaveLength(17);
    clock.advanceTo(clock.now() + DEFAULT_LIMITS.leaseMs);
    await next.runOnce();
    expect(await states(endpoint)).toEqual(Array(20).fill("succeeded"));
  });
});

describe("answers of which much is kept", () => {
  const LARGE: Posted = { ...OK, headers: { long: "x".repeat(496) }, body: "x".repeat(500) };

  test("are stored in commits of bounded size", async () => {
    const endpoint = await addEndpoint("customer.created");
    const batches: number[] = [];
    const engine = engineWith({
      store: {
        ...store,
        settle(settlements, checks) {
          batches.push(settlements.length);
          return store.settle(settlements, checks);
        },
      },
      post: async () => LARGE,
      limits: { settledAtOnceChars: 10_500 },
    });
    await engine.pause();
    await publish("customer.created", 95);
    await engine.idle();
    expect(Math.max(...batches)).toBe(10);
    expect(await states(endpoint)).toEqual(Array(95).fill("succeeded"));
  });

  test("are no longer asked for while so many wait to be stored", async () => {
    const endpoint = await addEndpoint("customer.created");
    const slow = Promise.withResolvers<void>();
    let posts = 0;
    const engine = engineWith({
      store: {
        ...store,
        async settle(settlements, checks) {
          await slow.promise;
          return store.settle(settlements, checks);
        },
      },
      async post() {
        posts++;
        return LARGE;
      },
      limits: { outcomesWaitingChars: 20_000, attemptsInFlightPerEndpoint: 4 },
    });
    await engine.pause();
    await publish("customer.created", 200);
    for (let turns = 0; turns < 500; turns++) await new Promise(setImmediate);
    expect(posts).toBeGreaterThanOrEqual(20);
    expect(posts).toBeLessThan(20 + 4);
    slow.resolve();
    await engine.idle();
    expect(posts).toBe(200);
    expect(await states(endpoint)).toEqual(Array(200).fill("succeeded"));
  });
});

describe("a store that is away", () => {
  /** Fails so many settlements, then is itself again. */
  function awayFor(times: number): Store {
    let away = times;
    return {
      ...store,
      settle: (...args) => (away-- > 0 ? Promise.reject(new StoreUnavailable("the disk is full")) : store.settle(...args)),
    };
  }

  test("gets the outcome once it is back", async () => {
    const endpoint = await addEndpoint("customer.created");
    const flaky = awayFor(3);
    const troubles: string[] = [];
    let posts = 0;
    const engine = engineWith({
      store: flaky,
      post: async () => {
        posts++;
        return OK;
      },
      onTrouble: ({ message }) => {
        troubles.push(message);
        // The engine pauses on the clock before it tries again.
        setImmediate(() => clock.advanceTo(clock.now() + 1_000));
      },
    });
    await engine.pause();
    await publish("customer.created");
    await engine.idle();
    expect(troubles).toEqual(Array(3).fill("the disk is full"));
    expect(await states(endpoint)).toEqual(["succeeded"]);
    expect(posts).toBe(1);
  });

  test("for as many outcomes as there are gets half as many at once, and more again once it takes them", async () => {
    const endpoint = await addEndpoint("customer.created");
    const [refused, taken]: [number[], number[]] = [[], []];
    const engine = engineWith({
      store: {
        ...store,
        settle(settlements, checks) {
          const few = settlements.length <= 100 || (refused.length > 0 && taken.length > 1);
          (few ? taken : refused).push(settlements.length);
          return few ? store.settle(settlements, checks) : Promise.reject(new StoreUnavailable("not in time", { uncertain: true }));
        },
      },
      post: async () => OK,
      onTrouble: () => void setImmediate(() => clock.advanceTo(clock.now() + 1_000)),
    });
    await engine.pause();
    await publish("customer.created", 1_000);
    await engine.idle();
    expect(refused[0]).toBeGreaterThan(500);
    expect(refused.slice(1)).toEqual(refused.slice(0, -1).map((count) => Math.floor(count / 2)));
    expect(Math.max(...taken)).toBeGreaterThan(100);
    expect(await states(endpoint)).toEqual(Array(1_000).fill("succeeded"));
  });

  test("hears once it is back that an endpoint fails no more", async () => {
    const endpoint = await addEndpoint("customer.created");
    const since = async () => (await store.read((reads) => reads.endpoint(endpoint.id)))?.firstFailureAt;
    const first = engineWith({ post: async () => FAILED });
    await first.pause();
    await publish("customer.created");
    await first.idle();
    await first.stop();
    expect(await since()).toBe(START);

    const engine = engineWith({
      store: awayFor(1),
      post: async () => OK,
      onTrouble: () => void setImmediate(() => clock.advanceTo(clock.now() + 1_000)),
    });
    await engine.pause();
    clock.advanceTo((await store.nextDueAt()) ?? 0);
    await engine.runOnce();
    expect(await states(endpoint)).toEqual(["succeeded"]);
    expect(await since()).toBeNull();
  });
});
