import pg from "pg";
import { afterAll, expect, test } from "vitest";
import { createTestDatabase } from "../../../../../../scripts/test-database.ts";
import { START, storeFixture, TEST_KEYS } from "../../../../test/store/store-fixture.ts";
import type { DeliveryFilter, Page } from "../../contract/transaction.ts";
import { openStore } from "../../open-store.ts";
import type { Store } from "../../store.ts";
import type { SqlRow, SqlValue } from "../database/session.ts";
import { deliveriesPage } from "./deliveries-page.ts";
import { type Condition, numbered } from "./read-page.ts";

const OWNER = { accountId: "acct_owner", livemode: false };
const EVENTS = 27_000;
/** Deliveries are numbered in the order of their events but for those of transactions that overlap. */
const APART = 500;
/** How many numbers later some are made than their events, and the first of them. */
const LATER = 4_500;
const MUCH_LATER = 23_500;
const LIMIT = 80;

const make = storeFixture();
const database = await createTestDatabase();
const store: Store = await openStore({ location: database.url, now: START, keys: TEST_KEYS });
const pool = new pg.Pool({ connectionString: database.url, max: 1 });
afterAll(async () => {
  await Promise.all([store.close(), pool.end()]);
  await database.drop();
});

/**
 * Events of a large account in both modes, of one that has a fiftieth of them, and of a small one. Each has a delivery
 * that was made with it, of one in a thousand another owner's, and one in a hundred has another one that was made
 * later.
 */
async function seed(): Promise<void> {
  await make.endpoints(store, 2);
  await make.endpoints(store, 1, { accountId: "acct_stranger" });
  const made = `generate_series(1::bigint, ${EVENTS}) AS made (n)`;
  const id = (kind: string, n: string): string => `'${kind}_' || lpad((${n})::text, 24, '0')`;
  await pool.query(`
    INSERT INTO events (n, id, account_id, livemode, type, created, body)
      SELECT n, ${id("evt", "n")}, CASE WHEN n % 1000 = 7 THEN 'acct_small' WHEN n % 50 = 3 THEN 'acct_middle' ELSE 'acct_large' END,
        n % 3 = 0 AND n % 50 <> 3, CASE WHEN n % 50 = 5 THEN 'payout.paid' ELSE 'customer.created' END, ${START} + n * 1000, 'body' FROM ${made};
    INSERT INTO event_ids (id, account_id, n) SELECT id, account_id, n FROM events;
    INSERT INTO deliveries (
        n, id, kind, event, endpoint, account_id, livemode, created, next_attempt_at,
        state, attempts, last_outcome, gave_up, failed_with, troubled_account
      )
      SELECT d.n, ${id("dlv", "d.n")}, kind, event, p.n, p.account_id, false, ${START} + d.n * 1000, 0, state, sign(state), outcome,
        CASE WHEN state = 2 THEN 2 END, CASE WHEN state = 2 THEN outcome END,
        CASE WHEN state = 2 THEN (SELECT account_id FROM events e WHERE e.n = event) END
      FROM (
        SELECT *, (2 * (n % 3)) % 3 AS state, CASE n % 3 WHEN 0 THEN NULL WHEN 1 THEN 500 + n % 4 ELSE 200 END AS outcome FROM (
          SELECT row_number() OVER (ORDER BY place, event) AS n, made.* FROM (
            SELECT n AS event, 0 AS kind, n + (n * 7) % ${APART} AS place FROM ${made}
            UNION ALL SELECT n, 1, n + CASE WHEN n < 3000 THEN ${MUCH_LATER} ELSE ${LATER} END FROM ${made} WHERE n % 100 = 3
          ) AS made
        ) AS numbered
      ) AS d JOIN endpoints p ON p.n = CASE WHEN event % 1000 = 53 THEN 3 ELSE event % 2 + 1 END;
    SELECT setval('event_numbers', 100000), setval('delivery_numbers', 100000);
    ANALYZE`);
}

interface Row {
  id: string;
  state: number;
  attempts: number;
  created: string;
  failed_with: number | null;
  account_id: string;
  type: string;
}

const MIDDLE = START + (EVENTS / 2) * 1_000;
/** What each filter means for a row. */
const MEANINGS: [given: Partial<DeliveryFilter>, holds: (row: Row) => boolean][] = [
  [{}, () => true],
  [{ eventType: "payout.paid" }, ({ type }) => type === "payout.paid"],
  [{ eventTypePattern: "*.paid" }, ({ type }) => type === "payout.paid"],
  [{ eventTypePattern: "*" }, () => true],
  [{ state: "exhausted" }, ({ state }) => state === 2],
  [{ tried: true }, ({ attempts }) => attempts > 0],
  [{ tried: false }, ({ attempts }) => attempts === 0],
  [{ statuses: [[500, 501]] }, ({ failed_with: status }) => status === 500 || status === 501],
  [{ created: { lt: MIDDLE } }, ({ created }) => Number(created) < MIDDLE],
  [{ state: "exhausted", created: { gte: MIDDLE } }, ({ state, created }) => state === 2 && Number(created) >= MIDDLE],
];

test("a page of an account's or a type's deliveries is the same as from all of them, whatever was made later or out of order", async () => {
  await seed();
  const { rows: all } = await pool.query<Row>(`
    SELECT d.id, d.state, d.attempts, d.created, d.failed_with, e.account_id, e.type
    FROM deliveries d JOIN events e ON e.n = d.event WHERE d.account_id = 'acct_owner' ORDER BY d.n DESC`);
  const checked = async (filter: Partial<DeliveryFilter>, page: Page, ids: string[], hasMore: boolean) => {
    const found = await store.read((reads) => reads.deliveries({ ...OWNER, ...filter }, page));
    expect({ ids: found.rows.map(({ id }) => id), hasMore: found.hasMore }, JSON.stringify({ filter, page })).toEqual({ ids, hasMore });
  };
  for (const account of ["acct_large", "acct_middle", "acct_small", "acct_none", null])
    for (const [given, holds] of MEANINGS) {
      const filter = account === null ? given : { ...given, eventAccountId: account };
      const ids = all.filter((row) => holds(row) && (account === null || row.account_id === account)).map(({ id }) => id);
      await checked(filter, { limit: LIMIT }, ids.slice(0, LIMIT), ids.length > LIMIT);
      for (const at of [ids.length >> 1, ids.length - 5]) {
        const cursor = ids[at];
        if (cursor === undefined) continue;
        const rest = ids.slice(at + 1);
        await checked(filter, { limit: LIMIT, startingAfter: cursor }, rest.slice(0, LIMIT), rest.length > LIMIT);
        await checked(filter, { limit: LIMIT, endingBefore: cursor }, ids.slice(0, at).slice(-LIMIT), at > LIMIT);
      }
    }
});

/**
 * Another owner's events, numbered after those above: its endpoint received the last of them that were not rare only
 * with a status of failure. A page of rare ones reaches farther back.
 */
async function seedOutage(): Promise<void> {
  const [endpoint] = await make.endpoints(store, 1, { accountId: "acct_outage" });
  const made = "generate_series(200001::bigint, 230000) AS made (n)";
  const id = (kind: string): string => `'${kind}_' || lpad(n::text, 24, '0')`;
  await pool.query(`
    INSERT INTO events (n, id, account_id, livemode, type, created, body)
      SELECT n, ${id("evt")}, 'acct_out', false, CASE WHEN n % 1250 = 0 THEN 'top.rare' ELSE 'top.often' END, ${START} + n * 1000, 'body'
      FROM ${made};
    INSERT INTO deliveries (
        n, id, kind, event, endpoint, account_id, livemode, created, next_attempt_at,
        state, attempts, last_outcome, gave_up, failed_with, troubled_account
      )
      SELECT n, ${id("dlv")}, 0, n, endpoint, 'acct_outage', false, ${START} + n * 1000, 0, CASE WHEN fails THEN 2 ELSE 1 END, 1,
        CASE WHEN fails THEN 500 ELSE 200 END, CASE WHEN fails THEN 2 END, CASE WHEN fails THEN 500 END, CASE WHEN fails THEN 'acct_out' END
      FROM (SELECT n, n % 1250 <> 0 AND n > 207000 AS fails FROM ${made}) AS d
        CROSS JOIN (SELECT n AS endpoint FROM endpoints WHERE id = '${endpoint?.id}') AS p;
    ANALYZE`);
}

test("a page of several types has what one of them has behind many events that do not fit", async () => {
  await seedOutage();
  const owner = { accountId: "acct_outage", livemode: false };
  const { rows: all } = await pool.query<Pick<Row, "id">>(
    "SELECT id FROM deliveries WHERE account_id = 'acct_outage' AND state = 1 ORDER BY n DESC LIMIT 40",
  );
  const expected = all.map(({ id }) => id);
  for (const filter of [{ eventTypePattern: "top.*" }, { eventTypePattern: "top.*", eventAccountId: "acct_out" }]) {
    const asked: DeliveryFilter = { ...owner, ...filter, state: "succeeded" };
    const first = await store.read((reads) => reads.deliveries(asked, { limit: 20 }));
    expect(first.rows.map(({ id }) => id)).toEqual(expected.slice(0, 20));
    const next = await store.read((reads) => reads.deliveries(asked, { limit: 20, startingAfter: expected[19] as string }));
    expect(next.rows.map(({ id }) => id)).toEqual(expected.slice(20));
    const back = await store.read((reads) => reads.deliveries(asked, { limit: 20, endingBefore: expected[20] as string }));
    expect(back.rows.map(({ id }) => id)).toEqual(expected.slice(0, 20));
  }
});

/**
 * The statements of a page of ten in a database where everything is counted as 5,000 rows, and events are far apart.
 */
async function statementsOf(filter: Partial<DeliveryFilter>): Promise<string[]> {
  const statements: string[] = [];
  const answer = async (...[sql]: Condition | readonly [string, ...SqlValue[]]): Promise<SqlRow[]> => {
    statements.push(numbered(sql));
    if (sql.includes("AS later")) return [{ count: 0 }];
    return /count\(\*\)/.test(sql) ? [{ count: 5_000, span: 10_000_000, event: 900, n: 1_000 }] : [];
  };
  const session = { all: answer, get: async (sql: string, ...values: SqlValue[]) => (await answer(sql, ...values))[0], run: async () => 0 };
  await deliveriesPage(session, null, { ...OWNER, ...filter }, { limit: 10 });
  return statements;
}

test("the deliveries of many events are found from the newest event on, not for each of them", async () => {
  for (const filter of [
    { eventAccountId: "acct_1" },
    { eventType: "payout.paid" },
    { eventAccountId: "acct_1", eventType: "payout.paid" },
  ]) {
    const last = (await statementsOf(filter)).at(-1);
    expect(last).toMatch(/FROM events WHERE .*n >= \$\d+ ORDER BY n DESC/);
    expect(last).toMatch(/UNION SELECT d\.n FROM deliveries d WHERE .*d\.kind <> 0/);
  }
});

test("those of an account that failed or were given up are found by the account, without its events", async () => {
  for (const filter of [{ statuses: [[500, 599]] as [number, number][] }, { state: "exhausted" as const }]) {
    const last = (await statementsOf({ eventAccountId: "acct_1", ...filter })).at(-1);
    expect(last).toMatch(/SELECT d\.n FROM deliveries d WHERE d\.troubled_account = \$1/);
  }
});

/** How often each node of a plan was run, for the nodes that look into an index of events. */
function runsOf(plan: Record<string, unknown>): number[] {
  const within = ((plan.Plans ?? []) as Record<string, unknown>[]).flatMap(runsOf);
  return String(plan["Index Name"] ?? "").startsWith("events") ? [plan["Actual Loops"] as number, ...within] : within;
}

test("which of many failed deliveries are of a common type is asked of the newest, until the page is full", async () => {
  let last: [sql: string, values: SqlValue[]] = ["", []];
  const answer = async (sql: string, ...values: SqlValue[]): Promise<SqlRow[]> => {
    last = [numbered(sql), values];
    return /count\(\*\)/.test(sql) ? [{ count: sql.includes("FROM events") ? 1_000_000 : 5_000, span: 1_000_000_000 }] : [];
  };
  const session = { all: answer, get: async (sql: string, ...values: SqlValue[]) => (await answer(sql, ...values))[0], run: async () => 0 };
  const filter: DeliveryFilter = { ...OWNER, eventType: "customer.created", statuses: [[500, 599]] };
  await deliveriesPage(session, null, filter, { limit: 10 });
  await pool.query("SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off");
  const [sql, values] = last;
  const { rows } = await pool.query<{ "QUERY PLAN": { Plan: Record<string, unknown> }[] }>(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, values);
  const runs = runsOf(rows[0]?.["QUERY PLAN"][0]?.Plan ?? {});
  expect(runs.length).toBeGreaterThan(0);
  expect(Math.max(...runs)).toBeLessThan(200);
});
