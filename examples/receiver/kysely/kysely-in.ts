import { Kysely, PostgresDialect } from "kysely";
import type { PoolClient } from "pg";

interface Tables {
  merchants: { account: string; failed_payouts: number };
  failures: { payout: string; account: string; code: string };
}

/**
 * Kysely on a handler's `tx`, as a pool that has this one client. Do not call `transaction()` on it: the transaction is
 * open already.
 */
export function kyselyIn(tx: PoolClient): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: { connect: async () => tx, end: async () => undefined, options: {} } }),
  });
}
