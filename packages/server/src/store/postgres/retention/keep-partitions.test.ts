import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../../../scripts/test-database.ts";
import { claimed, claimRequest, idsOf, OWNER } from "../../../../test/store/store-conformance/opened-store.ts";
import { START, type StoreFixture, settlementOf, storeFixture, TEST_KEYS } from "../../../../test/store/store-fixture.ts";
import { DEFAULT_LIMITS, type Limits } from "../../../limits.ts";
import type { Claim, Settlement } from "../../contract/delivery-store.ts";
import type { EndpointRow, EventRow, NewDelivery } from "../../contract/rows.ts";
import { openStore } from "../../open-store.ts";
import { Conflict, type Store } from "../../store.ts";
import { isBusy, isEnded, isSilent } from "../database/postgres-failure.ts";
import { BEGIN, Transactions } from "../transactions/transactions.ts";

const A_DAY = 24 * 3_600_000;
/** Rows of each kind in one call. */
const LIMIT = 3;

let database: TestDatabase;
let store: Store;
let make: StoreFixture;
let endpoint: EndpointRow;
/** Another user of the database. */
let other: pg.Client;

beforeEach(async () => {
  database = await createTestDatabase();
  store = await open();
  make = storeFixture();
  [endpoint] = (await make.endpoints(store, 1)) as [EndpointRow];
  other = new pg.Client({ connectionString: database.url });
  await other.connect();
  await prune(START);
});
afterEach(async () => {
  await other.end();
  await store.close();
  await database.drop();
});

function open(limits: Partial<Limits> = {}): Promise<Store> {
  return openStore({ location: database.url, now: START, keys: TEST_KEYS, limits: { ...DEFAULT_LIMITS, partitionMs: A_DAY, ...limits } });
}

/** One call. Events are kept for two days. */
function prune(now: number, by = store): Promise<number> {
  return by.prune({ now, eventsBefore: now - 2 * A_DAY, answersBefore: 0, requestsBefore: 0, limit: LIMIT });
}

/** Repeats while something is deleted. */
async function pruneAll(now: number): Promise<void> {
  while ((await prune(now)) > 0);
}

async function partitions(): Promise<Record<string, unknown>[]> {
  const { rows } = await other.query(
    "SELECT k::integer, opened_at::float8 AS opened, closed_at::float8 AS closed, settled FROM partitions ORDER BY k",
  );
  return rows;
}

async function settleDue(now: number, next: Settlement["next"] = { state: "succeeded" }): Promise<string[]> {
  const claims = await store.claimDue(claimRequest({ now }));
  await store.settle(
    claims.map((claim) => settlementOf(claim, next, now)),
    [],
  );
  return claimed(claims);
}

/** Adds a delivery of an existing event. */
async function resend(event: EventRow, now: number): Promise<NewDelivery> {
  const again = make.delivery(event, endpoint, { kind: "manual", dueAt: now, created: now });
  await store.transaction((tx) => tx.insertDeliveries([again]));
  return again;
}

const eventOf = (id: string) => store.read((reads) => reads.event(id));
const listed = () => store.read(async (reads) => idsOf((await reads.deliveries(OWNER, { limit: 100 })).rows));

test("rows go into one partition after another, and are all found, listed, claimed and settled", async () => {
  const days = [0, 1, 2, 3, 4];
  const owed: NewDelivery[] = [];
  for (const day of days) {
    await prune(START + day * A_DAY);
    owed.push(...(await make.owe(store, endpoint, 2, { dueAt: START + 10 * A_DAY })));
  }
  expect(await partitions()).toEqual(
    [...days, 5].map((k) => ({
      k,
      opened: k < 5 ? START + k * A_DAY : null,
      closed: k < 4 ? START + (k + 1) * A_DAY : null,
      settled: false,
    })),
  );
  const { rows } = await other.query(
    "SELECT tableoid::regclass::text AS partition, count(*)::integer FROM deliveries GROUP BY 1 ORDER BY 1",
  );
  expect(rows).toEqual(days.map((k) => ({ partition: `deliveries_${k}`, count: 2 })));

  const newestFirst = idsOf(owed).reverse();
  const events = owed.map(({ event }) => event.id).reverse();
  await store.read(async (reads) => {
    expect(idsOf((await reads.deliveries(OWNER, { limit: 100 })).rows)).toEqual(newestFirst);
    expect(idsOf((await reads.deliveries(OWNER, { limit: 4, startingAfter: newestFirst[2] as string })).rows)).toEqual(
      newestFirst.slice(3, 7),
    );
    expect(idsOf((await reads.events(OWNER, { limit: 100 })).rows)).toEqual(events);
    expect(idsOf((await reads.events(OWNER, { limit: 4, endingBefore: events[7] as string })).rows)).toEqual(events.slice(3, 7));
    expect(await reads.pendingWebhooks(events)).toEqual(new Map(events.map((id) => [id, 1])));
    for (const { event } of owed) expect((await reads.event(event.id))?.id).toBe(event.id);
  });
  expect(await store.nextDueAt()).toBe(START + 10 * A_DAY);
  const claims = await store.claimDue(claimRequest({ now: START + 10 * A_DAY }));
  expect(claimed(claims)).toEqual(idsOf(owed));
  expect(await store.releaseLeases(START + 10 * A_DAY)).toMatchObject({ released: owed.length });
  expect(await settleDue(START + 10 * A_DAY)).toEqual(idsOf(owed));
  for (const { id } of owed) expect(await store.read((reads) => reads.attempts(id))).toHaveLength(1);
});

test("an event's id is unique over all partitions", async () => {
  const event = make.event();
  await store.transaction((tx) => tx.insertEvents([event], []));
  await prune(START + A_DAY);
  await expect(store.transaction((tx) => tx.insertEvents([event], []))).rejects.toBeInstanceOf(Conflict);
});

test("what is settled is looked through no more, and what is retried stays in its partition", async () => {
  const [done, retried] = await make.owe(store, endpoint, 2);
  const claims = (await store.claimDue(claimRequest())) as [Claim, Claim];
  await store.settle([settlementOf(claims[0], { state: "succeeded" }, START)], []);
  await store.settle([settlementOf(claims[1], { state: "pending", dueAt: START + 3 * A_DAY }, START)], []);
  await prune(START + A_DAY);
  await prune(START + 2 * A_DAY);
  await prune(START + 2.5 * A_DAY);
  expect((await partitions()).map(({ settled }) => settled)).toEqual([false, false, false, false]);
  expect(await store.nextDueAt()).toBe(START + 3 * A_DAY);
  expect(await settleDue(START + 3 * A_DAY)).toEqual([retried?.id]);
  await prune(START + 2.5 * A_DAY);
  expect((await partitions()).map(({ settled }) => settled)).toEqual([true, true, false, false]);
  expect(await listed()).toEqual([retried?.id, done?.id]);
});

test("a transaction that has taken a number is waited for before the next partition is opened", async () => {
  const [owed] = await make.owe(store, endpoint, 1);
  await settleDue(START);
  await other.query("BEGIN");
  await other.query(
    `WITH late AS (
       INSERT INTO deliveries (n, id, kind, event, endpoint, account_id, livemode, created, next_attempt_at)
       SELECT nextval('delivery_numbers'), 'late', kind, event, endpoint, account_id, livemode, created, next_attempt_at FROM deliveries
       RETURNING n, endpoint, next_attempt_at
     )
     INSERT INTO pending (n, endpoint, due_at, next_attempt_at, attempts, lease)
     SELECT n, endpoint, next_attempt_at, next_attempt_at, 0, 0 FROM late`,
  );
  expect(await prune(START + A_DAY)).toBe(0);
  expect((await partitions())[0]).toMatchObject({ closed: null });
  // Meanwhile nothing is blocked, and no number is lost.
  const [beside] = await make.owe(store, endpoint, 1, { dueAt: START + 1 });
  await other.query("COMMIT");
  expect(await prune(START + A_DAY)).toBe(0);
  expect((await partitions())[0]).toMatchObject({ closed: START + A_DAY, settled: false });
  expect(new Set(await settleDue(START + 5 * A_DAY))).toEqual(new Set(["late", beside?.id]));
  expect(await prune(START + A_DAY)).toBe(0);
  expect((await partitions())[0]).toMatchObject({ settled: true });
  expect(await listed()).toEqual([beside?.id, "late", owed?.id]);
});

test("an old partition goes whole, its ids first and a few at once", async () => {
  const old = await make.owe(store, endpoint, 7);
  await settleDue(START);
  await prune(START + A_DAY);
  const [young] = await make.owe(store, endpoint, 1, { dueAt: START + 9 * A_DAY });
  const now = START + 4 * A_DAY;
  expect([await prune(now), await prune(now)]).toEqual([3, 3]);
  expect(await Promise.all(old.map(async ({ event }) => (await eventOf(event.id)) !== null))).toEqual([...Array(6).fill(false), true]);
  expect([await prune(now), await prune(now), await prune(now)]).toEqual([1, 1, 0]);
  expect((await partitions()).map(({ k }) => k)).toEqual([1, 2, 3]);
  const { rows } = await other.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE '%\\_0'");
  expect(rows).toEqual([]);
  expect(await listed()).toEqual([young?.id]);
  for (const { id } of old) expect(await store.read((reads) => reads.attempts(id))).toEqual([]);
  expect(await settleDue(START + 9 * A_DAY)).toEqual([young?.id]);
});

test("a partition waits for what is pending of it, also in later ones", async () => {
  const [{ event }] = (await make.owe(store, endpoint, 1)) as [NewDelivery];
  await settleDue(START);
  await prune(START + A_DAY);
  const again = await resend(event, START + A_DAY);
  const now = START + 4 * A_DAY;
  await pruneAll(now);
  expect(await eventOf(event.id)).not.toBeNull();
  await settleDue(now);
  expect(await store.read((reads) => reads.attempts(again.id))).toHaveLength(1);
  await pruneAll(now);
  expect(await eventOf(event.id)).toBeNull();
  // It is gone with its event, as those before it, though its own partition is there.
  expect((await other.query("SELECT id FROM deliveries")).rows).toEqual([{ id: again.id }]);
  expect(await store.read((reads) => reads.delivery(again.id))).toBeNull();
  expect(await store.read((reads) => reads.attempts(again.id))).toEqual([]);
  expect(await listed()).toEqual([]);
  await pruneAll(START + 9 * A_DAY);
  expect((await other.query("SELECT id FROM deliveries")).rows).toEqual([]);
});

test("a transaction that owes an old event once more is waited for, and its delivery too", async () => {
  const [{ event }] = (await make.owe(store, endpoint, 1)) as [NewDelivery];
  await settleDue(START);
  await prune(START + A_DAY);
  const now = START + 4 * A_DAY;
  const hasty = await open({ partitionWaitMs: 1 });
  // A call that gives up while it waits checks again what is pending: then the ids wait for the delivery.
  const patient = await open({ partitionWaitMs: 600_000, databaseAnswerMs: 600_000 });
  // All but the ids and the drop.
  const moved = store.prune({ now, eventsBefore: START, answersBefore: 0, requestsBefore: 0, limit: LIMIT });
  expect(await moved).toBe(0);
  const written = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const again = make.delivery(event, endpoint, { kind: "manual", dueAt: now, created: now });
  const resending = store.transaction(async (tx) => {
    await tx.insertDeliveries([again]);
    written.resolve();
    await end.promise;
  });
  await written.promise;
  expect(await prune(now, hasty)).toBe(0);
  const forgetting = prune(now, patient);
  await isWaiting();
  end.resolve();
  await resending;
  expect(await forgetting).toBe(1);
  expect(await prune(now)).toBe(0);
  expect(await settleDue(now)).toEqual([again.id]);
  expect(await prune(now)).toBe(1);
  expect((await partitions())[0]?.k).toBe(1);
  await hasty.close();
  await patient.close();
});

/** Resolves once a client waits for a lock in this database. */
async function isWaiting(): Promise<void> {
  const waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
  while ((await other.query(waiting)).rows.length === 0);
}

test("nobody is held up: while the tables are in use, the drop is put off", async () => {
  await make.owe(store, endpoint, 1);
  await settleDue(START);
  await prune(START + A_DAY);
  const now = START + 4 * A_DAY;
  expect(await prune(now)).toBe(1);
  await other.query("BEGIN; SELECT count(*) FROM attempts");
  expect(await prune(now)).toBe(0);
  await make.owe(store, endpoint, 1);
  await other.query("COMMIT");
  expect(await prune(now)).toBe(1);
  expect((await partitions())[0]?.k).toBe(1);
  expect(await settleDue(START + 9 * A_DAY)).toHaveLength(1);
});

test("nobody is held up by a drop that would have to wait for autovacuum", async () => {
  await prune(START + A_DAY);
  await prune(START + A_DAY);
  await other.query("BEGIN; LOCK TABLE deliveries_0 IN SHARE UPDATE EXCLUSIVE MODE");
  const patient = await open({ partitionMs: 100 * A_DAY, partitionWaitMs: 600_000 });
  expect(await prune(START + 4 * A_DAY, patient)).toBe(0);
  expect((await partitions())[0]?.k).toBe(0);
  await other.query("COMMIT");
  expect(await prune(START + 4 * A_DAY, patient)).toBe(1);
  await patient.close();
});

test("of several nodes, one opens the next partition and one drops the oldest", async () => {
  const others = await Promise.all([open(), open(), open()]);
  const all = [store, ...others];
  const owed = await make.owe(store, endpoint, 4);
  await settleDue(START);
  for (const now of [START + A_DAY, START + A_DAY, START + 4 * A_DAY]) await Promise.all(all.map((one) => prune(now, one)));
  await Promise.all(all.map((one) => prune(START + 4 * A_DAY, one)));
  await pruneAll(START + 4 * A_DAY);
  expect((await partitions()).map(({ k, opened }) => ({ k, opened }))).toEqual([
    { k: 1, opened: START + A_DAY },
    { k: 2, opened: START + 4 * A_DAY },
    { k: 3, opened: null },
  ]);
  for (const { event } of owed) expect(await eventOf(event.id)).toBeNull();
  for (const one of others) await one.close();
});

test("numbers that run into the next partition on their own close their partition", async () => {
  await other.query("SELECT setval('delivery_numbers', past - 3) FROM partitions WHERE k = 0");
  const owed = await make.owe(store, endpoint, 5, { dueAt: START + 1 });
  await prune(START + 1);
  expect(await partitions()).toEqual([
    { k: 0, opened: START, closed: START + 1, settled: false },
    { k: 1, opened: START + 1, closed: null, settled: false },
    { k: 2, opened: null, closed: null, settled: false },
  ]);
  owed.push(...(await make.owe(store, endpoint, 1, { dueAt: START + 1 })));
  const { rows } = await other.query(
    "SELECT tableoid::regclass::text AS partition, count(*)::integer FROM deliveries GROUP BY 1 ORDER BY 1",
  );
  expect(rows).toEqual([
    { partition: "deliveries_0", count: 2 },
    { partition: "deliveries_1", count: 4 },
  ]);
  expect(await settleDue(START + 1)).toEqual(idsOf(owed));
});

test("no number is drawn twice, also where one sequence has run over and the other has not", async () => {
  await other.query("SELECT setval('delivery_numbers', past + 5) FROM partitions WHERE k = 0");
  await make.owe(store, endpoint, 5);
  await prune(START + A_DAY);
  expect((await partitions())[0]).toMatchObject({ closed: START + A_DAY });
  await make.owe(store, endpoint, 5);
  const { rows } = await other.query("SELECT n - first AS n FROM deliveries, partitions WHERE k = 1 ORDER BY 1");
  expect(rows.map(({ n }) => Number(n))).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
  expect(await settleDue(START)).toHaveLength(10);
});

test("a look that takes longer than it may is known from a database that does not answer", async () => {
  const pool = new pg.Pool({ connectionString: database.url });
  const transactions = new Transactions({ pool, connections: 1, waiting: 1, explain: async () => undefined });
  const looking = transactions.run(BEGIN.committed, async (session) => {
    await session.run("SET LOCAL statement_timeout = 1");
    await session.get("SELECT pg_sleep(60)");
  });
  const error = await looking.catch((thrown: unknown) => thrown);
  expect([isEnded(error), isBusy(error), isSilent(error)]).toEqual([true, false, false]);
  await transactions.close();
});

test("no statement reads a whole partition, and none looks for what is pending where nothing is", async () => {
  const [{ event }] = (await make.owe(store, endpoint, 2)) as [NewDelivery];
  await settleDue(START);
  await prune(START + A_DAY);
  await make.owe(store, endpoint, 300);
  await prune(START + 2 * A_DAY);
  await make.owe(store, endpoint, 5);
  expect((await partitions())[0]).toMatchObject({ settled: true });
  await other.query("ANALYZE");
  await store.close();
  const before = await reads();
  store = await open();
  await store.transaction(async (tx) => {
    await tx.insertEvents([make.event()], [{ eventId: event.id, variant: "v", body: event.body }]);
    await tx.insertDeliveries([make.delivery(event, endpoint, { variant: "v" })]);
  });
  await store.nextDueAt();
  for (const [limit, next] of [
    [50, { state: "pending", dueAt: START }],
    [50, { state: "exhausted" }],
    [500, { state: "succeeded" }],
  ] as const) {
    const claims = await store.claimDue(claimRequest({ limit, perEndpoint: limit }));
    expect(claims).toHaveLength(Math.min(limit, 256));
    await store.settle(
      claims.map((claim) => settlementOf(claim, next, START)),
      [],
    );
  }
  await store.releaseLeases(START);
  const [made] = (await listed()) as [string];
  await store.read(async (reads) => {
    await reads.event(event.id);
    await reads.eventVariant(event.id, "v");
    await reads.attempts(made);
    await reads.delivery(made);
    await reads.pendingWebhooks([event.id]);
    for (const deliverySuccess of [true, false]) await reads.events({ ...OWNER, deliverySuccess }, { limit: 10, startingAfter: event.id });
    await reads.deliveries({ ...OWNER, eventId: event.id }, { limit: 10 });
    await reads.deliveries({ ...OWNER, state: "exhausted" }, { limit: 10, startingAfter: made });
  });
  // Its ids go.
  expect(
    await store.prune({ now: START + 2.5 * A_DAY, eventsBefore: START + 1.5 * A_DAY, answersBefore: 0, requestsBefore: 0, limit: LIMIT }),
  ).toBe(2);
  await store.close();
  expect(await reads()).toEqual(before);
  store = await open();
});

test("a settlement finds its rows by their numbers, also if next to nothing was pending when it was planned", async () => {
  await make.owe(store, endpoint, 600);
  while ((await settleDue(START)).length > 0);
  await other.query("VACUUM ANALYZE deliveries");
  await make.owe(store, endpoint, 2);
  const claims = await store.claimDue(claimRequest());
  await store.close();
  const before = await reads();
  store = await open();
  const settlements = claims.map((claim) => settlementOf(claim, { state: "succeeded" }, START));
  expect(await store.settle(settlements, [])).toEqual({ refused: [] });
  await store.close();
  expect(await reads()).toEqual(before);
  store = await open();
});

/** The number of full scans of each partition and the table of ids, and of scans of the first one's pending index. */
async function reads(): Promise<Record<string, unknown>[]> {
  // A connection is counted by the time it has ended.
  const ending = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'carabiner'";
  while ((await other.query(ending)).rows.length > 0);
  const { rows } = await other.query(
    `SELECT relname AS name, seq_scan::integer AS reads FROM pg_stat_user_tables WHERE relname ~ '_[0-9]+$' OR relname = 'event_ids'
     UNION ALL SELECT indexrelname, idx_scan::integer FROM pg_stat_user_indexes WHERE indexrelname = 'deliveries_0_due' ORDER BY 1`,
  );
  return rows;
}
