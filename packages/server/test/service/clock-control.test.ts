import { randomBytes } from "node:crypto";
import { createIdSource } from "@carabiner/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTurnableClock, type TurnableClock } from "../../src/clock/turnable-clock.ts";
import type { ClockControl } from "../../src/console/clock.ts";
import { createEngine, type Engine } from "../../src/deliveries/engine.ts";
import { retryPolicies } from "../../src/deliveries/retry-policies.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/limits.ts";
import { createClockControl } from "../../src/service/clock-control.ts";
import type { TaskRunner } from "../../src/service/task-runner.ts";
import type { EndpointRow } from "../../src/store/contract/rows.ts";
import { openStore } from "../../src/store/open-store.ts";
import { type Store, StoreUnavailable } from "../../src/store/store.ts";
import type { Transport } from "../../src/transport/transport.ts";
import { createSimulatedClock, type SimulatedClock } from "../clock/simulated-clock.ts";
import { type DeliveryFixture, deliveryFixture } from "../deliveries/delivery-fixture.ts";

const START = Date.UTC(2026, 10, 2);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const DELIVERIES = 400;
const TYPE = "customer.created";

let machine: SimulatedClock;
let clock: TurnableClock;
let store: Store;
let engine: Engine;
let control: ClockControl;
let fixture: DeliveryFixture;
let endpoint: EndpointRow;
/** The time of each attempt, in the order in which they began. */
let sent: number[];
/** The status of an answer; called for each attempt. */
let answer: (url: string) => Promise<number>;
/** The headers of an answer. */
let headers: (url: string) => Record<string, string>;
let commits: { claims: number; settlements: number };
let planned: { at: number; run(): Promise<void> }[];
let trouble: number;
/** How long an answer takes, as the transport says. */
let tookMs: number;

beforeEach(async () => {
  machine = createSimulatedClock(START);
  clock = createTurnableClock(machine);
  store = await openStore({ location: "memory", now: START });
  fixture = await deliveryFixture(store, {
    ids: createIdSource(randomBytes),
    now: () => clock.now(),
    livemode: true,
    secret: "whsec_0123456789abcdefghijklmnopqrstuv",
    urlOf: (type) => `http://receiver.test/${type}`,
  });
  endpoint = await fixture.addEndpoint(TYPE);
  sent = [];
  answer = async () => 500;
  headers = () => ({});
  commits = { claims: 0, settlements: 0 };
  planned = [];
  trouble = 0;
  tookMs = 5;
  await startEngine({});
});

afterEach(async () => {
  await engine.stop();
  await store.close();
});

async function startEngine(limits: Partial<Limits>, counted: Partial<Store> = {}): Promise<void> {
  const transport: Transport = {
    async post({ url }) {
      sent.push(clock.now());
      const status = await answer(url);
      return { kind: "answer", status, headers: headers(url), body: "", truncated: false, durationMs: tookMs };
    },
    close: async () => undefined,
  };
  const all = { ...DEFAULT_LIMITS, breakerFailures: 0, ...limits };
  engine = createEngine({
    store: {
      ...store,
      claimDue(request) {
        commits.claims++;
        return store.claimDue(request);
      },
      settle(settlements, checks) {
        commits.settlements++;
        return store.settle(settlements, checks);
      },
      ...counted,
    },
    clock,
    transport,
    policies: retryPolicies("stripe", all.attemptDeadlineMs),
    limits: all,
    onTrouble: () => void trouble++,
    onBug(error) {
      throw error;
    },
  });
  control = await createClockControl(clock, { tasks: tasks(), engine }, store);
}

/** The same engine with other limits. */
async function startAgain(limits: Partial<Limits>): Promise<void> {
  await engine.stop();
  await startEngine(limits);
  await engine.pause();
}

/** Runs what is in `planned`. */
function tasks(): TaskRunner {
  const nextAt = (): number | null => planned[0]?.at ?? null;
  return {
    start: () => undefined,
    pause: async () => undefined,
    stop: async () => undefined,
    async runOnce() {
      for (let next = planned[0]; next !== undefined && next.at <= clock.now(); next = planned[0]) {
        planned.shift();
        await next.run();
      }
    },
    nextAt: async () => nextAt(),
    mayBeDueBy: (at) => (nextAt() ?? Number.POSITIVE_INFINITY) <= at,
  };
}

const turn = (ms: number): Promise<void> => control.advance((now) => now + ms);

/** When each attempt began and when it was planned, by what is stored, in the order of `sent`. */
async function storedTimes(): Promise<number[]> {
  const rows = await fixture.deliveries(endpoint);
  const attempts = await Promise.all(rows.map(({ id }) => store.read((reads) => reads.attempts(id))));
  return attempts
    .flat()
    .map(({ at }) => at)
    .sort((one, other) => one - other);
}

describe("a turned clock", () => {
  test("makes each retry at its own time, in order, and stores many in one commit", async () => {
    await fixture.publish(TYPE, DELIVERIES);
    await turn(3 * DAY);
    expect(sent).toHaveLength(10 * DELIVERIES);
    expect(sent).toEqual([...sent].sort((one, other) => one - other));
    expect(await storedTimes()).toEqual(sent);
    // Retries vary by a tenth of hours: hardly two fall due together.
    expect(new Set(sent).size).toBeGreaterThan(8 * DELIVERIES);
    expect(commits.claims).toBeLessThan(sent.length / 10);
    expect(commits.settlements).toBeLessThan(sent.length / 10);
    const states = (await fixture.deliveries(endpoint)).map(({ state, attempts }) => `${state} ${attempts}`);
    expect(new Set(states)).toEqual(new Set(["exhausted 10"]));
    expect(clock.now()).toBe(START + 3 * DAY);
  });

  test("claims more in one go the longer nothing but retries falls due", async () => {
    await startAgain({ claimsAtOnce: 20, settleAheadWithinMs: 60_000 });
    await fixture.publish(TYPE, DELIVERIES);
    await turn(1_000);
    commits = { claims: 0, settlements: 0 };
    sent = [];
    await turn(3 * DAY);
    expect(sent).toHaveLength(9 * DELIVERIES);
    expect(commits.claims).toBeLessThan(45);
    expect(commits.settlements).toBeLessThan(45);
  });

  test("makes the same attempts as one that claims nothing ahead", async () => {
    const alone = async (): Promise<Map<string, number[]>> => {
      const rows = await fixture.deliveries(endpoint);
      return new Map(
        await Promise.all(
          rows.map(async ({ id }) => [id, (await store.read((reads) => reads.attempts(id))).map(({ at }) => at)] as [string, number[]]),
        ),
      );
    };
    await fixture.publish(TYPE, 40);
    let n = 0;
    answer = async () => (n++ % 3 === 0 ? 200 : 500);
    await turn(3 * DAY);
    const { nextAttemptAt } = retryPolicies("stripe", 1).live;
    for (const [deliveryId, times] of await alone())
      for (const [index, at] of times.entries())
        if (index > 0) {
          const tried = { deliveryId, kind: "automatic" as const, attempt: index, created: START };
          expect(at).toBe(nextAttemptAt(tried, times[index - 1] as number));
        }
  });

  test("overlaps attempts at different endpoints, which begin in order, each at its own time; one endpoint's do not overlap", async () => {
    const types = ["customer.updated", "customer.deleted", "charge.failed", "charge.succeeded"];
    for (const type of types) {
      await fixture.addEndpoint(type);
      await fixture.publish(type, 100);
    }
    const underWay = new Map<string, number>();
    let most = 0;
    let mostOfOne = 0;
    answer = async (url) => {
      // First attempts are all due at once.
      if (clock.now() === START) return 500;
      underWay.set(url, (underWay.get(url) ?? 0) + 1);
      mostOfOne = Math.max(mostOfOne, underWay.get(url) as number);
      most = Math.max(most, [...underWay.values()].filter((count) => count > 0).length);
      await new Promise((resolve) => setImmediate(resolve));
      underWay.set(url, (underWay.get(url) as number) - 1);
      return 500;
    };
    await turn(HOUR);
    expect(mostOfOne).toBe(1);
    expect(most).toBe(types.length);
    expect(sent).toEqual([...sent].sort((one, other) => one - other));
    const { nextAttemptAt } = retryPolicies("stripe", 1).live;
    const rows = await store.read((reads) => reads.deliveries({ accountId: endpoint.accountId, livemode: true }, { limit: 400 }));
    for (const { id: deliveryId } of rows.rows) {
      const [first, second, third] = (await store.read((reads) => reads.attempts(deliveryId))).map(({ at }) => at) as [
        number,
        number,
        number,
      ];
      const tried = { deliveryId, kind: "automatic" as const, created: START };
      expect(first).toBe(START);
      expect(second).toBe(nextAttemptAt({ ...tried, attempt: 1 }, first));
      expect(third).toBe(nextAttemptAt({ ...tried, attempt: 2 }, second));
    }
  });

  test("makes the attempts of an endpoint alone that asks to be left alone for a while", async () => {
    await fixture.addEndpoint("customer.updated");
    headers = (url) => (url.endsWith("updated") ? { "retry-after": "1" } : {});
    // When each of those under way began. Two that are due in the same millisecond begin together.
    const underWay: number[] = [];
    const beside: number[] = [];
    let alone = false;
    answer = async (url) => {
      if (clock.now() === START) return 503;
      if (alone || url.endsWith("updated")) beside.push(underWay.filter((at) => at !== clock.now()).length);
      alone = url.endsWith("updated");
      const at = clock.now();
      underWay.push(at);
      await new Promise((resolve) => setImmediate(resolve));
      underWay.splice(underWay.indexOf(at), 1);
      alone = false;
      return 503;
    };
    await fixture.publish(TYPE, 40);
    await fixture.publish("customer.updated", 40);
    await turn(HOUR);
    expect(sent.length).toBeGreaterThan(160);
    expect(beside.length).toBeGreaterThan(40);
    expect(new Set(beside)).toEqual(new Set([0]));
    expect(await store.nextDueAt()).toBeGreaterThan(clock.now());
  });

  test("sends nothing more to an endpoint that its owner disables on the way", async () => {
    await fixture.publish(TYPE, DELIVERIES);
    await turn(1_000);
    let disabled = 0;
    answer = async () => {
      if (sent.length === DELIVERIES + 50) {
        const row = (await store.read((reads) => reads.endpoint(endpoint.id))) as EndpointRow;
        await store.transaction((tx) => tx.updateEndpoint({ ...row, status: "disabled", disabledReason: null }));
        disabled = sent.length;
      }
      return 500;
    };
    await turn(3 * DAY);
    expect(disabled).toBe(DELIVERIES + 50);
    // Only what was already under way in the same millisecond.
    expect(new Set(sent.slice(disabled - 1)).size).toBe(1);
    const states = (await fixture.deliveries(endpoint)).map(({ state }) => state);
    expect(new Set(states)).toEqual(new Set(["cancelled"]));
  });

  test("runs a task at its own time, before what falls due with it and after what fell due before", async () => {
    await fixture.publish(TYPE, DELIVERIES);
    const seen: number[] = [];
    const at = START + 310_000;
    planned.push({
      at,
      run: async () => {
        seen.push(clock.now(), sent.filter((time) => time >= at).length);
        planned.push({ at: at + 1, run: async () => void seen.push(clock.now(), sent.filter((time) => time > at).length) });
      },
    });
    await turn(HOUR);
    expect(seen).toEqual([at, 0, at + 1, 0]);
    expect(sent.filter((time) => time < at).length).toBeGreaterThan(DELIVERIES);
    expect(sent.filter((time) => time > at).length).toBeGreaterThan(100);
  });

  test("sends what is published on the way at once, before what falls due later", async () => {
    await fixture.publish(TYPE, DELIVERIES);
    await fixture.addEndpoint("customer.updated");
    await turn(1_000);
    const urls: string[] = [];
    answer = async (url) => {
      urls.push(url);
      if (urls.length === 20) await fixture.publish("customer.updated");
      return 500;
    };
    await turn(HOUR);
    const updated = urls.indexOf("http://receiver.test/customer.updated");
    expect(updated).toBeGreaterThanOrEqual(20);
    expect(sent[DELIVERIES + updated]).toBe(sent[DELIVERIES + 19]);
    expect(sent).toEqual([...sent].sort((one, other) => one - other));
  });

  test("gives back what it claimed ahead: after a turn each delivery waits for its own time", async () => {
    await fixture.publish(TYPE, DELIVERIES);
    await turn(300_000);
    const waiting = (await fixture.deliveries(endpoint)).map(({ nextAttemptAt }) => nextAttemptAt as number);
    expect(await store.nextDueAt()).toBe(Math.min(...waiting));
    expect(Math.min(...waiting)).toBeGreaterThan(START + 300_000);
  });

  test("stores a settlement again when the store was away, and gives back what it had claimed", async () => {
    await engine.stop();
    let away = 3;
    await startEngine(
      {},
      {
        async settle(settlements, checks) {
          if (sent.length > DELIVERIES + 5 && away-- > 0) {
            setImmediate(() => machine.advanceTo(machine.now() + 1_000));
            throw new StoreUnavailable("away");
          }
          return store.settle(settlements, checks);
        },
      },
    );
    await fixture.publish(TYPE, DELIVERIES);
    await turn(HOUR);
    expect(trouble).toBe(3);
    expect(sent).toEqual([...sent].sort((one, other) => one - other));
    expect(await storedTimes()).toHaveLength(sent.length);
  });

  test("claims a backlog of an endpoint that fails in few rounds", async () => {
    await engine.stop();
    await fixture.publish(TYPE, DELIVERIES);
    await startEngine({});
    await turn(0);
    expect(sent).toHaveLength(DELIVERIES);
    expect(commits.claims).toBeLessThan(15);
    expect(commits.settlements).toBeLessThan(15);
  });

  test("claims little of one that is slow to fail, and nothing in vain", async () => {
    await engine.stop();
    await fixture.publish(TYPE, 40);
    let given = 0;
    await startEngine(
      {},
      {
        settle(settlements, checks) {
          given += settlements.filter(({ attempt }) => attempt === null).length;
          return store.settle(settlements, checks);
        },
      },
    );
    tookMs = 20_000;
    await turn(0);
    expect(sent).toHaveLength(40);
    // The first claim does not know it yet.
    expect(given).toBeLessThan(2 * 40);
  });

  test("goes on after few published deliveries for each of its times, while clients publish without a break", async () => {
    await fixture.publish(TYPE, DELIVERIES);
    const other = await fixture.addEndpoint("customer.updated");
    await turn(1_000);
    let published = 0;
    answer = async (url) => {
      if (url !== other.url) return 500;
      if (published++ < 20_000) await fixture.publish("customer.updated");
      return 200;
    };
    await fixture.publish("customer.updated");
    await turn(HOUR);
    const { publishedPerTurn } = DEFAULT_LIMITS;
    expect(published).toBeGreaterThan(publishedPerTurn);
    // Two retries of each. At the end the engine runs again, and one more starts the next.
    expect(published).toBeLessThan(publishedPerTurn + 3 * DELIVERIES);
    published = 20_000;
  });

  test("sends all that a task publishes at the task's own time", async () => {
    await startAgain({ publishedPerTurn: 8 });
    const at = START + 100_000;
    planned.push({ at, run: () => fixture.publish(TYPE, DELIVERIES) });
    answer = async () => 200;
    await turn(HOUR);
    expect(sent).toEqual(Array(DELIVERIES).fill(at));
  });

  test("comes to its end while clients publish without a break", async () => {
    const most = 5_000;
    await startAgain({ publishedPerTurn: 8 });
    const other = await fixture.addEndpoint("customer.updated");
    let published = 0;
    answer = async (url) => {
      if (url !== other.url) return 500;
      // Each delivery makes another: there is always one.
      if (published++ < most) await fixture.publish("customer.updated");
      return 200;
    };
    await fixture.publish(TYPE, 3);
    await fixture.publish("customer.updated");
    await turn(3 * DAY);
    expect(clock.now()).toBe(START + 3 * DAY);
    expect(published).toBeGreaterThan(8);
    expect(published).toBeLessThan(most / 2);
    const retried = (await fixture.deliveries(endpoint)).map(({ state, attempts }) => `${state} ${attempts}`);
    expect(retried).toEqual(Array(3).fill("exhausted 10"));
    published = most;
    // The clock is where the turn ended.
    await control.idle();
    const states = (await fixture.deliveries(other)).map(({ state }) => state);
    expect(new Set(states)).toEqual(new Set(["succeeded"]));
  });
});
