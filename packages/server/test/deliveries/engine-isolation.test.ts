import { createIdSource } from "@carabiner/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createEngine, type Engine } from "../../src/deliveries/engine.ts";
import { LAST_ATTEMPT_MS } from "../../src/deliveries/policy.ts";
import { retryPolicies } from "../../src/deliveries/retry-policies.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/limits.ts";
import type { EndpointRow } from "../../src/store/contract/rows.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import { createSimulatedClock, type SimulatedClock } from "../clock/simulated-clock.ts";
import { seededRandom } from "../simulation/seeded-random.ts";
import { createSimulatedTransport, type Simulated } from "../transport/simulated-transport.ts";
import { type DeliveryFixture, deliveryFixture } from "./delivery-fixture.ts";

const START = 1_763_942_400_000;
const OK: Simulated = { kind: "answer", status: 200, headers: {}, body: "ok", truncated: false, durationMs: 5 };
const SILENT: Simulated = { ...OK, durationMs: Number.POSITIVE_INFINITY };
const DRIPPING: Simulated = { ...OK, bodyMs: Number.POSITIVE_INFINITY };
const FAILED: Simulated = { ...OK, status: 500 };

let clock: SimulatedClock;
let store: Store;
let engine: Engine;
/** What each receiver does with the next request, by the name of its endpoint. */
let receivers: Map<string, () => Simulated>;
/** When each request arrived, after the start, by the name of its endpoint. */
let arrivals: Map<string, number[]>;

beforeEach(async () => {
  clock = createSimulatedClock(START);
  store = await openStore({ location: "memory", now: START });
  receivers = new Map();
  arrivals = new Map();
});

afterEach(async () => {
  await engine.stop();
  await store.close();
});

function startEngine(limits: Partial<Limits> = {}, of: Store = store): void {
  const fail = (error: unknown): never => {
    throw error;
  };
  engine = createEngine({
    store: of,
    clock,
    transport: createSimulatedTransport({
      clock,
      random: () => 0,
      respond({ url }) {
        const name = new URL(url).pathname.slice(1);
        const times = arrivals.get(name) ?? [];
        arrivals.set(name, times);
        times.push(clock.now() - START);
        return receivers.get(name)?.() ?? OK;
      },
    }),
    policies: retryPolicies("stripe", DEFAULT_LIMITS.attemptDeadlineMs),
    limits: { ...DEFAULT_LIMITS, drainMs: 0, ...limits },
    onTrouble: fail,
    onBug: fail,
  });
}

/** A separate account, whose endpoints are named after it and after the type of event that each receives. */
async function account(name: string): Promise<DeliveryFixture> {
  const ids = createIdSource(seededRandom(name.length * 1_000 + name.charCodeAt(0)).bytes);
  return deliveryFixture(store, {
    ids,
    now: () => clock.now(),
    livemode: false,
    secret: "whsec_test",
    urlOf: (type) => `http://receiver.test/${name}.${type}`,
  });
}

/** Adds endpoints that all behave alike. */
async function endpoints(of: DeliveryFixture, name: string, count: number, behave: () => Simulated): Promise<EndpointRow[]> {
  const rows: EndpointRow[] = [];
  for (let n = 0; n < count; n++) {
    rows.push(await of.addEndpoint(`customer.t${n}`));
    receivers.set(`${name}.customer.t${n}`, behave);
  }
  return rows;
}

const arrived = (name: string) => arrivals.get(`${name}.customer.t0`) ?? [];

/** Lets everything happen that needs no time, until something holds. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(setImmediate);
}

/** Turns of the event loop in which a running engine claims, sends and settles. */
const TURNS = 20;

/**
 * Turns the clock from one sleeper to the next, and leaves the engine the turns of the event loop that the store takes.
 */
async function flow(to: number, ended: () => boolean = () => false): Promise<void> {
  for (;;) {
    for (let turn = 0; turn < TURNS; turn++) await new Promise(setImmediate);
    const next = clock.nextWakeAt();
    if (next === null || next > START + to || ended()) break;
    clock.advanceTo(Math.max(clock.now(), next));
  }
  if (!ended()) clock.advanceTo(START + to);
}

/** Turns the clock from one time to the next at which something is to be done, as a development server does. */
async function run(to: number): Promise<void> {
  for (let next = await engine.runOnce(); next !== null && next <= START + to; next = await engine.runOnce()) {
    clock.advanceTo(Math.max(clock.now(), next));
  }
  clock.advanceTo(START + to);
}

describe("another tenant's delivery starts at once", () => {
  const behaviours: [string, () => Simulated][] = [
    ["silent", () => SILENT],
    ["dripping", () => DRIPPING],
    ["failing", () => FAILED],
    ["failing slowly", () => ({ ...FAILED, durationMs: 20_000 })],
  ];

  test.each(behaviours)("beside sixteen endpoints of one account that are %s", async (_, behave) => {
    const bad = await account("bad");
    const good = await account("good");
    await endpoints(bad, "bad", 16, behave);
    await endpoints(good, "good", 1, () => OK);
    startEngine();
    engine.start();
    for (let n = 0; n < 16; n++) await bad.publish(`customer.t${n}`, 100);
    await good.publish("customer.t0", 10);
    await until(() => arrived("good").length >= 4);
    expect(arrived("good").slice(0, 4)).toEqual([0, 0, 0, 0]);
    for (let second = 1; second <= 40; second++) {
      await clock.runTo(START + second * 1_000);
      await good.publish("customer.t0", 10);
      await until(() => arrived("good").length >= 4 + 10 * second);
    }
    // The first was answered before the second second, so that all others start when they are published.
    for (const [index, at] of arrived("good").slice(20).entries()) expect(at).toBe(Math.floor((index + 20) / 10) * 1_000);
  });

  test("also when the sixteen were well before, and go silent together: within the time in which an answer is slow", async () => {
    const bad = await account("bad");
    const worse = await account("worse");
    const good = await account("good");
    let silent = false;
    for (const [name, fixture] of [
      ["bad", bad],
      ["worse", worse],
    ] as const)
      await endpoints(fixture, name, 16, () => (silent ? SILENT : OK));
    await endpoints(good, "good", 1, () => OK);
    startEngine();
    engine.start();
    const publishAll = async (count: number) => {
      for (let n = 0; n < 16; n++) for (const fixture of [bad, worse]) await fixture.publish(`customer.t${n}`, count);
    };
    for (let round = 0; round < 4; round++) {
      await publishAll(2);
      await good.publish("customer.t0", 2);
      await clock.runTo(clock.now() + 200);
      await until(async () => (await store.nextDueAt()) === null);
    }
    silent = true;
    await publishAll(100);
    const before = arrived("good").length;
    const from = clock.now() - START;
    await good.publish("customer.t0", 10);
    await clock.runTo(clock.now() + 1.25 * DEFAULT_LIMITS.slowAnswerMs);
    await until(() => arrived("good").length === before + 10);
    for (const at of arrived("good").slice(before)) expect(at - from).toBeLessThanOrEqual(1.25 * DEFAULT_LIMITS.slowAnswerMs);
    await clock.runTo(clock.now() + 1_000);
    await good.publish("customer.t0", 10);
    const second = clock.now() - START;
    await until(() => arrived("good").length === before + 20);
    expect(arrived("good").slice(before + 10)).toEqual(Array(10).fill(second));
  });
});

describe("an answer whose body drips", () => {
  test("counts as soon as its head is there, and is kept as far as it came in the time that it has", async () => {
    const fixture = await account("drip");
    const [endpoint] = await endpoints(fixture, "drip", 1, () => DRIPPING);
    startEngine({ attemptsInFlight: 1, responseBodiesPerEndpoint: 3, responseBodyMs: 1_500 });
    engine.start();
    await fixture.publish("customer.t0", 6);
    await until(() => arrived("drip").length === 1);
    await clock.runTo(START + 100);
    // One slot, and each is free again after the five milliseconds that the head takes.
    expect(arrived("drip")).toEqual([0, 5, 10, 15, 20, 25]);
    await clock.runTo(START + 3_000);
    await engine.idle();
    const rows = (await fixture.deliveries(endpoint as EndpointRow)).reverse();
    expect(rows.map(({ state }) => state)).toEqual(Array(6).fill("succeeded"));
    const took = await Promise.all(rows.map(async ({ id }) => (await store.read((reads) => reads.attempts(id)))[0]?.durationMs));
    // More bodies than three are not waited for.
    expect(took.sort()).toEqual([1_505, 1_505, 1_505, 5, 5, 5]);
  });
});

describe("an endpoint that fails", () => {
  test("gets a claim of few deliveries, so that what it would not take stays in the store", async () => {
    const fixture = await account("ill");
    await endpoints(fixture, "ill", 1, () => ({ ...FAILED, durationMs: 0 }));
    startEngine();
    engine.start();
    await fixture.publish("customer.t0", 1);
    await until(async () => (await store.nextDueAt()) !== START);
    await engine.stop();
    await fixture.publish("customer.t0", 50);
    receivers.set("ill.customer.t0", () => SILENT);
    const taken: number[] = [];
    const seen: Store = {
      ...store,
      attach: (lane) => store.attach(lane),
      settle: (...args) => store.settle(...args),
      nextDueAt: (busy) => store.nextDueAt(busy),
      async claimDue(request) {
        const claims = await store.claimDue(request);
        taken.push(claims.length);
        return claims;
      },
    };
    startEngine({ claimsAtOncePerFailingEndpoint: 3 }, seen);
    engine.start();
    await until(() => taken.length > 0);
    await flow(1_000);
    expect(taken[0]).toBe(3);
    expect(Math.max(...taken)).toBe(3);
  });

  test("is left alone after eight failures in a row, and tried with one delivery when that is over", async () => {
    const fixture = await account("down");
    let down = true;
    const [endpoint] = (await endpoints(fixture, "down", 1, () => ({ ...(down ? FAILED : OK), durationMs: 0 }))) as [EndpointRow];
    startEngine();
    await engine.pause();
    await fixture.publish("customer.t0", 100);
    const first = (await engine.runOnce()) as number;
    expect(arrived("down")).toHaveLength(8);
    // What was not sent is not leased: it is due as it was.
    expect(await store.nextDueAt()).toBe(START);
    expect(first - START).toBeGreaterThan(8_000);
    expect(first - START).toBeLessThanOrEqual(10_000);

    clock.advanceTo(first - 1);
    expect(await engine.runOnce()).toBe(first);
    expect(arrived("down")).toHaveLength(8);
    clock.advanceTo(first);
    const second = (await engine.runOnce()) as number;
    expect(arrived("down").slice(8)).toEqual([first - START]);
    expect(second - first).toBeGreaterThan(17_000);
    expect(second - first).toBeLessThanOrEqual(20_000);

    down = false;
    clock.advanceTo(second);
    const retry = (await engine.runOnce()) as number;
    expect(arrived("down")).toHaveLength(100);
    const states = async () => (await fixture.deliveries(endpoint)).map(({ state }) => state);
    expect((await states()).filter((state) => state === "succeeded")).toHaveLength(91);
    // Those that had failed keep the times that the policy gives them.
    expect(retry - START).toBeGreaterThan(0.9 * 300_000);
    await run(2 * 3_600_000);
    expect(new Set(await states())).toEqual(new Set(["succeeded"]));
  });

  test("is tried at the very time at which that is over by an engine that runs, and no other is held up meanwhile", async () => {
    const fixture = await account("down");
    const other = await account("other");
    await endpoints(fixture, "down", 1, () => FAILED);
    await endpoints(other, "other", 1, () => OK);
    startEngine();
    engine.start();
    await fixture.publish("customer.t0", 100);
    await flow(60_000);
    const failed = arrived("down").slice(8);
    const [first, second, ...more] = failed as [number, number];
    expect(more).toEqual([]);
    expect(first).toBeGreaterThan(8_000);
    expect(first).toBeLessThanOrEqual(10_100);
    expect(second - first).toBeGreaterThan(17_000);
    expect(second - first).toBeLessThanOrEqual(20_100);
    await other.publish("customer.t0", 1);
    await until(() => arrived("other").length === 1);
    expect(arrived("other")).toEqual([60_000]);
  });

  test("is sent to 1, 2, 4 … at once when it is well again, not everything that has gathered", async () => {
    const fixture = await account("down");
    let down = true;
    let underWay = 0;
    let answered = 0;
    const widths: { underWay: number; answered: number }[] = [];
    await endpoints(fixture, "down", 1, () => {
      if (down) return { ...FAILED, durationMs: 0 };
      widths.push({ underWay: ++underWay, answered });
      void clock.sleep(1_000, new AbortController().signal).then(() => {
        underWay--;
        answered++;
      });
      return { ...OK, durationMs: 1_000 };
    });
    startEngine();
    await engine.pause();
    await fixture.publish("customer.t0", 300);
    clock.advanceTo((await engine.runOnce()) as number);
    down = false;
    engine.start();
    await flow(100_000, () => arrived("down").length === 300);
    expect(widths).toHaveLength(292);
    // Each success doubles what may be under way.
    for (const width of widths) expect(width.underWay).toBeLessThanOrEqual(Math.min(32, 2 ** width.answered));
    expect(Math.max(...widths.map((width) => width.underWay))).toBe(32);
  });

  test("is sent to at once when its owner has changed it", async () => {
    const fixture = await account("down");
    let down = true;
    const [endpoint] = (await endpoints(fixture, "down", 1, () => ({ ...(down ? FAILED : OK), durationMs: 0 }))) as [EndpointRow];
    startEngine();
    await engine.pause();
    await fixture.publish("customer.t0", 20);
    await engine.runOnce();
    expect(arrived("down")).toHaveLength(8);
    down = false;
    await store.transaction((tx) => tx.updateEndpoint({ ...endpoint, description: "mended" }));
    await engine.runOnce();
    expect(arrived("down")).toHaveLength(20);
  });

  test("keeps nothing waiting for longer than the policy plans: what was not sent by then is given up", async () => {
    const fixture = await account("down");
    const [endpoint] = (await endpoints(fixture, "down", 1, () => ({ ...FAILED, durationMs: 0 }))) as [EndpointRow];
    // So many that probes every five minutes could not try them all in three days.
    startEngine({ breakerOpenMs: 3_600_000, breakerOpenLongestMs: 3_600_000 });
    await engine.pause();
    await fixture.publish("customer.t0", 200);
    await run(LAST_ATTEMPT_MS + 2 * 3_600_000);
    const rows = await fixture.deliveries(endpoint);
    expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(["exhausted"]));
    expect(rows.filter(({ attempts }) => attempts === 0).length).toBeGreaterThan(0);
    expect(Math.max(...arrived("down"))).toBeLessThanOrEqual(LAST_ATTEMPT_MS);
    expect(await store.nextDueAt()).toBeNull();
  });

  test("is tried each time when there is no breaker", async () => {
    const fixture = await account("down");
    await endpoints(fixture, "down", 1, () => ({ ...FAILED, durationMs: 0 }));
    startEngine({ breakerFailures: 0 });
    await engine.pause();
    await fixture.publish("customer.t0", 30);
    await engine.runOnce();
    expect(arrived("down")).toHaveLength(30);
  });
});

describe("an endpoint with a rate limit", () => {
  test("is sent to exactly when a token frees: when the clock is turned, and by an engine that runs", async () => {
    const fixture = await account("paced");
    const [endpoint] = (await endpoints(fixture, "paced", 1, () => ({ ...OK, durationMs: 0 }))) as [EndpointRow];
    await store.transaction((tx) => tx.updateEndpoint({ ...endpoint, rateLimit: 4 }));
    startEngine();
    await engine.pause();
    await fixture.publish("customer.t0", 10);
    await run(2_000);
    const expected = [0, 0, 0, 0, 250, 500, 750, 1_000, 1_250, 1_500];
    expect(arrived("paced")).toEqual(expected);

    clock.advanceTo(START + 10_000);
    engine.start();
    await fixture.publish("customer.t0", 10);
    await until(() => arrived("paced").length === 14);
    await clock.runTo(START + 12_000);
    expect(arrived("paced").slice(10)).toEqual(expected.map((at) => at + 10_000));
    await engine.idle();
  });

  test("is sent to no faster when what is under way is noted later", async () => {
    const fixture = await account("paced");
    const [endpoint] = (await endpoints(fixture, "paced", 1, () => ({ ...OK, durationMs: 0 }))) as [EndpointRow];
    await store.transaction((tx) => tx.updateEndpoint({ ...endpoint, rateLimit: 2 }));
    startEngine({}, { ...store, noteUnderWay: () => Promise.resolve() });
    await engine.pause();
    await fixture.publish("customer.t0", 6);
    await run(3_000);
    expect(arrived("paced")).toEqual([0, 0, 500, 1_000, 1_500, 2_000]);
  });

  test("may be every endpoint, by the server's own limit; what cannot be sent in time is left in the store", async () => {
    const fixture = await account("paced");
    await endpoints(fixture, "paced", 1, () => ({ ...OK, durationMs: 0 }));
    startEngine({ endpointRatePerSecond: 1 });
    await engine.pause();
    await fixture.publish("customer.t0", 300);
    await run(299_000);
    expect(arrived("paced")).toEqual(Array.from({ length: 300 }, (_, second) => second * 1_000));
    expect(await store.nextDueAt()).toBeNull();
  });
});

describe("Retry-After", () => {
  const asking = (status: number, retryAfter: string, date?: string): Simulated => ({
    ...FAILED,
    status,
    headers: { "retry-after": retryAfter, ...(date === undefined ? {} : { date }) },
    durationMs: 0,
  });

  async function attemptsOf(fixture: DeliveryFixture, endpoint: EndpointRow) {
    const [row] = await fixture.deliveries(endpoint);
    return { row, attempts: await store.read((reads) => reads.attempts(row?.id as string)) };
  }

  test.each([
    ["seconds", asking(500, "3600")],
    ["a date", asking(500, "Mon, 24 Nov 2025 01:00:00 GMT", "Mon, 24 Nov 2025 00:00:00 GMT")],
  ])("in %s puts the next attempt off, and is kept", async (_, answer) => {
    const fixture = await account("busy");
    const [endpoint] = (await endpoints(fixture, "busy", 1, () => answer)) as [EndpointRow];
    startEngine();
    await engine.pause();
    await fixture.publish("customer.t0", 1);
    expect(await engine.runOnce()).toBe(START + 3_600_000);
    const { row, attempts } = await attemptsOf(fixture, endpoint);
    expect(row).toMatchObject({ state: "pending", nextAttemptAt: START + 3_600_000 });
    expect(attempts).toMatchObject([{ retryAfterMs: 3_600_000, reason: expect.stringContaining("not to be tried again for 3,600 s.") }]);
  });

  test("puts it off no further than its limit and the policy's last time, and never makes it earlier", async () => {
    const fixture = await account("busy");
    const answers = [asking(500, "1"), asking(500, "999999999")];
    const [endpoint] = (await endpoints(fixture, "busy", 1, () => answers.shift() ?? asking(500, "999999999"))) as [EndpointRow];
    startEngine();
    await engine.pause();
    await fixture.publish("customer.t0", 1);
    const first = (await engine.runOnce()) as number;
    expect(first - START).toBeGreaterThan(0.9 * 300_000);
    clock.advanceTo(first);
    expect(await engine.runOnce()).toBe(first + DEFAULT_LIMITS.retryAfterLongestMs);
    expect((await attemptsOf(fixture, endpoint)).attempts.map(({ retryAfterMs }) => retryAfterMs)).toEqual([
      1_000,
      DEFAULT_LIMITS.retryAfterLongestMs,
    ]);
  });

  test.each([429, 503])("of an answer with status %i leaves the whole endpoint alone, for a shorter time", async (status) => {
    const fixture = await account("busy");
    const answers = [asking(status, "120")];
    await endpoints(fixture, "busy", 1, () => answers.shift() ?? { ...OK, durationMs: 0 });
    startEngine({ attemptsInFlightAtFirst: 1 });
    await engine.pause();
    await fixture.publish("customer.t0", 3);
    expect(await engine.runOnce()).toBe(START + 120_000);
    expect(arrived("busy")).toEqual([0]);
    await fixture.publish("customer.t0", 1);
    expect(await engine.runOnce()).toBe(START + 120_000);
    clock.advanceTo(START + 120_000);
    await engine.runOnce();
    expect(arrived("busy")).toEqual([0, 120_000, 120_000, 120_000]);
  });

  test("of any other failure does not", async () => {
    const fixture = await account("busy");
    const answers = [asking(500, "120")];
    await endpoints(fixture, "busy", 1, () => answers.shift() ?? { ...OK, durationMs: 0 });
    startEngine({ attemptsInFlightAtFirst: 1 });
    await engine.pause();
    await fixture.publish("customer.t0", 3);
    await engine.runOnce();
    expect(arrived("busy")).toEqual([0, 0, 0]);
  });
});
