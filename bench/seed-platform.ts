import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { createPlatform, startCarabiner } from "../packages/server/src/index.ts";
import { TEST_SECRET } from "../packages/server/test/store/store-fixture.ts";

/** A platform with a filled store, and its accounts. */
export interface SeededPlatform {
  store: { file: string } | { url: string };
  /** Its secret key in test mode. */
  key: string;
  endpoints: readonly string[];
  /** Every fourth event happened on the first. */
  accounts: readonly string[];
  /** Events, deliveries and requests have the numbers from 1 on in their ids: `idOf`. */
  deliveries: number;
}

/** Connected accounts, created through the API. */
const ACCOUNTS = 300;
const ENDPOINTS = 10;
/** Deliveries were made one after another, this far apart. */
const APART_MS = 250;
/** The number of requests in the log. */
const REQUESTS = 100_000;

/** What every event contains in addition to its id and type, so that it has the size of an account's event. */
const PADDING = "x".repeat(600);

/** The id of the nth event, delivery or request that was seeded. */
export const idOf = (kind: "dlv" | "evt" | "req", n: number): string => `${kind}_${String(n).padStart(24, "0")}`;

/**
 * Creates a platform with connected accounts and endpoints through the API, and then its deliveries with SQL, because
 * that would take an hour through the server. One in a thousand was given up. As many failed and wait for their next
 * try in an hour.
 */
export async function seedPlatform(store: SeededPlatform["store"], now: number, deliveries: number): Promise<SeededPlatform> {
  const secretKeys = { keys: TEST_SECRET };
  const { account, keys } = await createPlatform({ store, secretKeys, name: "Bench" });
  const key = keys.test.secret;
  const server = await startCarabiner({
    mode: "serve",
    store,
    secretKeys,
    allowLocalEndpoints: true,
    limits: { requestsPerSecondPerKey: 0 },
  });
  const post = async (path: string, form: Record<string, string>): Promise<string> => {
    const answer = await fetch(server.url + path, {
      method: "POST",
      headers: { authorization: `Bearer ${key}` },
      body: new URLSearchParams(form),
    });
    const body = (await answer.json()) as { id: string };
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(body)}`);
    return body.id;
  };
  const accounts: string[] = [];
  for (let n = 0; n < ACCOUNTS; n++)
    accounts.push(
      await post("/v1/accounts", {
        type: "express",
        country: "US",
        "business_profile[name]": `Shop ${n}`,
        "capabilities[transfers][requested]": "true",
      }),
    );
  const endpoints: string[] = [];
  for (let n = 0; n < ENDPOINTS; n++)
    endpoints.push(await post("/v1/webhook_endpoints", { url: `http://127.0.0.1:9/hooks/${n}`, "enabled_events[]": "*", connect: "true" }));
  await server.close();
  const rows: Rows = { account, accounts, endpoints, now, deliveries };
  if ("file" in store) fillSqlite(store.file, rows);
  else await fillPostgres(store.url, rows);
  return { store, key, endpoints, accounts, deliveries };
}

interface Rows {
  account: string;
  accounts: readonly string[];
  endpoints: readonly string[];
  now: number;
  deliveries: number;
}

/** The parts of the rows that both databases write in the same way, from a number `n`. */
function expressions({ now, deliveries }: Rows) {
  const failed = "n % 1000 = 3";
  const failing = "n % 1000 = 7";
  return {
    created: `${now} - (${deliveries} - n) * ${APART_MS}`,
    type: `CASE WHEN n % 50000 = 11 THEN 'person.created' WHEN n % 20 = 0 THEN 'payout.failed' WHEN n % 20 < 5 THEN 'payout.paid'
      WHEN n % 20 < 9 THEN 'account.updated' ELSE 'charge.succeeded' END`,
    /** Every fourth on the first account. The others follow each other. */
    account: `CASE WHEN n % 4 = 1 THEN 0 ELSE n * 7919 % ${ACCOUNTS} END`,
    /** The last endpoint is a rare one. */
    endpoint: `CASE WHEN n % 10000 = 17 THEN ${ENDPOINTS - 1} ELSE n % ${ENDPOINTS - 1} END`,
    state: `CASE WHEN ${failed} THEN 2 WHEN ${failing} THEN 0 ELSE 1 END`,
    due: `CASE WHEN ${failing} THEN ${now} + 3600000 ELSE ${now} - (${deliveries} - n) * ${APART_MS} END`,
    settled: `CASE WHEN ${failing} THEN NULL ELSE ${now} - (${deliveries} - n) * ${APART_MS} END`,
    status: `CASE WHEN ${failed} OR ${failing} THEN CASE WHEN n % 3 = 0 THEN 503 ELSE 500 END ELSE 200 END`,
    outcome: `CASE WHEN ${failed} OR ${failing} THEN 'status' ELSE 'succeeded' END`,
    reason: `CASE WHEN ${failed} OR ${failing} THEN 'The endpoint answered 500.' ELSE 'The endpoint answered 200 OK.' END`,
    requestStatus: "CASE WHEN n % 50 = 0 THEN 400 ELSE 200 END",
  };
}

const HEADERS = `'{"content-type":"application/json; charset=utf-8","stripe-signature":"t=1795960944,v1=${"0".repeat(64)}"}'`;
const ANSWERED = `'{"content-type":"application/json"}'`;

function fillSqlite(file: string, rows: Rows): void {
  const database = new DatabaseSync(file);
  const row = expressions(rows);
  const numbers = (count: number): string => `WITH RECURSIVE made (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM made WHERE n < ${count})`;
  const id = (kind: string): string => `printf('${kind}_%024d', n)`;
  const account = `(SELECT id FROM temp.shops WHERE place = ${row.account})`;
  database.exec(`
    PRAGMA synchronous = OFF;
    BEGIN;
    CREATE TEMP TABLE shops (place INTEGER PRIMARY KEY, id TEXT);
    CREATE TEMP TABLE hooks (place INTEGER PRIMARY KEY, n INTEGER)`);
  for (const [place, each] of rows.accounts.entries()) database.prepare("INSERT INTO shops VALUES (?, ?)").run(place, each);
  for (const [place, each] of rows.endpoints.entries())
    database.prepare("INSERT INTO hooks SELECT ?, n FROM endpoints WHERE id = ?").run(place, each);
  database.exec(`
    DELETE FROM attempts; DELETE FROM deliveries; DELETE FROM events; DELETE FROM requests;
    ${numbers(rows.deliveries)} INSERT INTO events (n, id, account_id, livemode, type, created, object_id, application_id, body)
      SELECT n, ${id("evt")}, ${account}, 0, ${row.type}, ${row.created}, 'po_' || n, NULL, CAST(printf(
        '{"id":"evt_%024d","object":"event","api_version":"2026-10-28.endive","created":%d,"data":{"object":{"id":"po_%d","object":"payout","amount":1100,"currency":"usd","description":"${PADDING}"}},"livemode":false,"pending_webhooks":1,"request":{"id":null,"idempotency_key":null},"type":"%s"}',
        n, (${row.created}) / 1000, n, ${row.type}) AS BLOB) FROM made;
    ${numbers(rows.deliveries)} INSERT INTO deliveries (n, id, kind, event, endpoint, owner, variant, created, state, attempts, lease, due_at,
        next_attempt_at, settled_at, last_outcome)
      SELECT n, ${id("dlv")}, 0, n, (SELECT h.n FROM temp.hooks h WHERE h.place = ${qualified(row.endpoint)}),
        (SELECT o.n FROM owners o WHERE o.account_id = '${rows.account}' AND o.livemode = 0), NULL, ${row.created}, ${row.state}, 1, 1,
        ${row.due}, ${row.due}, ${row.settled}, ${row.status} FROM made;
    UPDATE deliveries SET unanswered_account = (SELECT account_id FROM events e WHERE e.n = deliveries.event) WHERE state IN (2, 4);
    ${numbers(rows.deliveries)} INSERT INTO attempts (key, at, duration_ms, outcome, status, reason, request_headers, response_headers, response_body)
      SELECT n * 65536 + 1, ${row.created}, n % 300, ${row.outcome}, ${row.status}, ${row.reason}, ${HEADERS}, ${ANSWERED}, '{}' FROM made;
    ${numbers(REQUESTS)} INSERT INTO requests (n, id, at, caller_id, livemode, account_id, method, path, status, duration_ms)
      SELECT n, ${id("req")}, ${rows.now} - (${REQUESTS} - n) * 1000, '${rows.account}', 0, '${rows.account}',
        CASE WHEN n % 3 = 0 THEN 'POST' ELSE 'GET' END, '/v1/accounts/:account', ${row.requestStatus}, 4 FROM made;
    COMMIT;
    PRAGMA wal_checkpoint(TRUNCATE)`);
  database.close();
}

async function fillPostgres(url: string, rows: Rows): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const row = expressions(rows);
  const made = (count: number): string => `generate_series(1::bigint, ${count}) AS made (n)`;
  const id = (kind: string): string => `'${kind}_' || lpad(n::text, 24, '0')`;
  const account = `($1::text[])[1 + ${row.account}]`;
  const run = (sql: string, ...values: unknown[]) => client.query(sql, values);
  try {
    await run("TRUNCATE events, event_ids, deliveries, pending, attempts, requests");
    await run(
      `INSERT INTO events (n, id, account_id, livemode, type, created, object_id, application_id, body)
        SELECT n, ${id("evt")}, ${account}, false, ${row.type}, ${row.created}, 'po_' || n, NULL, convert_to(
          '{"id":"evt_' || lpad(n::text, 24, '0') || '","object":"event","api_version":"2026-10-28.endive","created":' || ((${row.created}) / 1000)
          || ',"data":{"object":{"id":"po_' || n || '","object":"payout","amount":1100,"currency":"usd","description":"${PADDING}"}},"livemode":false,"pending_webhooks":1,"request":{"id":null,"idempotency_key":null},"type":"' || ${row.type} || '"}', 'UTF8')
        FROM ${made(rows.deliveries)}`,
      rows.accounts,
    );
    await run("INSERT INTO event_ids (id, account_id, n) SELECT id, account_id, n FROM events");
    await run(
      `INSERT INTO deliveries (n, id, kind, event, endpoint, account_id, livemode, variant, created, state, attempts,
          next_attempt_at, settled_at, last_outcome)
        SELECT made.n, ${qualified(id("dlv"))}, 0, made.n, p.n, $2, false, NULL, ${qualified(row.created)}, ${qualified(row.state)}, 1,
          ${qualified(row.due)}, ${qualified(row.settled)}, ${qualified(row.status)}
        FROM ${made(rows.deliveries)} JOIN endpoints p ON p.id = ($1::text[])[1 + ${qualified(row.endpoint)}]`,
      rows.endpoints,
      rows.account,
    );
    await run("UPDATE deliveries SET gave_up = state WHERE state >= 2");
    await run("UPDATE deliveries SET failed_with = last_outcome WHERE last_outcome >= 300");
    await run(`UPDATE deliveries d SET troubled_account = e.account_id FROM events e
      WHERE e.n = d.event AND (d.failed_with IS NOT NULL OR d.gave_up IN (2, 4))`);
    await run(`INSERT INTO pending (n, endpoint, due_at, next_attempt_at, attempts, lease)
      SELECT n, endpoint, next_attempt_at, next_attempt_at, attempts, 1 FROM deliveries WHERE state = 0`);
    await run(
      `INSERT INTO attempts (delivery, number, account_id, at, duration_ms, outcome, status, reason, request_headers, response_headers, response_body)
        SELECT n, 1, $1, ${row.created}, n % 300, ${row.outcome}, ${row.status}, ${row.reason}, ${HEADERS}::json, ${ANSWERED}::json, '{}'
        FROM ${made(rows.deliveries)}`,
      rows.account,
    );
    await run(
      `INSERT INTO requests (id, at, caller_id, livemode, account_id, method, path, status, duration_ms)
        SELECT ${id("req")}, ${rows.now} - (${REQUESTS} - n) * 1000, $1, false, $1, CASE WHEN n % 3 = 0 THEN 'POST' ELSE 'GET' END,
          '/v1/accounts/:account', ${row.requestStatus}, 4 FROM ${made(REQUESTS)}`,
      rows.account,
    );
    await run(`SELECT setval('event_numbers', ${rows.deliveries}), setval('delivery_numbers', ${rows.deliveries})`);
    // What autovacuum does to a growing table.
    await run("VACUUM ANALYZE");
  } finally {
    await client.end();
  }
}

/** An expression of `n`, for use where another table has a column of that name. */
const qualified = (sql: string): string => sql.replaceAll(/\bn\b/g, "made.n");
