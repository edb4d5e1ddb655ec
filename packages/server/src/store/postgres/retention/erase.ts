import type { Session, SqlValue } from "../database/session.ts";

/** A deletion of at most `$1` rows; `$2` is the account, `$3` and `$4` the patterns of scopes that it is in. */
const few = (table: string, key: string, where: string): string =>
  `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${where} LIMIT $1)`;

const OF_KEYS = "(SELECT hash FROM keys WHERE account_id = $2)";
const OF_ENDPOINTS = "(SELECT id FROM endpoints WHERE account_id = $2)";

/** What is the account's own, in the order in which it goes: nothing falls due for an account that is partly gone. */
const OWN: readonly string[] = [
  few("tasks", "n", "account_id = $2 AND kind <> 'erase'"),
  few("platform_settings", "account_id", "account_id = $2"),
  few("applications", "id", "account_id = $2"),
  few("dashboard_sessions", "hash", `test_key IN ${OF_KEYS} OR live_key IN ${OF_KEYS}`),
  few("key_uses", "hash", `hash IN ${OF_KEYS}`),
  few("keys", "hash", "account_id = $2"),
  few("listen_sessions", "id", "account_id = $2"),
];

const CREATOR = "(SELECT data->>'createdBy' FROM accounts WHERE id = $2)";

const REST: readonly string[] = [
  few("endpoint_failures", "endpoint_id", `endpoint_id IN ${OF_ENDPOINTS}`),
  few("endpoints", "id", "account_id = $2"),
  few("objects", "id", "account_id = $2"),
  // Tokens that its platform made and that were used for it.
  few("objects", "id", `account_id = ${CREATOR} AND object = 'token' AND parent = $2`),
  few("requests", "n", "caller_id = $2"),
];

/** What no index finds: it is looked for among all rows of a table, some at a time, in an order that has an index. */
const AMONG_ALL = [
  // The account's keys made them, or acted for it, or they show it to its platform.
  {
    table: "idempotent_answers",
    order: "created",
    where: "(scope LIKE $3 || '/%' OR scope LIKE '%/' || $3 || '/%' OR about = $3)",
  },
  { table: "requests", order: "n", where: "account_id = $3" },
] as const;

/** How many rows are looked at for each that may be deleted: that costs little, and holds up nobody else. */
const LOOKED_AT = 10;

const LAST: readonly string[] = [
  few("accounts", "id", "id = $2"),
  // Last: a platform finds the accounts that go with it by their connections.
  few("connections", "platform_id, livemode, account_id", "account_id = $2 OR platform_id = $2"),
];

const POSITION = "SELECT position FROM sweeps WHERE name = $1";
const MOVE = "INSERT INTO sweeps VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET position = excluded.position";

const DELIVERIES_TO = "SELECT n FROM deliveries WHERE account_id = $1 AND livemode = $2 ORDER BY n LIMIT $3";
const DELIVERIES_OF = "SELECT n FROM deliveries WHERE event = ANY($1::bigint[]) ORDER BY n LIMIT $2";
const EVENTS = "SELECT n FROM events WHERE account_id = $1 AND livemode = $2 ORDER BY n LIMIT $3";
/** What is deleted with deliveries, by their numbers. */
export const OF_DELIVERIES = [
  "DELETE FROM attempts WHERE delivery = ANY($1::bigint[])",
  "DELETE FROM suspects WHERE delivery = ANY($1::bigint[])",
  "DELETE FROM unclean_ends WHERE delivery = ANY($1::bigint[])",
  "WITH pending AS (DELETE FROM pending WHERE n = ANY($1::bigint[])) DELETE FROM deliveries WHERE n = ANY($1::bigint[])",
];
/** What is deleted with events without deliveries, by their numbers. */
export const OF_EVENTS = [
  "DELETE FROM event_variants WHERE event = ANY($1::bigint[])",
  "DELETE FROM event_ids WHERE id = ANY(SELECT id FROM events WHERE n = ANY($1::bigint[]))",
  "DELETE FROM events WHERE n = ANY($1::bigint[])",
];

/**
 * Deletes rows of an account, at most about `limit`: its own, the events that happened on it with all their deliveries,
 * and the deliveries to its endpoints. A delivery under way is deleted too: its settlement finds no lease. What no index
 * finds is looked for among some rows of others at a time. Returns how many rows it deleted, or 1 if it only looked; 0 when
 * none are left.
 */
export async function erase(session: Session, account: string, limit: number): Promise<number> {
  let left = limit;

  async function run(statements: readonly string[], of: (statement: string) => SqlValue[]): Promise<void> {
    for (const sql of statements) if (left > 0) left -= await session.run(sql, ...of(sql));
  }

  async function all(statements: readonly string[], numbers: readonly number[]): Promise<void> {
    for (const sql of statements) left -= await session.run(sql, numbers);
  }

  const numbers = async (sql: string, ...values: SqlValue[]): Promise<number[]> =>
    left > 0 ? (await session.all(sql, ...values, left)).map(({ n }) => n as number) : [];

  await run(OWN, () => [left, account]);
  for (const livemode of [false, true]) {
    const owed = await numbers(DELIVERIES_TO, account, livemode);
    if (owed.length > 0) await all(OF_DELIVERIES, owed);
  }
  for (const livemode of [false, true]) {
    const events = await numbers(EVENTS, account, livemode);
    if (events.length === 0) continue;
    const owed = await numbers(DELIVERIES_OF, events);
    if (owed.length > 0) await all(OF_DELIVERIES, owed);
    // Their deliveries are gone if there was room for more.
    if (left > 0) await all(OF_EVENTS, events);
  }
  // The rest once nothing is left of these.
  if (left < limit) return limit - left;
  await run(REST, () => [left, account]);
  if (left < limit) return limit - left;
  const looked = await lookAmongAll(session, account, limit);
  if (looked !== null) return looked;
  await run(LAST, () => [left, account]);
  return limit - left;
}

/**
 * Deletes what is among the next rows of a table that was not looked through. Returns null when all were, and once the
 * account's own row is gone.
 */
async function lookAmongAll(session: Session, account: string, limit: number): Promise<number | null> {
  if ((await session.get("SELECT FROM accounts WHERE id = $1", account)) === undefined) return null;
  const nameOf = (table: string): string => `erase ${account} ${table}`;
  for (const { table, order, where } of AMONG_ALL) {
    const position = ((await session.get(POSITION, nameOf(table)))?.position ?? -1) as number;
    const next = `SELECT max(at) AS last FROM (SELECT ${order} AS at FROM ${table} WHERE ${order} > $1 ORDER BY ${order} LIMIT $2) AS next`;
    const last = (await session.get(next, position, LOOKED_AT * limit))?.last as number | null;
    if (last === null) continue;
    await session.run(MOVE, nameOf(table), last);
    const gone = await session.run(`DELETE FROM ${table} WHERE ${order} > $1 AND ${order} <= $2 AND ${where}`, position, last, account);
    return Math.max(gone, 1);
  }
  for (const { table } of AMONG_ALL) await session.run("DELETE FROM sweeps WHERE name = $1", nameOf(table));
  return null;
}
