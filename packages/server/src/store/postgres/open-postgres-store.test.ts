import pg from "pg";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../../scripts/test-database.ts";
import { START, TEST_KEYS } from "../../../test/store/store-fixture.ts";
import { DEFAULT_LIMITS, type Limits } from "../../limits.ts";
import { openStore } from "../open-store.ts";
import { type Store, StoreUnavailable } from "../store.ts";

let database: TestDatabase;
let store: Store;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await store.close();
  await database.drop();
});

const open = async (limits: Partial<Limits>): Promise<Store> =>
  openStore({ location: database.url, now: START, keys: TEST_KEYS, limits: { ...DEFAULT_LIMITS, ...limits } });

test("as many connections stay open as databaseConnectionsKept says", async () => {
  const pools = vi.spyOn(pg, "Pool");
  store = await open({ databaseConnections: 5, databaseConnectionsKept: 3 });
  const pool = pools.mock.instances.at(-1) as pg.Pool;
  const clients = await Promise.all(Array.from({ length: 5 }, () => pool.connect()));
  expect(pool.totalCount).toBe(5);
  // The pool ends what it has too much by timers, ten seconds later.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  for (const client of clients) client.release();
  vi.advanceTimersByTime(60_000);
  vi.useRealTimers();
  expect(pool.totalCount).toBe(3);
});

test("one client may fill half of databaseCallsWaiting, so that others find a place", async () => {
  store = await open({ databaseConnections: 1, databaseCallsWaiting: 4 });
  const gate = Promise.withResolvers<void>();
  const call = (client?: string) =>
    store.transaction(async (tx) => {
      await tx.account("acct_none");
      await gate.promise;
    }, client);
  const admitted = [call("greedy"), call("greedy"), call("greedy")];
  await expect(call("greedy")).rejects.toThrow("too many calls wait");
  admitted.push(call("other"), call());
  await expect(call("third")).rejects.toThrow("too many calls wait");
  gate.resolve();
  await Promise.all(admitted);
  expect(await store.transaction(async () => "later", "greedy")).toBe("later");
});

test("as many transactions wait for a connection as databaseCallsWaiting says; one more is refused at once", async () => {
  store = await open({ databaseConnections: 2, databaseCallsWaiting: 1 });
  const gate = Promise.withResolvers<void>();
  const begun: Promise<void>[] = [];
  const hold = () => {
    const begins = Promise.withResolvers<void>();
    begun.push(begins.promise);
    return store.transaction(async (tx) => {
      await tx.account("acct_none");
      begins.resolve();
      await gate.promise;
    });
  };
  const held = [hold(), hold()];
  await Promise.all(begun);
  const waiting = hold();
  await expect(hold()).rejects.toBeInstanceOf(StoreUnavailable);
  gate.resolve();
  await Promise.all([...held, waiting]);
});
