import type { ErasedAccount } from "../../contract/transaction.ts";
import { BOUND_LIMIT } from "../database/bound-limit.ts";
import type { SqlValue } from "../database/connection.ts";
import type { WorkScope } from "../database/scope.ts";
import { deleteEvents, deleteOwed } from "./delete-events.ts";

const few = (table: string, key: string, where: string): string =>
  `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key.replace(/[()]/g, "")} FROM ${table} WHERE ${where} ${BOUND_LIMIT})`;

/** The account's own rows, in the order in which they are deleted: nothing falls due for a partly deleted account. */
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
  // Tokens that its platform made, and tokens that were used for it.
  {
    sql: few("objects", "id", `account_id = ${CREATOR} AND livemode IN (0, 1) AND object = 'token' AND parent = ?`),
    values: (account) => [account, account],
  },
  { sql: few("requests", "n", "caller_id = ?"), values: (account) => [account] },
  { sql: few("owners", "n", "account_id = ?"), values: (account) => [account] },
];

/** The part of a scope after its first part. */
const BEHIND = "substr(scope, instr(scope, '/') + 1)";
const before = (text: string): string => `substr(${text}, 1, instr(${text}, '/') - 1)`;

/** Rows that no index finds: all rows of a table are searched, some at a time. */
const AMONG_ALL = [
  // The account whose key asked, the one that it acted for, and the one that it shows.
  { table: "idempotent_answers", number: "rowid", accounts: `${before("scope")}, ${before(BEHIND)}, about` },
  { table: "requests", number: "n", accounts: "requests.account_id" },
] as const;

/** An SQL condition: whether one of these accounts was erased as part of the erasure in a parameter. */
const isErasedBy = (accounts: string): string =>
  `EXISTS (SELECT 1 FROM erased_accounts e WHERE e.account_id IN (${accounts}) AND e.erasure = ?)`;

/** The account's own row is deleted, and its deletion is recorded. */
const NOTE = "INSERT INTO erased_accounts (account_id, erasure, at) SELECT id, ?, ? FROM accounts WHERE id = ?";
const ITSELF = "DELETE FROM accounts WHERE id = ?";
// Last, because a platform finds the accounts that are erased with it by their connections.
const LAST: typeof OWN = [
  {
    sql: few("connections", "(platform_id, livemode, account_id)", "account_id = ? OR platform_id = ?"),
    values: (account) => [account, account],
  },
];
const FOUND = `UPDATE erased_accounts SET erasure = NULL WHERE account_id IN (SELECT account_id FROM erased_accounts WHERE erasure = ? ${BOUND_LIMIT})`;

const POSITION = "SELECT position FROM sweeps WHERE name = ?";
const MOVE = "INSERT OR REPLACE INTO sweeps VALUES (?, ?)";

/**
 * Deletes rows of an account, at most about `limit`: its own, the events that happened on it with all their deliveries,
 * and the deliveries to its endpoints. A delivery under way is deleted too: its settlement finds no lease. Returns how
 * many rows it deleted; 0 when none are left.
 */
export function erase(scope: WorkScope, { accountId, erasure, now }: ErasedAccount, limit: number): number {
  let left = limit;

  function run(parts: typeof OWN): void {
    for (const { sql, values } of parts) if (left > 0) left -= scope.run(sql, ...values(accountId), left);
  }

  run(OWN);
  if (left < limit) return limit - left;
  for (const owner of scope.all("SELECT n FROM owners WHERE account_id = ?", accountId))
    if (left > 0) left -= deleteOwed(scope, owner.n as number, half(left));
  if (left < limit) return limit - left;
  for (const livemode of [0, 1]) {
    if (left <= 0) break;
    const events = scope.all(EVENTS, accountId, livemode, third(left)).map(({ n }) => n as number);
    left -= deleteEvents(scope, events, third(left), { evenPending: true }).rows;
  }
  // The rest is deleted once nothing is left of these.
  if (left < limit) return limit - left;
  run(REST);
  if (left < limit) return limit - left;
  scope.run(NOTE, erasure, now, accountId);
  left -= scope.run(ITSELF, accountId);
  run(LAST);
  return limit - left;
}

/** A delivery has an attempt, and an event has a delivery: there are nearly always as many as the limit allows. */
const half = (limit: number): number => Math.ceil(limit / 2);
const third = (limit: number): number => Math.ceil(limit / 3);

/**
 * Deletes the data of deleted accounts among the next `limit` rows of others. Returns how many rows it deleted, at
 * least 1; 0 at the end.
 */
export function eraseAmongOthers(scope: WorkScope, erasure: string, limit: number): number {
  if (scope.get("SELECT 1 FROM erased_accounts WHERE erasure = ?", erasure) === undefined) return 0;
  const nameOf = (table: string): string => `erase ${erasure} ${table}`;
  for (const { table, number, accounts } of AMONG_ALL) {
    const position = (scope.get(POSITION, nameOf(table))?.position ?? 0) as number;
    const next = `SELECT max(n) AS last FROM (SELECT ${number} AS n FROM ${table} WHERE ${number} > ? ORDER BY ${number} ${BOUND_LIMIT})`;
    const last = scope.get(next, position, limit)?.last as number | null;
    if (last === null) continue;
    scope.run(MOVE, nameOf(table), last);
    const sql = `DELETE FROM ${table} WHERE ${number} > ? AND ${number} <= ? AND ${isErasedBy(accounts)}`;
    return Math.max(scope.run(sql, position, last, erasure), 1);
  }
  const found = scope.run(FOUND, erasure, limit);
  if (found < limit) for (const { table } of AMONG_ALL) scope.run("DELETE FROM sweeps WHERE name = ?", nameOf(table));
  return found;
}
