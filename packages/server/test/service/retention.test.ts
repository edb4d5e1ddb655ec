import type { Logger } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase } from "../../../../scripts/test-database.ts";
import { DEFAULT_LIMITS } from "../../src/limits.ts";
import { keepRetention, pruneRequest } from "../../src/service/retention.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import { createSimulatedClock } from "../clock/simulated-clock.ts";
import { claimRequest } from "../store/store-conformance/opened-store.ts";
import { START, settlementOf, storeFixture, TEST_KEYS } from "../store/store-fixture.ts";

const A_DAY = 24 * 3_600_000;

/** A sweep of a large store, while clients publish. */

describe.each(["memory", "postgres"] as const)("on %s", (kind) => {
  let store: Store;
  const cleanUp: (() => unknown)[] = [];
  beforeAll(async () => {
    const database = kind === "postgres" ? await createTestDatabase() : null;
    store = await openStore({ location: database?.url ?? "memory", now: START, keys: TEST_KEYS });
    cleanUp.push(
      () => database?.drop(),
      () => store.close(),
    );
  }, 30_000);
  afterAll(async () => {
    for (const step of cleanUp.reverse()) await step();
  });

  test("a publish waits for one commit of a sweep at most, and the sweep comes to its end", async () => {
    const make = storeFixture();
    const [endpoint] = await make.endpoints(store, 1);
    if (endpoint === undefined) throw new Error("no endpoint");
    const count = 1_000;
    for (let made = 0; made < count; made += 500) {
      await make.owe(store, endpoint, 500);
      const claims = await store.claimDue(claimRequest({ limit: 500, perEndpoint: 500 }));
      expect(claims).toHaveLength(500);
      await store.settle(
        claims.map((claim) => settlementOf(claim, { state: "succeeded" }, START)),
        [],
      );
    }
    const clock = { ...createSimulatedClock(START + 10 * A_DAY), pause: async () => undefined };
    const stopped = new AbortController();
    const limits = { ...DEFAULT_LIMITS, attemptsKeptMs: A_DAY, sweptAtOnce: 20 };
    const monotonic = () => 0;
    const onTrouble = (error: Error): void => {
      throw error;
    };
    let commits = 0;
    const ended = Promise.withResolvers<void>();
    const counted: Store = {
      ...store,
      async prune(request) {
        const gone = await store.prune(request);
        if (gone === 0) ended.resolve();
        commits++;
        return gone;
      },
    };
    const told: Record<string, unknown>[] = [];
    const log = { info: (line: Record<string, unknown>) => void told.push(line) } as unknown as Pick<Logger, "info" | "warn">;
    const sweep = keepRetention({ store: counted, clock, limits, log, monotonic, onTrouble }, stopped.signal);
    /** Commits of the sweep that ended while each publish waited. */
    const waits: number[] = [];
    let over = false;
    const all = ended.promise.then(() => {
      over = true;
    });
    while (!over) {
      const before = commits;
      const event = make.event({ created: clock.now() });
      await store.transaction((tx) => tx.insertEvents([event], []));
      waits.push(commits - before);
    }
    await all;
    await expect.poll(() => told).toMatchObject([{ code: "rows.expired", rows: 2 * count, bytes: expect.any(Number) }]);
    stopped.abort();
    await sweep;
    expect(commits).toBeGreaterThanOrEqual(count / 20);
    expect(waits.length).toBeGreaterThanOrEqual(10);
    // A database works on both at once. A publish that had to wait for locks of the sweep would wait for most of it.
    expect(Math.max(...waits)).toBeLessThanOrEqual(kind === "memory" ? 1 : 20);
    const { rows } = await store.read((reads) => reads.deliveries({ accountId: endpoint.accountId, livemode: false }, { limit: 100 }));
    for (const { id, attempts } of rows) {
      expect(attempts).toBe(1);
      expect(await store.read((reads) => reads.attempts(id))).toEqual([]);
    }
  });
});

describe("what is kept no longer", () => {
  const now = START;
  const asked = (given: Partial<typeof DEFAULT_LIMITS>) =>
    pruneRequest({ ...DEFAULT_LIMITS, ...given } as never, DEFAULT_LIMITS.eventsKeptMs, now, now + 7);

  test("by default events go after 30 days with their attempts, requests after 7, and the audit log never", () => {
    expect(asked({})).toEqual({
      ...{ now, eventsBefore: now - 30 * A_DAY, answersBefore: now - A_DAY, requestsBefore: now + 7 - 7 * A_DAY },
      limit: DEFAULT_LIMITS.sweptAtOnce,
    });
  });

  test("attempts, their answers and the audit log each have a time of their own", () => {
    const given = { attemptsKeptMs: 3 * A_DAY, attemptBodiesKeptMs: A_DAY, auditKeptMs: 400 * A_DAY };
    expect(asked(given as never)).toMatchObject({
      attemptsBefore: now - 3 * A_DAY,
      attemptBodiesBefore: now - A_DAY,
      auditBefore: now - 400 * A_DAY,
    });
    expect(asked({ attemptsKeptMs: A_DAY } as never)).not.toHaveProperty("attemptBodiesBefore");
  });
});
