import type { Pool, PoolClient } from "pg";
import type { Inbox } from "../inbox.ts";
import { beginAttempt } from "./attempt.ts";
import { claimWork } from "./claim-work.ts";
import { depthOf, findEvent, findEventsById, nextDueAt, pruneEvents, replayDeadWork, replayWork, workRows } from "./lookup.ts";
import { migrate, tablesIn } from "./schema.ts";
import { settleWork } from "./settle-work.ts";
import { authorizeAccount, isSimple, storeArrival } from "./store-arrival.ts";
import { available, ignore, inTransaction } from "./transaction.ts";

export interface PostgresInboxOptions {
  /** The schema for its tables, which must exist; the first of the search path unless given. */
  schema?: string;
}

/**
 * An inbox in a PostgreSQL database, for as many processes as you like. It makes its tables, `carabiner_…`, by itself.
 *
 * `pool`: of the `pg` package, to the database your own tables are in. Each handler that runs holds one of its clients, so it should have
 * a few more than the receiver's `concurrency`. `tx` is that client, within a transaction from its first use.
 */
export function postgresInbox(pool: Pool, { schema }: PostgresInboxOptions = {}): Inbox<PoolClient> {
  const tables = tablesIn(schema ?? null);
  // Without a listener, an idle connection that is lost would end the process.
  if (pool.listenerCount("error") === 0) pool.on("error", ignore);

  return {
    kind: "PostgreSQL",
    durable: true,
    triesAtOnce: null,
    prepare: () => inTransaction(pool, (client) => migrate(client, tables)),
    store(arrival, { retryDuplicate } = { retryDuplicate: false }) {
      const simple = isSimple(arrival) && !retryDuplicate;
      return simple
        ? available(() => storeArrival(pool, tables, arrival, false))
        : inTransaction(
            pool,
            (client) => storeArrival(client, tables, arrival, retryDuplicate),
            ({ outcome }) => outcome !== "tied",
          );
    },
    claim: (request) => inTransaction(pool, (client) => claimWork(client, tables, request)),
    begin: (claim) => beginAttempt(pool, tables, claim),
    renew: ({ number, handler, fence }, leaseUntil) =>
      available(async () => {
        const { rowCount } = await pool.query(
          `UPDATE ${tables.work} SET lease_until = $4 WHERE event = $1 AND handler = $2 AND fence = $3 AND state = 'pending'`,
          [number, handler, fence, leaseUntil],
        );
        return rowCount === 1;
      }),
    settle: (claim, settlement) => available(() => settleWork(pool, tables, claim, settlement)),
    async release(claims) {
      if (claims.length === 0) return;
      await available(() =>
        pool.query(
          `UPDATE ${tables.work} w SET lease_until = 0, attempts = w.attempts - 1, fence = w.fence + 1
           FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS given (event, handler, fence)
           WHERE w.event = given.event AND w.handler = given.handler AND w.fence = given.fence AND w.state = 'pending'`,
          [claims.map(({ number }) => number), claims.map(({ handler }) => handler), claims.map(({ fence }) => fence)],
        ),
      );
    },
    nextDueAt: (handlers) => available(() => nextDueAt(pool, tables, handlers)),
    event: (key) => available(async () => (await findEvent(pool, tables, key))?.event ?? null),
    eventsById: (id) => available(() => findEventsById(pool, tables, id)),
    work: (filter) => available(() => workRows(pool, tables, filter)),
    replay: (key, work) => inTransaction(pool, (client) => replayWork(client, tables, key, work)),
    replayDead: (request) => available(() => replayDeadWork(pool, tables, request)),
    prune: (request) => inTransaction(pool, (client) => pruneEvents(client, tables, request)),
    authorize: (key, at) => inTransaction(pool, (client) => authorizeAccount(client, tables, key, at)),
    depth: () => available(() => depthOf(pool, tables)),
    async close() {
      // The pool is the user's.
    },
  };
}
