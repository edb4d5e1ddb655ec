import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, test } from "vitest";
import { START, storeFixture, TEST_KEYS } from "../../../../test/store/store-fixture.ts";
import type { DeliveryRow } from "../../contract/rows.ts";
import type { DeliveryFilter, Page } from "../../contract/transaction.ts";
import { openStore } from "../../open-store.ts";

const EVENTS = 6_000;
/** Events that a transaction writes, and every tenth of them once more at its end, as thin forms are. */
const AT_ONCE = 500;
const OWNER = { accountId: "acct_owner", livemode: false };
const LATER = ["manual", "resent"] as const;

const directory = mkdtempSync(join(tmpdir(), "carabiner-newest-"));
const location = join(directory, "carabiner.db");
afterAll(() => rmSync(directory, { recursive: true }));

/** The same numbers in every run. */
let seed = 11;
function chance(below: number): number {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed % below;
}

/**
 * Events of a large, a smaller and a small account, in both modes, most with a delivery made with them, some with one
 * made much later. Then some deliveries are made to look failed.
 */
async function deliveriesMade(): Promise<DeliveryRow[]> {
  const make = storeFixture();
  const store = await openStore({ location, now: START, keys: TEST_KEYS });
  const [endpoint, other] = (await make.endpoints(store, 2)) as [Awaited<ReturnType<typeof make.endpoints>>[number], never];
  const [stranger] = (await make.endpoints(store, 1, { accountId: "acct_stranger" })) as [typeof endpoint];
  const events: ReturnType<typeof make.event>[] = [];
  for (let n = 0; n < EVENTS; n += AT_ONCE) {
    const created = START + n * 60_000;
    const accountOf = () =>
      ["acct_large", "acct_large", "acct_large", "acct_smaller", chance(20) === 0 ? "acct_small" : "acct_large"][chance(5)];
    const whole = Array.from({ length: AT_ONCE }, () =>
      make.event({
        accountId: accountOf() as string,
        livemode: chance(3) === 0,
        type: chance(9) === 0 ? "payout.paid" : "customer.created",
        created,
      }),
    );
    const thin = whole.filter((_, at) => at % 10 === 0).map((event) => make.event({ ...event, id: `${event.id}thin` }));
    const later = events.length === 0 ? [] : Array.from({ length: 20 }, () => events[chance(events.length)] as (typeof events)[number]);
    const made = [
      ...whole
        .flatMap((event, at) => (at % 10 === 0 ? [event, thin[at / 10] as (typeof events)[number]] : [event]))
        .map((event) => ({ event })),
      ...later.map((event) => ({ event, kind: LATER[chance(2)] as (typeof LATER)[number] })),
    ];
    await store.transaction(async (tx) => {
      await tx.insertEvents([...whole, ...thin], []);
      await tx.insertDeliveries(
        made.map(({ event, ...kind }) =>
          make.delivery(event, [endpoint, other, stranger][chance(5) % 3] ?? endpoint, { created, dueAt: created, ...kind }),
        ),
      );
    });
    events.push(...whole, ...thin);
  }
  await store.close();
  const database = new DatabaseSync(location);
  database.exec(`
    UPDATE deliveries SET state = 2, attempts = 1, last_outcome = 500 + n % 4 WHERE n % 3 = 0;
    UPDATE deliveries SET state = 1, attempts = 1, last_outcome = 200 WHERE n % 3 = 1`);
  database.close();
  const again = await openStore({ location, now: START, keys: TEST_KEYS });
  const { rows } = await again.read((reads) => reads.deliveries(OWNER, { limit: 100_000 }));
  await again.close();
  return rows;
}

/** A condition, and what it means for a row. Statuses are known by the row's place among all, which is in `failed`. */
type Filter = [given: Partial<DeliveryFilter>, holds: (row: DeliveryRow) => boolean];

test("a page of an account's deliveries is the same as from all of them, whatever was made later or out of order", async () => {
  const all = await deliveriesMade();
  const middle = START + (EVENTS / 2) * 60_000;
  const accounts: Filter[] = ["acct_large", "acct_smaller", "acct_small", "acct_none"].map((account) => [
    { eventAccountId: account },
    ({ eventAccountId }) => eventAccountId === account,
  ]);
  const others: Filter[] = [
    [{}, () => true],
    [{ eventType: "payout.paid" }, ({ eventType }) => eventType === "payout.paid"],
    [{ eventTypePattern: "*.paid" }, ({ eventType }) => eventType === "payout.paid"],
    [{ eventTypePattern: "*" }, () => true],
    [{ state: "exhausted" }, ({ state }) => state === "exhausted"],
    [{ state: "pending" }, ({ state }) => state === "pending"],
    [{ statuses: [[500, 599]] }, ({ state }) => state === "exhausted"],
    [{ created: { lt: middle } }, ({ created }) => created < middle],
    [{ created: { gte: middle } }, ({ created }) => created >= middle],
    [{ state: "exhausted", created: { gte: middle } }, ({ state, created }) => state === "exhausted" && created >= middle],
  ];
  const store = await openStore({ location, now: START, keys: TEST_KEYS });
  const find = async (filter: Partial<DeliveryFilter>, page: Page) => {
    const { rows, hasMore } = await store.read((reads) => reads.deliveries({ ...OWNER, ...filter }, page));
    return { ids: rows.map(({ id }) => id), hasMore };
  };
  for (const [given, holds] of [...accounts, others[1] as Filter])
    for (const [more, holdsToo] of others) {
      const filter = { ...given, ...more };
      const ids = all.filter((row) => holds(row) && holdsToo(row)).map(({ id }) => id);
      const said = JSON.stringify(filter);
      expect(await find(filter, { limit: 20 }), said).toEqual({ ids: ids.slice(0, 20), hasMore: ids.length > 20 });
      for (const at of [0, 19, 300, ids.length - 5]) {
        const cursor = ids[at];
        if (cursor === undefined) continue;
        const rest = ids.slice(at + 1);
        expect(await find(filter, { limit: 20, startingAfter: cursor }), said).toEqual({
          ids: rest.slice(0, 20),
          hasMore: rest.length > 20,
        });
        const newer = ids.slice(0, at);
        expect(await find(filter, { limit: 20, endingBefore: cursor }), said).toEqual({
          ids: newer.slice(-20),
          hasMore: newer.length > 20,
        });
      }
    }
  await store.close();
});

test("pages of a type up to a time continue where it was rarer", async () => {
  const make = storeFixture();
  const store = await openStore({ location: join(directory, "rarer.db"), now: START, keys: TEST_KEYS });
  const [endpoint] = (await make.endpoints(store, 1)) as [Awaited<ReturnType<typeof make.endpoints>>[number]];
  const events = Array.from({ length: 6_000 }, (_, n) =>
    make.event({ type: n >= 3_000 || n % 50 === 0 ? "payout.paid" : "customer.created" }),
  );
  const deliveries = events.map((event) => make.delivery(event, endpoint));
  await store.transaction(async (tx) => {
    await tx.insertEvents(events, []);
    await tx.insertDeliveries(deliveries);
  });
  const filter = { ...OWNER, eventType: "payout.paid", created: { lte: START } };
  const found: string[] = [];
  for (let more = true; more; ) {
    const cursor = found.at(-1);
    const page: Page = cursor === undefined ? { limit: 100 } : { limit: 100, startingAfter: cursor };
    const { rows, hasMore } = await store.read((reads) => reads.deliveries(filter, page));
    found.push(...rows.map(({ id }) => id));
    more = hasMore;
  }
  await store.close();
  const wanted = deliveries.filter(({ event }) => event.type === "payout.paid").map(({ id }) => id);
  expect(found).toEqual(wanted.reverse());
});
