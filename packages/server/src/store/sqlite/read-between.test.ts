import { afterEach, beforeEach, expect, test } from "vitest";
import { START, type StoreFixture, storeFixture, TEST_KEYS } from "../../../test/store/store-fixture.ts";
import type { RecentOutcome } from "../contract/figure-reads.ts";
import type { Page, Reads } from "../contract/transaction.ts";
import { openStore } from "../open-store.ts";
import { type Store, StoreUnavailable } from "../store.ts";
import { MEMORY } from "./database/open-database.ts";

const OWNER = { accountId: "acct_owner", livemode: false } as const;
/** More than a read may look at within a group, by some slices. */
const MANY = 8_500;
/** One in so many fits. */
const RARE = 4_100;

let store: Store;
let make: StoreFixture;
beforeEach(async () => {
  store = await openStore({ location: MEMORY, now: START, keys: TEST_KEYS });
  make = storeFixture();
});
afterEach(() => store.close());

/** Customers, of which few have the name Zoë. Their ids, newest first, of those few. */
async function manyCustomers(): Promise<string[]> {
  const rows = Array.from({ length: MANY }, (_, n) => make.object({ data: { name: n % RARE === 0 ? "Zoë" : "Jenny" } }));
  await store.transaction(async (tx) => {
    for (const row of rows) await tx.insertObject(row);
  });
  return rows
    .filter(({ data }) => data.name === "Zoë")
    .map(({ id }) => id)
    .reverse();
}

const customers = (name: string, page: Page) => (reads: Reads) => reads.objects({ ...OWNER, object: "customer", where: { name } }, page);

test("a search of many rows finds them all, and other work continues meanwhile", async () => {
  const rare = await manyCustomers();
  let found: string[] | null = null;
  const search = store.read(customers("Zoë", { limit: 10 })).then(({ rows }) => {
    found = rows.map(({ id }) => id);
  });
  let written = 0;
  while (found === null && written < 1_000) {
    await store.transaction(async (tx) => tx.insertObject(make.object({ accountId: "acct_other" })));
    written++;
  }
  await search;
  expect(found).toEqual(rare);
  // A commit between any two slices: at once, it would have been one or two.
  expect(written).toBeGreaterThan(MANY / 1_000 - 2);
});

test("searches of one account take turns with those of others", async () => {
  await manyCustomers();
  const ended: string[] = [];
  const search = (name: string, by: string) =>
    store.read(async (reads) => {
      await reads.objects({ ...OWNER, object: "customer", where: { name } }, { limit: 10 });
      ended.push(by);
    });
  const other = Array.from({ length: 4_500 }, () => make.object({ accountId: "acct_other" }));
  await store.transaction(async (tx) => {
    for (const row of other) await tx.insertObject(row);
  });
  await Promise.all([
    ...Array.from({ length: 6 }, () => search("none", "owner")),
    store.read(async (reads) => {
      await reads.objects({ ...OWNER, accountId: "acct_other", object: "customer", where: { name: "none" } }, { limit: 10 });
      ended.push("other");
    }),
  ]);
  expect(ended[0]).toBe("other");
});

test("closing the store ends a search, and a failure of its work is reported", async () => {
  await manyCustomers();
  const search = store.read(customers("none", { limit: 10 }));
  const failing = store.read(async (reads) => {
    await customers("none", { limit: 10 })(reads);
    throw new Error("after the search");
  });
  const closed = expect(search).rejects.toThrow(StoreUnavailable);
  const failed = expect(failing).rejects.toThrow(/after the search|closed/);
  await store.read((reads) => reads.setting("none"));
  await store.close();
  await Promise.all([closed, failed]);
  store = await openStore({ location: MEMORY, now: START, keys: TEST_KEYS });
});

/** Reads while others write. Returns what was read, and how many writes were committed meanwhile. */
async function meanwhile<T>(work: (reads: Reads) => Promise<T>): Promise<{ read: T; written: number }> {
  let written = 0;
  let over = false;
  const reading = store.read(work).finally(() => {
    over = true;
  });
  while (!over && written < 1_000) {
    await store.transaction(async (tx) => tx.insertObject(make.object({ accountId: "acct_other" })));
    written++;
  }
  return { read: await reading, written };
}

test("the figures of many endpoints are read one endpoint after another, and other work continues in between", async () => {
  const endpoints = await make.endpoints(store, 20);
  for (const endpoint of endpoints) await make.owe(store, endpoint, 2);
  const { read, written } = await meanwhile(async (reads) => {
    const outcomes: RecentOutcome[][] = [];
    for (const { id } of endpoints) outcomes.push(await reads.recentOutcomes({ endpointId: id }, 300));
    return outcomes;
  });
  expect(read.map((outcomes) => outcomes.length)).toEqual(endpoints.map(() => 2));
  expect(written).toBeGreaterThan(endpoints.length - 2);
});

test("the figures of an endpoint with many deliveries are of the newest, as those that are read at once", async () => {
  const [busy, other] = await make.endpoints(store, 2);
  if (busy === undefined || other === undefined) throw new Error("no endpoints");
  let created = START;
  for (let n = 0; n < 9; n++) {
    await make.owe(store, other, 10);
    created += 1_000;
    await make.owe(store, busy, 500, { created });
  }
  const figures = (reads: Reads) => reads.recentOutcomes({ endpointId: busy.id }, 4_200);
  const { read, written } = await meanwhile(figures);
  expect(read).toHaveLength(4_200);
  expect(read[0]?.created).toBe(created);
  expect(read).toEqual(await store.transaction((tx) => figures(tx)));
  expect(written).toBeGreaterThan(4_200 / 200 - 2);
});
