import { BOUND_LIMIT } from "./bound-limit.ts";
import type { SqlValue } from "./connection.ts";
import { allWithin } from "./delivery-number.ts";
import type { WorkScope } from "./scope.ts";

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
  // The account's keys made them, or acted for it, or they show it to its platform.
  {
    sql: few("idempotent_answers", "rowid", "scope LIKE ? OR scope LIKE ? OR about = ?"),
    values: (account) => [`${account}/%`, `%/${account}/%`, account],
  },
  { sql: few("requests", "n", "caller_id = ? OR account_id = ?"), values: (account) => [account, account] },
  { sql: few("owners", "n", "account_id = ?"), values: (account) => [account] },
  { sql: few("accounts", "id", "id = ?"), values: (account) => [account] },
  // Last: a platform finds the accounts that go with it by their connections.
  {
    sql: few("connections", "(platform_id, livemode, account_id)", "account_id = ? OR platform_id = ?"),
    values: (account) => [account, account],
  },
];

/**
 * Deletes rows of an account, at most about `limit`: its own, the events that happened on it with all their deliveries,
 * and the deliveries to its endpoints. Returns how many; 0 when none are left. A delivery under way is deleted too: its
 * settlement finds no lease.
 */
export function erase(scope: WorkScope, account: string, limit: number): number {
  let left = limit;
  const enough = (): boolean => left <= 0;

  function run(parts: typeof OWN): void {
    for (const { sql, values } of parts) if (!enough()) left -= scope.run(sql, ...values(account), left);
  }

  function deliveries(numbers: readonly number[]): void {
    for (const n of numbers) {
      if (enough()) return;
      left -= scope.run("DELETE FROM attempts WHERE key BETWEEN ? AND ?", ...allWithin(n));
      scope.run("DELETE FROM suspects WHERE delivery = ?", n);
      scope.run("DELETE FROM unclean_ends WHERE delivery = ?", n);
      left -= scope.run("DELETE FROM deliveries WHERE n = ?", n);
    }
  }

  const numbers = (sql: string, ...values: SqlValue[]): number[] =>
    scope.all(`${sql} ${BOUND_LIMIT}`, ...values, left).map(({ n }) => n as number);

  run(OWN);
  for (const owner of scope.all("SELECT n FROM owners WHERE account_id = ?", account)) {
    if (enough()) break;
    deliveries(numbers("SELECT n FROM deliveries WHERE owner = ?", owner.n as number));
  }
  for (const livemode of [0, 1]) {
    if (enough()) break;
    for (const event of numbers("SELECT n FROM events WHERE account_id = ? AND livemode = ?", account, livemode)) {
      if (enough()) break;
      deliveries(numbers("SELECT n FROM deliveries WHERE event = ?", event));
      if (enough()) break;
      left -= scope.run("DELETE FROM event_variants WHERE event = ?", event);
      scope.run("DELETE FROM late_events WHERE n = ?", event);
      left -= scope.run("DELETE FROM events WHERE n = ?", event);
    }
  }
  run(REST);
  return limit - left;
}
