import type { Pool, PoolClient } from "pg";
import { type Arrival, type Claim, type Inbox, InboxUnavailable, type Settlement, type Stored } from "../inbox.ts";
import { adoptWork } from "./adopt-work.ts";
import { postgresAttempt } from "./attempt.ts";
import { createBatcher } from "./batcher.ts";
import { claimWork } from "./claim-work.ts";
import { depthOf, findEvent, findEventsById, nextDueAt, replayDeadWork, replayWork, workRows } from "./lookup.ts";
import { prune } from "./prune.ts";
import { migrate, requireVersion, tablesIn } from "./schema.ts";
import { type Settled, settleWork } from "./settle-work.ts";
import { authorizeAccount, isSimple, storeArrival, storeSimple } from "./store-arrival.ts";
import { isOrdered, storeOrdered } from "./store-ordered.ts";
import { type Database, ignore, inTransaction, onClient, type Queryable, unanswered } from "./transaction.ts";
import { discardWork, retryWork } from "./work-of-event.ts";

export interface PostgresInboxOptions {
  /** The existing schema for its tables. Default: the first of the search path. */
  schema?: string;
  /**
   * Whether to prepare the statement that stores events, once for each connection. Default: true. Set it to false for a
   * proxy that does not support prepared statements, such as PgBouncer before 1.21.
   */
  prepare?: boolean;
  /**
   * How long to wait for the database, or a free client of the pool, before an event is answered 503. Default: 4,500
   * ms.
   */
  answerMs?: number;
  /**
   * Whether to create and update the tables. Default: true. With false it changes nothing, and throws if the tables are
   * not of this version.
   */
  migrate?: boolean;
}

/** A sender must have its 503 within five seconds. */
const ANSWER_MS = 4_500;
/** How much longer an arrival may wait for a shared statement. */
const SPARE_MS = 250;

/** How many clients of the pool no handler may hold: the inbox uses them to store arrivals and settle work. */
const KEPT_CLIENTS = 2;
/** The maximum number of arrivals, or settlements, in one statement. */
const TOGETHER = 200;

/**
 * An inbox in a PostgreSQL database, for any number of processes. It creates its tables, `carabiner_…`, itself.
 *
 * `pool`: a pool of the `pg` package, to the database with your own tables. A handler holds one of its clients from its
 * first use of `tx` until it returns. Concurrency is limited so that two clients are always free: with `max: 10`,
 * eight. `tx` is that client, within a transaction.
 */
export function postgresInbox(
  pool: Pool,
  { schema, prepare: prepared = true, answerMs = ANSWER_MS, migrate: migrates = true }: PostgresInboxOptions = {},
): Inbox<PoolClient> {
  const tables = tablesIn(schema ?? null);
  // Without a listener, losing an idle connection would end the process.
  if (pool.listenerCount("error") === 0) pool.on("error", ignore);

  const database: Database = { pool, prepared, answerMs };
  const alone = <T>(work: (client: Queryable) => Promise<T>): Promise<T> => onClient(database, work);
  const together = <T>(work: (client: Queryable) => Promise<T>, keep?: (result: T) => boolean): Promise<T> =>
    inTransaction(database, work, keep);
  const batching = {
    limit: TOGETHER,
    // The wait for a client times out first, with its own message.
    limitMs: answerMs + SPARE_MS,
    late: () => unanswered(answerMs),
    failsForAll: (error: unknown): boolean => error instanceof InboxUnavailable,
  };

  const storeSoon = createBatcher<Arrival, Stored | null>({
    ...batching,
    all: (arrivals) => alone((client) => storeSimple(client, tables, arrivals)),
    single: async (arrival) => (await alone((client) => storeSimple(client, tables, [arrival])))[0] ?? null,
  });
  const storeOrderedSoon = createBatcher<Arrival, Stored | null>({
    ...batching,
    all: (arrivals) => together((client) => storeOrdered(client, tables, arrivals)),
    // A single arrival may be at fault, so each is then stored separately.
    single: async () => null,
  });
  const settleSoon = createBatcher<Settled, boolean>({
    ...batching,
    all: (settled) => alone((client) => settleWork(client, tables, settled)),
    single: async (settled) => (await alone((client) => settleWork(client, tables, [settled])))[0] === true,
  });
  const settle = (claim: Claim, settlement: Settlement): Promise<boolean> => settleSoon({ claim, settlement });

  return {
    kind: "PostgreSQL",
    durable: true,
    most: mostHandlers(pool),
    prepare: () => together((client) => (migrates ? migrate(client, tables) : requireVersion(client, tables))),
    time: () =>
      alone(async (client) => {
        const { rows } = await client.query<{ now: string }>("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now");
        return Number(rows[0]?.now);
      }),
    async store(arrival, { retryDuplicate } = { retryDuplicate: false }) {
      const soon = isSimple(arrival) ? storeSoon : isOrdered(arrival) ? storeOrderedSoon : null;
      const stored = soon === null || retryDuplicate ? null : await soon(arrival);
      return (
        stored ??
        together(
          (client) => storeArrival(client, tables, arrival, retryDuplicate),
          ({ outcome }) => outcome !== "tied",
        )
      );
    },
    claim: (request) => together((client) => claimWork(client, tables, request)),
    begin: async (claim) => postgresAttempt({ ...database, tables, settle }, claim),
    renew: ({ number, handler, fence }, leaseUntil) =>
      alone(async (client) => {
        const { rowCount } = await client.query(
          `UPDATE ${tables.work} SET lease_until = $4 WHERE event = $1 AND handler = $2 AND fence = $3 AND state = 'pending'`,
          [number, handler, fence, leaseUntil],
        );
        return rowCount === 1;
      }),
    settle,
    async release(claims) {
      if (claims.length === 0) return;
      await alone((client) =>
        client.query(
          `UPDATE ${tables.work} w SET lease_until = 0, attempts = w.attempts - 1, fence = w.fence + 1
           FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS given (event, handler, fence)
           WHERE w.event = given.event AND w.handler = given.handler AND w.fence = given.fence AND w.state = 'pending'`,
          [claims.map(({ number }) => number), claims.map(({ handler }) => handler), claims.map(({ fence }) => fence)],
        ),
      );
    },
    nextDueAt: (handlers, now) => alone((client) => nextDueAt(client, tables, handlers, now)),
    event: (key) => alone(async (client) => (await findEvent(client, tables, key))?.event ?? null),
    eventsById: (id) => alone((client) => findEventsById(client, tables, id)),
    work: (filter) => alone((client) => workRows(client, tables, filter)),
    replay: (key, work) => together((client) => replayWork(client, tables, key, work)),
    replayDead: (request) => alone((client) => replayDeadWork(client, tables, request)),
    retry: (which, now) => alone((client) => retryWork(client, tables, which, now)),
    discard: (which, now) => alone((client) => discardWork(client, tables, which, now)),
    adopt: (request) => together((client) => adoptWork(client, tables, request)),
    prune: (request) => together((client) => prune(client, tables, request)),
    authorize: (key, at, insists = false) => together((client) => authorizeAccount(client, tables, key, at, insists)),
    depth: (request) => alone((client) => depthOf(client, tables, request)),
    async close() {
      // The user owns the pool.
    },
  };
}

/** The number of handlers that leaves these clients free; one if the pool is too small. */
function mostHandlers(pool: Pool): { handlers: number; says: string } | null {
  const max: unknown = pool.options?.max;
  if (typeof max !== "number") return null;
  const handlers = Math.max(1, max - KEPT_CLIENTS);
  return {
    handlers,
    says: `the pool has ${max} client${max === 1 ? "" : "s"} (max), and ${KEPT_CLIENTS} must be left for the inbox`,
  };
}
