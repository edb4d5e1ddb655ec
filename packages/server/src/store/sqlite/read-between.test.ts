import { afterEach, beforeEach, expect, test } from "vitest";
import { START, type StoreFixture, storeFixture, TEST_KEYS } from "../../../test/store/store-fixture.ts";
import type { Page, Reads } from "../contract/transaction.ts";
import { openStore } from "../open-store.ts";
import { type Store, StoreUnavailable } from "../store.ts";
import { MEMORY } from "./open-database.ts";

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

test("a search of many rows finds them all, and what others do goes on meanwhile", async () => {
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

test("a store that is closed ends a search, and a failure of its work is told", async () => {
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
