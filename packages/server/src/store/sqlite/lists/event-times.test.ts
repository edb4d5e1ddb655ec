import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { START, storeFixture, TEST_KEYS } from "../../../../test/store/store-fixture.ts";
import type { EventRow } from "../../contract/rows.ts";
import type { EventFilter, Page } from "../../contract/transaction.ts";
import { openStore } from "../../open-store.ts";
import type { Store } from "../../store.ts";

const MINUTE = 60_000;
const OWNER = { accountId: "acct_owner", livemode: false };

let directory: string;
let location: string;
let store: Store;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "carabiner-times-"));
  location = join(directory, "carabiner.db");
  store = await openStore({ location, now: START, keys: TEST_KEYS });
});
afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

/** What SQL answers, between two openings of the store. */
async function asked(sql: string): Promise<unknown[]> {
  await store.close();
  const database = new DatabaseSync(location);
  const rows = database
    .prepare(sql)
    .all()
    .map((row) => ({ ...row }));
  database.close();
  store = await openStore({ location, now: START, keys: TEST_KEYS });
  return rows;
}

/** The same numbers in every run. */
let seed = 5;
function chance(below: number): number {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed % below;
}

const make = storeFixture();

/**
 * Stores an event for each minute, up to six minutes earlier, as a clock may be set back, or as much earlier as `late`
 * says.
 */
async function storeEvents(from: number, count: number, late: (n: number) => number | null): Promise<EventRow[]> {
  const events = Array.from({ length: count }, (_, at) => {
    const n = from + at;
    const created = START + n * MINUTE - (late(n) ?? chance(7) * MINUTE);
    const accountId = chance(4) === 0 ? "acct_other" : OWNER.accountId;
    return make.event({ type: chance(3) === 0 ? "payout.paid" : "customer.created", created, accountId });
  });
  for (let at = 0; at < count; at += 50) await store.transaction((tx) => tx.insertEvents(events.slice(at, at + 50), []));
  return events;
}

/** Compares pages of every kind, for many ranges, with what they should be. */
async function compare(all: readonly EventRow[], minutes: number): Promise<void> {
  const newestFirst = all.filter(({ accountId }) => accountId === OWNER.accountId).toReversed();
  const find = async (filter: Partial<EventFilter>, page: Page) => {
    const { rows, hasMore } = await store.read((reads) => reads.events({ ...OWNER, ...filter }, page));
    return { ids: rows.map(({ id }) => id), hasMore };
  };
  for (let at = 0; at < minutes; at += 97) {
    const [earlier, later] = [START + at * MINUTE, START + (at + 40) * MINUTE];
    const ranges = [{ lt: earlier }, { lte: earlier }, { gte: earlier }, { gt: earlier }, { gte: earlier, lt: later }];
    for (const created of ranges)
      for (const types of [undefined, ["payout.paid"]]) {
        const filter = { created, ...(types === undefined ? {} : { types }) };
        const ids = newestFirst
          .filter(
            ({ created: time, type }) =>
              time >= (created.gte ?? 0) &&
              time > (created.gt ?? 0) &&
              time < (created.lt ?? Number.POSITIVE_INFINITY) &&
              time <= (created.lte ?? Number.POSITIVE_INFINITY) &&
              (types?.includes(type) ?? true),
          )
          .map(({ id }) => id);
        const said = JSON.stringify({ filter, at });
        expect(await find(filter, { limit: 10 }), said).toEqual({ ids: ids.slice(0, 10), hasMore: ids.length > 10 });
        const [after, before] = [ids[4], ids.at(-5)];
        if (after === undefined || before === undefined) continue;
        expect((await find(filter, { limit: 10, startingAfter: after })).ids, said).toEqual(ids.slice(5, 15));
        expect((await find(filter, { limit: 10, endingBefore: before })).ids, said).toEqual(ids.slice(0, -5).slice(-10));
      }
  }
}

test("a page of events of a time is the same as from all of them, also when some came late", async () => {
  const first = await storeEvents(0, 1_500, () => null);
  await compare(first, 1_500);
  // Some days later a history is published, then there are new events again.
  const history = await storeEvents(1_500, 400, (n) => n * MINUTE - chance(700) * MINUTE);
  const last = await storeEvents(1_900, 1_500, (n) => (n % 200 === 7 ? 90 * MINUTE : null));
  await compare([...first, ...history, ...last], 3_400);
  await asked("SELECT 1");
  await compare([...first, ...history, ...last], 3_400);
});

test("so it is in a database in which earlier events were not noted", async () => {
  const first = await storeEvents(0, 600, (n) => (n % 20 === 3 ? 300 * MINUTE : null));
  await asked("DELETE FROM late_events");
  await asked("UPDATE late_events_known SET n = (SELECT max(n) + 1 FROM events)");
  const last = await storeEvents(600, 1_500, () => null);
  await compare([...first, ...last], 2_100);
});

test("only late events are noted, and no longer than they are kept", async () => {
  await storeEvents(0, 300, (n) => (n === 200 ? 150 * MINUTE : null));
  expect(await asked("SELECT created FROM late_events")).toEqual([{ created: START + 50 * MINUTE }]);
  await store.prune({ now: START, eventsBefore: START + 100 * MINUTE, answersBefore: 0, requestsBefore: 0, limit: 1_000 });
  expect(await asked("SELECT * FROM late_events")).toEqual([]);
});

test("a late event of an account that is erased is not noted either", async () => {
  await storeEvents(0, 300, (n) => (n === 200 ? 150 * MINUTE : null));
  for (const account of ["acct_other", OWNER.accountId])
    await store.transaction((tx) => tx.eraseRows({ accountId: account, erasure: account, now: 0 }, 10_000));
  expect(await asked("SELECT (SELECT count(*) FROM events) AS events, (SELECT count(*) FROM late_events) AS late")).toEqual([
    { events: 0, late: 0 },
  ]);
});
