import { BOUND_LIMIT } from "../database/bound-limit.ts";
import type { SqlValue } from "../database/connection.ts";
import type { WorkScope } from "../database/scope.ts";
import { deleteEvents, deleteOwed } from "./delete-events.ts";

const few = (table: string, key: string, where: string): string =>
  `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key.replace(/[()]/g, "")} FROM ${table} WHERE ${where} ${BOUND_LIMIT})`;

/** What is the account's own, in the order in which it goes: nothing falls due for an account that is partly gone. */
const OWN: readonly { sql: string; values(account: string): SqlValue[] }[] = [
  { sql: few("tasks", "n", "account_id = ? AND kind <> 'erase'"), values: (account) => [account] },
  { sql: few("platform_settings", "account_id", "account_id = ?"), values: (account) => [account] },
  { sql: few("applications", "id", "account_id = ?"), values: (account) => [account] },
  {
    sql: few(
      "dashboard_sessions",
      "hash",
      "test_key IN (SELECT hash FROM keys WHERE account_id = ?) OR live_key IN (SELECT hash FROM keys WHERE account_id = ?)",
    ),
    values: (account) => [account, account],
  },
  { sql: few("key_uses", "hash", "hash IN (SELECT hash FROM keys WHERE account_id = ?)"), values: (account) => [account] },
  { sql: few("keys", "hash", "account_id = ?"), values: (account) => [account] },
  { sql: few("listen_sessions", "id", "account_id = ?"), values: (account) => [account] },
];

const EVENTS = `SELECT n FROM events WHERE account_id = ? AND livemode = ? ${BOUND_LIMIT}`;
const CREATOR = "(SELECT json_extract(data, '$.createdBy') FROM accounts WHERE id = ?)";

const REST: typeof OWN = [
  {
    sql: few("endpoint_failures", "endpoint_id", "endpoint_id IN (SELECT id FROM endpoints WHERE account_id = ?)"),
    values: (account) => [account],
  },
  { sql: few("lanes", "endpoint_id", "endpoint_id IN (SELECT id FROM endpoints WHERE account_id = ?)"), values: (account) => [account] },
  { sql: few("endpoints", "n", "account_id = ?"), values: (account) => [account] },
  { sql: few("objects", "id", "account_id = ?"), values: (account) => [account] },
  // Tokens that its platform made and that were used for it.
  {
    sql: few("objects", "id", `account_id = ${CREATOR} AND livemode IN (0, 1) AND object = 'token' AND parent = ?`),
    values: (account) => [account, account],
  },
  { sql: few("requests", "n", "caller_id = ?"), values: (account) => [account] },
];

/** What no index finds: it is looked for among all rows of a table, some at a time. */
const AMONG_ALL: readonly { table: string; number: string; where: string; values(account: string): SqlValue[] }[] = [
  // The account's keys made them, or acted for it, or they show it to its platform.
  {
    table: "idempotent_answers",
    number: "rowid",
    where: "(scope LIKE ? OR scope LIKE ? OR about = ?)",
    values: (account) => [`${account}/%`, `%/${account}/%`, account],
  },
  { table: "requests", number: "n", where: "account_id = ?", values: (account) => [account] },
];

const LAST: typeof OWN = [
  { sql: few("owners", "n", "account_id = ?"), values: (account) => [account] },
  { sql: few("accounts", "id", "id = ?"), values: (account) => [account] },
  // Last: a platform finds the accounts that go with it by their connections.
  {
    sql: few("connections", "(platform_id, livemode, account_id)", "account_id = ? OR platform_id = ?"),
    values: (account) => [account, account],
  },
];

const POSITION = "SELECT position FROM sweeps WHERE name = ?";
const MOVE = "INSERT OR REPLACE INTO sweeps VALUES (?, ?)";

/**
 * Deletes rows of an account, at most about `limit`: its own, the events that happened on it with all their deliveries,
 * and the deliveries to its endpoints. A delivery under way is deleted too: its settlement finds no lease. What no index
 * finds is looked for among `limit` rows of others at a time. Returns how many rows it deleted, or 1 if it only looked; 0
 * when none are left.
 */
export function erase(scope: WorkScope, account: string, limit: number): number {
  let left = limit;

  function run(parts: typeof OWN): void {
    for (const { sql, values } of parts) if (left > 0) left -= scope.run(sql, ...values(account), left);
  }

  run(OWN);
  if (left < limit) return limit - left;
  for (const owner of scope.all("SELECT n FROM owners WHERE account_id = ?", account))
    if (left > 0) left -= deleteOwed(scope, owner.n as number, half(left));
  if (left < limit) return limit - left;
  for (const livemode of [0, 1]) {
    if (left <= 0) break;
    const events = scope.all(EVENTS, account, livemode, third(left)).map(({ n }) => n as number);
    left -= deleteEvents(scope, events, third(left), { evenPending: true }).rows;
  }
  // The rest once nothing is left of these.
  if (left < limit) return limit - left;
  run(REST);
  if (left < limit) return limit - left;
  const looked = lookAmongAll(scope, account, limit);
  if (looked !== null) return looked;
  run(LAST);
  return limit - left;
}

/** A delivery has an attempt, and an event has a delivery: there are nearly always as many as the limit allows. */
const half = (limit: number): number => Math.ceil(limit / 2);
const third = (limit: number): number => Math.ceil(limit / 3);

/**
 * Deletes what is among the next rows of a table that was not looked through. Returns null when all were, and once the
 * account's own row is gone.
 */
function lookAmongAll(scope: WorkScope, account: string, limit: number): number | null {
  if (scope.get("SELECT 1 FROM accounts WHERE id = ?", account) === undefined) return null;
  for (const { table, number, where, values } of AMONG_ALL) {
    const name = `erase ${account} ${table}`;
    const position = (scope.get(POSITION, name)?.position ?? 0) as number;
    const next = `SELECT max(n) AS last FROM (SELECT ${number} AS n FROM ${table} WHERE ${number} > ? ORDER BY ${number} ${BOUND_LIMIT})`;
    const last = scope.get(next, position, limit)?.last as number | null;
    if (last === null) continue;
    scope.run(MOVE, name, last);
    const gone = scope.run(`DELETE FROM ${table} WHERE ${number} > ? AND ${number} <= ? AND ${where}`, position, last, ...values(account));
    return Math.max(gone, 1);
  }
  for (const { table } of AMONG_ALL) scope.run("DELETE FROM sweeps WHERE name = ?", `erase ${account} ${table}`);
  return null;
}
