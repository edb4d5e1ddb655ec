import { DatabaseSync } from "node:sqlite";
import pg from "pg";

/** The data of the lists: who has how much of it. */
export const LISTED = {
  accounts: 1_000,
  types: 20,
  endpoints: 10,
  owner: { accountId: "acct_owner", livemode: false },
  /** The account on which every fourth event happened. */
  large: { accountId: "acct_large", livemode: false },
} as const;

/** Deliveries were made one after another, this far apart. */
const APART_MS = 250;
/** How many rows one transaction writes, so that the log stays smaller than the database. */
const AT_ONCE = 500_000;

/** When the last row was made, and the endpoints in the order in which they were created. */
export interface SeededLists {
  now: number;
  endpoints: string[];
}

/** The parts of the rows that both databases write in the same way, from a number `n`. */
function expressions(deliveries: number, now: number) {
  const { accounts, types, endpoints, large } = LISTED;
  const failed = "n % 1000 = 3";
  return {
    failed,
    created: `${now} - (${deliveries} - n) * ${APART_MS}`,
    account: `CASE WHEN n % 4 = 1 THEN '${large.accountId}' ELSE 'acct_' || (n * 7919 % ${accounts}) END`,
    type: `CASE WHEN n % 50000 = 11 THEN 'type.rare' ELSE 'type.' || (n % ${types}) END`,
    object: "'po_' || (n % 1000000)",
    // The last endpoint is a rare one.
    endpoint: `CASE WHEN n % 10000 = 7 THEN ${endpoints} ELSE n % ${endpoints - 1} + 1 END`,
    state: `CASE WHEN ${failed} THEN 2 ELSE 1 END`,
    outcome: `CASE WHEN ${failed} THEN CASE WHEN n % 3 = 0 THEN 503 ELSE 500 END ELSE 200 END`,
  };
}

const DELIVERY_COLUMNS = "n, id, kind, event, endpoint, variant, created, state, attempts, next_attempt_at, settled_at, last_outcome";
const EVENT_COLUMNS = "n, id, account_id, livemode, type, created, object_id, application_id, body";

/** The seeding transactions: the first and the last number of each. */
function* ranges(deliveries: number): Generator<[first: number, last: number]> {
  for (let first = 1; first <= deliveries; first += AT_ONCE) yield [first, Math.min(first + AT_ONCE - 1, deliveries)];
}

/**
 * Writes the rows with SQL into a file that has the endpoints, because writing them through the server would take an
 * hour.
 */
export function fillFile(file: string, deliveries: number, at: number): void {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000");
  const { failed, created, account, type, object, endpoint, state, outcome } = expressions(deliveries, at);
  for (const [first, last] of ranges(deliveries)) {
    const rows = `WITH RECURSIVE made (n) AS (SELECT ${first} UNION ALL SELECT n + 1 FROM made WHERE n < ${last})`;
    database.exec(`
      BEGIN;
      ${rows} INSERT INTO events (${EVENT_COLUMNS})
        SELECT n, printf('evt_%024d', n), ${account}, 0, ${type}, ${created}, ${object}, NULL, zeroblob(500) FROM made;
      ${rows} INSERT INTO deliveries (owner, lease, due_at, unanswered_account, ${DELIVERY_COLUMNS})
        SELECT 1, 1, ${created}, CASE WHEN ${failed} THEN ${account} END, n, printf('dlv_%024d', n), 0, n, ${endpoint}, NULL, ${created}, ${state}, 1, ${created}, ${created}, ${outcome}
        FROM made;
      COMMIT;
      PRAGMA wal_checkpoint(TRUNCATE)`);
  }
  database.close();
}

/** The same in a PostgreSQL database. */
export async function fillDatabase(url: string, deliveries: number, at: number): Promise<void> {
  const client = await connected(url);
  const { failed, created, account, type, object, endpoint, state, outcome } = expressions(deliveries, at);
  const id = (kind: string): string => `'${kind}_' || lpad(n::text, 24, '0')`;
  try {
    for (const [first, last] of ranges(deliveries)) {
      const made = `generate_series(${first}::bigint, ${last}) AS made (n)`;
      await client.query(`
        BEGIN;
        INSERT INTO events (${EVENT_COLUMNS})
          SELECT n, ${id("evt")}, ${account}, false, ${type}, ${created}, ${object}, NULL, decode(repeat('00', 500), 'hex') FROM ${made};
        INSERT INTO event_ids (id, account_id, n) SELECT ${id("evt")}, ${account}, n FROM ${made};
        INSERT INTO deliveries (account_id, livemode, gave_up, failed_with, troubled_account, ${DELIVERY_COLUMNS})
          SELECT '${LISTED.owner.accountId}', false, CASE WHEN ${failed} THEN ${state} END, CASE WHEN ${failed} THEN ${outcome} END, CASE WHEN ${failed} THEN ${account} END,
            n, ${id("dlv")}, 0, n, ${endpoint}, NULL, ${created}, ${state}, 1, ${created}, ${created}, ${outcome} FROM ${made};
        COMMIT`);
    }
    await client.query(`SELECT setval('event_numbers', ${deliveries}), setval('delivery_numbers', ${deliveries})`);
    // What autovacuum does to a growing table.
    await client.query("VACUUM ANALYZE");
  } finally {
    await client.end();
  }
}

/** The data of a file that was filled earlier. Throws if it has a different number of deliveries. */
export function seededFile(file: string, deliveries: number): SeededLists {
  const database = new DatabaseSync(file);
  const last = database.prepare(LAST).get() as { deliveries: number | null; now: number };
  const endpoints = database.prepare(ENDPOINTS).all() as { id: string }[];
  database.close();
  return seeded(file, deliveries, Number(last.deliveries), { now: last.now, endpoints: endpoints.map(({ id }) => id) });
}

/** The same for a database. */
export async function seededDatabase(url: string, deliveries: number): Promise<SeededLists> {
  const client = await connected(url);
  try {
    const [last] = (await client.query<{ deliveries: string | null; now: string }>(LAST)).rows;
    const { rows } = await client.query<{ id: string }>(ENDPOINTS);
    const where = new URL(url).pathname.slice(1);
    return seeded(where, deliveries, Number(last?.deliveries), { now: Number(last?.now), endpoints: rows.map(({ id }) => id) });
  } finally {
    await client.end();
  }
}

/** Whether a database has no tables yet. */
export async function isEmpty(url: string): Promise<boolean> {
  const client = await connected(url);
  try {
    return (await client.query<{ empty: boolean }>("SELECT to_regclass('deliveries') IS NULL AS empty")).rows[0]?.empty === true;
  } finally {
    await client.end();
  }
}

const LAST = "SELECT n AS deliveries, created AS now FROM deliveries ORDER BY n DESC LIMIT 1";
const ENDPOINTS = "SELECT id FROM endpoints ORDER BY n";

function seeded(where: string, asked: number, found: number, lists: SeededLists): SeededLists {
  if (found !== asked) throw new Error(`${where} has ${found} deliveries, not ${asked}`);
  return lists;
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}
