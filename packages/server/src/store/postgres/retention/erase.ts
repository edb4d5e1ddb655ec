import type { ErasedAccount } from "../../contract/transaction.ts";
import type { Session, SqlValue } from "../database/session.ts";
import { isErasedBy, OF_ANSWER } from "../rows/is-erased.ts";

/** A deletion of at most `$1` rows; `$2` is the account; `$3` and `$4` are the patterns of scopes that contain it. */
const few = (table: string, key: string, where: string): string =>
  `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${where} LIMIT $1)`;

const OF_KEYS = "(SELECT hash FROM keys WHERE account_id = $2)";
const OF_ENDPOINTS = "(SELECT id FROM endpoints WHERE account_id = $2)";

/** The account's own rows, in the order in which they are deleted: nothing falls due for a partly deleted account. */
const OWN: readonly string[] = [
  few("tasks", "n", "account_id = $2 AND kind <> 'erase'"),
  few("platform_settings", "account_id", "account_id = $2"),
  few("applications", "id", "account_id = $2"),
  few("dashboard_sessions", "hash", `test_key IN ${OF_KEYS} OR live_key IN ${OF_KEYS}`),
  few("key_uses", "hash", `hash IN ${OF_KEYS}`),
  few("keys", "hash", "account_id = $2"),
  few("listen_sessions", "id", "account_id = $2"),
  // When a check of an endpoint is under way, it is over before a later step deletes the endpoint's failures: no check
  // comes after that step.
  "UPDATE endpoints SET deleted = true WHERE n IN (SELECT n FROM endpoints WHERE account_id = $2 AND NOT deleted LIMIT $1)",
];

const CREATOR = "(SELECT data->>'createdBy' FROM accounts WHERE id = $2)";

const REST: readonly string[] = [
  few("endpoint_failures", "endpoint_id", `endpoint_id IN ${OF_ENDPOINTS}`),
  few("endpoints", "id", "account_id = $2"),
  few("objects", "id", "account_id = $2"),
  // Tokens that its platform made, and tokens that were used for it.
  few("objects", "id", `account_id = ${CREATOR} AND object = 'token' AND parent = $2`),
  few("requests", "n", "caller_id = $2"),
];

/** Rows that no index finds: all rows of a table are searched, some at a time, in the order of an index. */
const AMONG_ALL = [
  { table: "idempotent_answers", order: "created", accounts: OF_ANSWER },
  { table: "requests", order: "n", accounts: "requests.account_id" },
] as const;

/** How many rows are examined for each that may be deleted: that costs little, and blocks nobody. */
const LOOKED_AT = 10;

/** The account's own row is deleted, and its deletion is recorded. */
const NOTE = `
  WITH gone AS (DELETE FROM accounts WHERE id = $1 RETURNING id)
  INSERT INTO erased_accounts (account_id, erasure, at) SELECT id, $2, $3 FROM gone`;
// Last, because a platform finds the accounts that are erased with it by their connections.
const CONNECTIONS = few("connections", "platform_id, livemode, account_id", "account_id = $2 OR platform_id = $2");
const FOUND =
  "UPDATE erased_accounts SET erasure = NULL WHERE account_id IN (SELECT account_id FROM erased_accounts WHERE erasure = $1 LIMIT $2)";

const POSITION = "SELECT position FROM sweeps WHERE name = $1";
const MOVE = "INSERT INTO sweeps VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET position = excluded.position";

const DELIVERIES_TO = "SELECT n FROM deliveries WHERE account_id = $1 AND livemode = $2 ORDER BY n LIMIT $3";
const DELIVERIES_OF = "SELECT n FROM deliveries WHERE event = ANY($1::bigint[]) ORDER BY n LIMIT $2";
const EVENTS = "SELECT n FROM events WHERE account_id = $1 AND livemode = $2 ORDER BY n LIMIT $3";
/** The rows that are deleted with deliveries, by their numbers. */
export const OF_DELIVERIES = [
  "DELETE FROM attempts WHERE delivery = ANY($1::bigint[])",
  "DELETE FROM suspects WHERE delivery = ANY($1::bigint[])",
  "DELETE FROM unclean_ends WHERE delivery = ANY($1::bigint[])",
  "WITH pending AS (DELETE FROM pending WHERE n = ANY($1::bigint[])) DELETE FROM deliveries WHERE n = ANY($1::bigint[])",
];
/** The rows that are deleted with events without deliveries, by their numbers. */
export const OF_EVENTS = [
  "DELETE FROM event_variants WHERE event = ANY($1::bigint[])",
  "DELETE FROM event_ids WHERE id = ANY(SELECT id FROM events WHERE n = ANY($1::bigint[]))",
  "DELETE FROM events WHERE n = ANY($1::bigint[])",
];

/**
 * Deletes rows of an account, at most about `limit`: its own, the events that happened on it with all their deliveries,
 * and the deliveries to its endpoints. A delivery under way is deleted too: its settlement finds no lease. Returns how
 * many rows it deleted or changed; 0 when none are left.
 */
export async function erase(session: Session, { accountId, erasure, now }: ErasedAccount, limit: number): Promise<number> {
  let left = limit;

  async function run(statements: readonly string[]): Promise<void> {
    for (const sql of statements) if (left > 0) left -= await session.run(sql, left, accountId);
  }

  async function all(statements: readonly string[], numbers: readonly number[]): Promise<void> {
    for (const sql of statements) left -= await session.run(sql, numbers);
  }

  const numbers = async (sql: string, ...values: SqlValue[]): Promise<number[]> =>
    left > 0 ? (await session.all(sql, ...values, left)).map(({ n }) => n as number) : [];

  await run(OWN);
  for (const livemode of [false, true]) {
    const owed = await numbers(DELIVERIES_TO, accountId, livemode);
    if (owed.length > 0) await all(OF_DELIVERIES, owed);
  }
  for (const livemode of [false, true]) {
    const events = await numbers(EVENTS, accountId, livemode);
    if (events.length === 0) continue;
    const owed = await numbers(DELIVERIES_OF, events);
    if (owed.length > 0) await all(OF_DELIVERIES, owed);
    // If there was room for more, their deliveries are gone.
    if (left > 0) await all(OF_EVENTS, events);
  }
  // The rest is deleted once nothing is left of these.
  if (left < limit) return limit - left;
  await run(REST);
  if (left < limit) return limit - left;
  left -= await session.run(NOTE, accountId, erasure, now);
  await run([CONNECTIONS]);
  return limit - left;
}

/**
 * Deletes the data of deleted accounts among the next rows of others. Returns how many rows it deleted, at least 1; 0
 * at the end.
 */
export async function eraseAmongOthers(session: Session, erasure: string, limit: number): Promise<number> {
  if ((await session.get("SELECT FROM erased_accounts WHERE erasure = $1 LIMIT 1", erasure)) === undefined) return 0;
  const nameOf = (table: string): string => `erase ${erasure} ${table}`;
  for (const { table, order, accounts } of AMONG_ALL) {
    const position = ((await session.get(POSITION, nameOf(table)))?.position ?? -1) as number;
    const next = `SELECT max(at) AS last FROM (SELECT ${order} AS at FROM ${table} WHERE ${order} > $1 ORDER BY ${order} LIMIT $2) AS next`;
    const last = (await session.get(next, position, LOOKED_AT * limit))?.last as number | null;
    if (last === null) continue;
    await session.run(MOVE, nameOf(table), last);
    const sql = `DELETE FROM ${table} WHERE ${order} > $1 AND ${order} <= $2 AND ${isErasedBy("$3", accounts)}`;
    return Math.max(await session.run(sql, position, last, erasure), 1);
  }
  const found = await session.run(FOUND, erasure, limit);
  if (found < limit) for (const { table } of AMONG_ALL) await session.run("DELETE FROM sweeps WHERE name = $1", nameOf(table));
  return found;
}
