import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../../../scripts/test-database.ts";
import { claimed, claimRequest, idsOf, OWNER } from "../../../../test/store/store-conformance/opened-store.ts";
import { START, settlementOf, storeFixture, TEST_KEYS } from "../../../../test/store/store-fixture.ts";
import { openStore } from "../../open-store.ts";
import { Conflict, type Store } from "../../store.ts";
import { keptJson } from "../database/kept-text.ts";
import { migrate } from "./migrate.ts";
import { MIGRATIONS } from "./migrations.ts";

const A_DAY = 24 * 3_600_000;
/** Steps before the one that makes partitions. */
const WHOLE = 2;

let database: TestDatabase;
let pool: pg.Pool;

beforeEach(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 1 });
});
afterEach(async () => {
  await pool.end();
  await database.drop();
});

/**
 * A database as it was before there were partitions: three events, one with a variant, and deliveries in each state.
 * `more`: by how much to raise their numbers.
 */
async function wholeTables(more = 0): Promise<void> {
  await migrate(pool, START, MIGRATIONS.slice(0, WHOLE));
  const endpoint = storeFixture().endpoint({ id: "we_1" });
  await pool.query(
    `INSERT INTO endpoints (id, account_id, livemode, connect, url, enabled_events, api_version, description, metadata, status, disabled_reason, secrets, created, deleted)
     VALUES ($1, $2, false, false, 'https://example.com', '["*"]', NULL, NULL, '{}', 'enabled', NULL, '[]', $3, false)`,
    [endpoint.id, OWNER.accountId, START],
  );
  for (const table of ["events", "deliveries"]) await pool.query(`SELECT setval('${table}_n_seq', $1)`, [10 + more]);
  await pool.query(
    `INSERT INTO events (id, account_id, livemode, type, created, object_id, application_id, body)
     SELECT 'evt_' || i, $1, false, 'customer.created', $2, NULL, NULL, convert_to('body ' || i, 'UTF8') FROM generate_series(1, 3) AS i`,
    [OWNER.accountId, START],
  );
  await pool.query("INSERT INTO event_variants SELECT n, 'v', 'variant' FROM events WHERE id = 'evt_2'");
  await pool.query(
    `INSERT INTO deliveries (id, kind, event, endpoint, account_id, livemode, variant, created, state, attempts, lease, due_at, next_attempt_at, settled_at)
     SELECT 'del_' || i, 0, e.n, p.n, p.account_id, false, CASE i WHEN 2 THEN 'v' END, $1::bigint, state, made, made, $1, $1, CASE WHEN state > 0 THEN $1 END
     FROM (VALUES (1, 1, 1), (2, 0, 2), (3, 2, 3)) AS d (i, state, made) JOIN events e ON e.id = 'evt_' || i, endpoints p ORDER BY i`,
    [START],
  );
  await pool.query(
    `INSERT INTO attempts SELECT n * 65536 + nth, $1::bigint + nth, 7, 'status', 500, 'The endpoint answered 500.', '{"a":"b"}', '{}', 'no'
     FROM deliveries, generate_series(1, attempts) AS nth`,
    [START],
  );
}

/** Opens it, and checks that everything exists, can be changed and is deleted in the end. */
async function proveAll(): Promise<void> {
  const store: Store = await openStore({ location: database.url, now: START, keys: TEST_KEYS });
  try {
    await store.read(async (reads) => {
      expect(idsOf((await reads.events(OWNER, { limit: 10 })).rows)).toEqual(["evt_3", "evt_2", "evt_1"]);
      expect(idsOf((await reads.deliveries(OWNER, { limit: 10, startingAfter: "del_3" })).rows)).toEqual(["del_2", "del_1"]);
      expect(await reads.pendingWebhooks(["evt_1", "evt_2", "evt_3"])).toEqual(
        new Map([
          ["evt_1", 0],
          ["evt_2", 1],
          ["evt_3", 1],
        ]),
      );
      expect(Buffer.from((await reads.event("evt_1"))?.body ?? []).toString()).toBe("body 1");
      expect(Buffer.from((await reads.eventVariant("evt_2", "v"))?.body ?? []).toString()).toBe("variant");
      expect(await reads.delivery("del_3")).toMatchObject({ state: "exhausted", attempts: 3, eventId: "evt_3" });
      expect((await reads.attempts("del_3")).map(({ number, at, requestHeaders }) => [number, at, requestHeaders])).toEqual(
        [1, 2, 3].map((number) => [number, START + number, { a: "b" }]),
      );
    });
    const make = storeFixture();
    const event = make.event();
    await expect(store.transaction((tx) => tx.insertEvents([{ ...event, id: "evt_1" }], []))).rejects.toBeInstanceOf(Conflict);
    const endpoint = await store.read((reads) => reads.endpoint("we_1"));
    if (endpoint === null) throw new Error("the endpoint is gone");
    const owed = make.delivery(event, endpoint);
    await store.transaction(async (tx) => {
      await tx.insertEvents([event], []);
      await tx.insertDeliveries([owed]);
    });
    const claims = await store.claimDue(claimRequest());
    expect(claimed(claims)).toEqual(["del_2", owed.id]);
    expect(claims.map(({ body, attempt }) => [Buffer.from(body).toString(), attempt])).toEqual([
      ["variant", 3],
      [event.body.toString(), 1],
    ]);
    const settlements = claims.map((claim) => settlementOf(claim, { state: "succeeded" }, START));
    expect(await store.settle(settlements, [])).toEqual({ refused: [] });
    expect((await store.read((reads) => reads.attempts("del_2"))).map(({ number }) => number)).toEqual([1, 2, 3]);
    const { rows } = await pool.query(
      `SELECT (SELECT count(*) FROM event_variants v JOIN events e ON e.n = v.event AND e.account_id = v.account_id)::integer AS variants,
         (SELECT count(*) FROM attempts a JOIN deliveries d ON d.n = a.delivery AND d.account_id = a.account_id)::integer AS attempts`,
    );
    expect(rows).toEqual([{ variants: 1, attempts: 8 }]);
    for (const day of [0, 8, 40])
      while (
        (await store.prune({
          now: START + day * A_DAY,
          eventsBefore: START + (day - 30) * A_DAY,
          answersBefore: 0,
          requestsBefore: 0,
          limit: 10,
        })) > 0
      );
    expect(await store.read((reads) => reads.events(OWNER, { limit: 10 }))).toEqual({ rows: [], hasMore: false });
    expect((await pool.query("SELECT k::integer FROM partitions ORDER BY k")).rows).toEqual([{ k: 1 }, { k: 2 }, { k: 3 }]);
  } finally {
    await store.close();
  }
}

test("rows that were there become the first partition, and are all as they were", async () => {
  await wholeTables();
  await proveAll();
});

test("the first partition has room for any number of them", async () => {
  await wholeTables(5 * 2 ** 31);
  await proveAll();
  expect((await pool.query("SELECT first::float8 FROM partitions WHERE k = 1")).rows).toEqual([{ first: 6 * 2 ** 31 }]);
});

test("an interrupted step changes nothing, and is taken again", async () => {
  await wholeTables();
  const broken = [...MIGRATIONS.slice(0, WHOLE), `${MIGRATIONS[WHOLE]}; SELECT 1 / 0`];
  await expect(migrate(pool, START, broken)).rejects.toThrow(/division/);
  expect((await pool.query("SELECT count(*)::integer AS count FROM attempts WHERE key > 0")).rows).toEqual([{ count: 6 }]);
  await proveAll();
});

test("of several nodes that start at once one takes the step", async () => {
  await wholeTables();
  const stores = await Promise.all(Array.from({ length: 4 }, () => openStore({ location: database.url, now: START, keys: TEST_KEYS })));
  for (const store of stores) await store.close();
  expect((await pool.query("SELECT version FROM migrations ORDER BY version")).rows).toEqual(
    MIGRATIONS.map((_, step) => ({ version: step + 1 })),
  );
  await proveAll();
});

test("nodes that start at once on a new database take turns, and leave word of how old a node may be", async () => {
  const pools = Array.from({ length: 6 }, () => new pg.Pool({ connectionString: database.url, max: 1 }));
  try {
    // Connected, so that they begin at once.
    for (const one of pools) await one.query("SELECT 1");
    const some = MIGRATIONS.slice(0, 3);
    await Promise.all(pools.map((one) => migrate(one, START, some)));
    expect((await pool.query("SELECT version, oldest FROM migrations ORDER BY version")).rows).toEqual(
      some.map((_, step) => ({ version: step + 1, oldest: step + 1 })),
    );
    await migrate(pool, START, MIGRATIONS.slice(0, 5), 4);
    expect((await pool.query("SELECT oldest FROM migrations WHERE version = 5")).rows).toEqual([{ oldest: 4 }]);
  } finally {
    for (const one of pools) await one.end();
  }
});

test("writes of the previous version are refused, not lost", async () => {
  await migrate(pool, START);
  const event = `INSERT INTO events (id, account_id, livemode, type, created, body) VALUES ('evt_1', 'acct_1', false, 'a.b', 0, '')`;
  await expect(pool.query(event)).rejects.toThrow(/null value in column "n"|no partition/);
  await expect(pool.query("UPDATE deliveries SET due_at = next_attempt_at, lease_node = NULL")).rejects.toThrow('column "due_at"');
});

test("rows that an earlier version has spoilt are as they would be written now, and lists look into them", async () => {
  const before = MIGRATIONS.findIndex((step) => step.includes("chr(65533)"));
  await migrate(pool, START, MIGRATIONS.slice(0, before));
  const pieces = ["\0", "\ud83d", "\udca9", "\\", "\\u0000", "\\ud83d", '"', "💩", "a"];
  const texts = pieces.flatMap((one) => pieces.flatMap((other) => pieces.map((third) => one + other + third)));
  const spoilt = texts.map((text) => JSON.stringify({ name: text, [text]: [text], at: 1, createdBy: "acct_p", livemode: false }));
  for (const [table, columns, values] of [
    ["objects", "id, object, account_id, livemode, created, data", "'customer', $2, false, $3"],
    ["accounts", "id, api_version, deleted, created, data", "$2, false, $3"],
  ])
    await pool.query(
      `INSERT INTO ${table} (${columns}) SELECT $4 || lpad(i::text, 9, '0'), ${values}, one::json FROM unnest($1::text[]) WITH ORDINALITY AS s (one, i)`,
      [spoilt, OWNER.accountId, START, table],
    );
  await expect(pool.query("SELECT data->>'name' FROM objects")).rejects.toThrow(/Unicode|\\u0000/);

  const store = await openStore({ location: database.url, now: START, keys: TEST_KEYS });
  try {
    const within = { at: { gte: 1 } };
    const { rows } = await store.read((reads) => reads.objects({ ...OWNER, object: "customer", within }, { limit: 1_000 }));
    expect(rows.map(({ data }) => JSON.stringify(data)).reverse()).toEqual(spoilt.map((json) => keptJson(JSON.parse(json))));
    expect(await store.read((reads) => reads.creators("", 1_000))).toHaveLength(texts.length);
    const kept = await store.read((reads) => reads.account("accounts000000002"));
    if (kept === null) throw new Error("The account is gone.");
    await store.transaction((tx) => tx.updateAccount({ ...kept, deleted: true }));
    expect(await store.read((reads) => reads.deletedAccounts("acct_p", 10))).toEqual([kept.id]);
  } finally {
    await store.close();
  }
});

test("no index has a column that a success changes, so that its row is updated in place", async () => {
  await migrate(pool, START);
  const { rows } = await pool.query<{ definition: string }>(
    "SELECT pg_get_indexdef(indexrelid) AS definition FROM pg_index WHERE indrelid = 'deliveries_1'::regclass",
  );
  expect(rows).not.toEqual([]);
  for (const { definition } of rows) expect(definition).not.toMatch(/\b(state|attempts|lease|last_outcome|next_attempt_at|settled_at)\b/);
});
