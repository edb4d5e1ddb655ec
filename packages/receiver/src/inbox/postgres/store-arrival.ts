import { type ConnectionState, changeConnection } from "../connection-state.ts";
import type { AccountKey, Arrival, Claim, Stored } from "../inbox.ts";
import { claimWork } from "./claim-work.ts";
import type { Tables } from "./schema.ts";
import type { Queryable } from "./transaction.ts";

/**
 * Keeps an event with its work, in one statement: whether its account has left, whether it is known, and what is owed. `$14` to `$20` are
 * the work. The account's row is locked where it says that the account has left, so that no return is missed.
 */
function insertion({ events, work, accounts }: Tables): string {
  return `
  WITH gone AS (
    SELECT 1 FROM ${accounts} WHERE NOT $13::boolean AND source = $1 AND livemode = $2 AND account = $3 AND status = 'deauthorized' FOR SHARE),
  kept AS (
    INSERT INTO ${events} (source, livemode, account, id, type, object_id, created, rank, endpoint, api_version, body, received_at, tells_connection)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING RETURNING number),
  owed AS (
    INSERT INTO ${work} (event, handler, sequence, order_key, created, rank, state, due_at, lease_until, fence, attempts)
    SELECT kept.number, given.handler, given.sequence, given.order_key, $7, $8,
      CASE WHEN EXISTS (SELECT 1 FROM gone) THEN 'quarantined' ELSE 'pending' END, given.due_at,
      CASE WHEN given.leased AND NOT EXISTS (SELECT 1 FROM gone) THEN $19::bigint ELSE 0 END,
      CASE WHEN given.leased AND NOT EXISTS (SELECT 1 FROM gone) THEN 1 ELSE 0 END,
      CASE WHEN given.leased AND NOT EXISTS (SELECT 1 FROM gone) THEN 1 ELSE 0 END
    FROM kept, unnest($14::text[], $15::text[], $16::text[], $17::bigint[], $18::boolean[]) AS given (handler, sequence, order_key, due_at, leased)
    RETURNING 1)
  SELECT number, EXISTS (SELECT 1 FROM gone) AS gone FROM kept`;
}

/** Whether an arrival is kept by one statement alone, without a transaction around it: nothing of it has an order, or changes a connection. */
export function isSimple({ work, connection }: Arrival): boolean {
  return connection === null && work.every(({ order }) => order === "any");
}

/** Keeps an event, as `Inbox.store` says; within a transaction unless it is simple. */
export async function storeArrival(client: Queryable, tables: Tables, arrival: Arrival, retryDuplicate: boolean): Promise<Stored> {
  const { event, work, connection: change, tieGoesTo, lease } = arrival;
  const at = lease?.now ?? event.receivedAt;
  const key: AccountKey | null = change === null ? null : { source: event.source, livemode: event.livemode, account: change.account };
  const effect =
    change === null || key === null
      ? null
      : changeConnection(await lockConnection(client, tables, key), change.to, event.created, tieGoesTo);

  const leased = work.map(({ order, dueAt }) => lease !== null && order === "any" && dueAt <= lease.now);
  const { rows } = await client.query<{ number: string; gone: boolean }>(insertion(tables), [
    event.source,
    event.livemode,
    event.account ?? "",
    event.id,
    event.type,
    event.objectId,
    event.created,
    event.rank,
    event.endpoint,
    event.apiVersion,
    event.body,
    event.receivedAt,
    change !== null,
    work.map(({ handler }) => handler),
    work.map(({ order }) => order),
    work.map(({ orderKey }) => orderKey),
    work.map(({ dueAt }) => dueAt),
    leased,
    lease?.leaseUntil ?? 0,
  ]);
  const [kept] = rows;
  if (kept === undefined) return duplicate(client, tables, arrival, retryDuplicate);
  // The caller undoes the insertion.
  if (effect === "tied") return { outcome: "tied" };
  if (kept.gone) return { outcome: "quarantined" };

  const number = Number(kept.number);
  let cancelled = 0;
  let released = 0;
  if (change !== null && key !== null && effect === "applies") {
    await saveConnection(client, tables, key, change.to, event.created);
    if (change.to === "deauthorized") cancelled = await leave(client, tables, key, event.created, at);
    else released = await releaseQuarantined(client, tables, key, event.created, at);
  }
  // Those that were written leased. A connection that is lost changes nothing for them: what tells of it is always handled.
  const claims: Claim[] = work
    .filter((_, index) => leased[index])
    .map(({ handler, order, orderKey }) => ({
      number,
      handler,
      fence: 1,
      leaseUntil: lease?.leaseUntil ?? 0,
      attempt: 1,
      order,
      orderKey,
      forced: false,
      event,
      mark: null,
      newerWaits: false,
      accountLeftAt: null,
    }));
  const ordered = work.filter(({ order }) => order !== "any");
  for (const { handler, order, orderKey } of ordered) {
    if (order !== "latest") continue;
    await client.query(
      `UPDATE ${tables.work} SET state = 'stale', settled_at = $1, fence = fence + 1 WHERE (event, handler) IN (
         SELECT event, handler FROM ${tables.work}
         WHERE state = 'pending' AND handler = $2 AND order_key = $3 AND created < $4 AND lease_until <= $1 AND NOT forced
         FOR UPDATE SKIP LOCKED)`,
      [at, handler, orderKey, event.created],
    );
  }
  if (lease !== null && ordered.length > 0) {
    const handlers = ordered.map(({ handler }) => handler);
    claims.push(...(await claimWork(client, tables, { ...lease, limit: handlers.length, handlers, event: number })));
  }
  const connected = effect === null ? null : effect === "applies";
  return { outcome: "stored", claims, waiting: work.length - claims.length, connected, cancelled, released };
}

async function duplicate(client: Queryable, tables: Tables, { event, lease, work }: Arrival, retry: boolean): Promise<Stored> {
  const at = lease?.now ?? event.receivedAt;
  const { rows } = await client.query<{ number: string; waiting: string }>(
    `SELECT e.number, count(w.event) AS waiting FROM ${tables.events} e LEFT JOIN ${tables.work} w ON w.event = e.number AND w.state = 'pending'
     WHERE e.source = $1 AND e.livemode = $2 AND e.account = $3 AND e.id = $4 GROUP BY e.number`,
    [event.source, event.livemode, event.account ?? "", event.id],
  );
  const number = Number(rows[0]?.number ?? 0);
  const waiting = Number(rows[0]?.waiting ?? 0);
  if (!retry || waiting === 0) return { outcome: "duplicate", claims: [], waiting };
  await client.query(`UPDATE ${tables.work} SET due_at = least(due_at, $2) WHERE event = $1 AND state = 'pending' AND lease_until <= $2`, [
    number,
    at,
  ]);
  const handlers = work.map(({ handler }) => handler);
  const claims = lease === null ? [] : await claimWork(client, tables, { ...lease, limit: waiting, handlers, event: number });
  return { outcome: "duplicate", claims, waiting };
}

/** What is known of a connection; nobody else learns or changes it until the transaction ends. */
async function lockConnection(
  client: Queryable,
  tables: Tables,
  { source, livemode, account }: AccountKey,
): Promise<ConnectionState | null> {
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`carabiner account\n${source}\n${livemode}\n${account}`]);
  const { rows } = await client.query<{ status: ConnectionState["status"]; since: string }>(
    `SELECT status, since FROM ${tables.accounts} WHERE source = $1 AND livemode = $2 AND account = $3`,
    [source, livemode, account],
  );
  const [row] = rows;
  return row === undefined ? null : { status: row.status, since: Number(row.since) };
}

async function saveConnection(
  client: Queryable,
  tables: Tables,
  key: AccountKey,
  status: ConnectionState["status"],
  since: number,
): Promise<void> {
  await client.query(
    `INSERT INTO ${tables.accounts} (source, livemode, account, status, since) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (source, livemode, account) DO UPDATE SET status = excluded.status, since = excluded.since`,
    [key.source, key.livemode, key.account, status, since],
  );
}

/** Queued work of an account that has left. What runs just now is left alone: it ends by itself. */
async function leave(
  client: Queryable,
  tables: Tables,
  { source, livemode, account }: AccountKey,
  leftAt: number,
  at: number,
): Promise<number> {
  const { rowCount } = await client.query(
    `UPDATE ${tables.work} SET state = CASE WHEN created <= $4 THEN 'cancelled' ELSE 'quarantined' END,
       settled_at = CASE WHEN created <= $4 THEN $5::bigint END, lease_until = 0, fence = fence + 1
     WHERE (event, handler) IN (
       SELECT w.event, w.handler FROM ${tables.work} w JOIN ${tables.events} e ON e.number = w.event
       WHERE w.state = 'pending' AND w.lease_until <= $5 AND NOT w.forced AND NOT e.tells_connection
         AND e.source = $1 AND e.livemode = $2 AND e.account = $3
       FOR UPDATE OF w SKIP LOCKED)`,
    [source, livemode, account, leftAt, at],
  );
  return rowCount ?? 0;
}

async function releaseQuarantined(client: Queryable, tables: Tables, key: AccountKey, since: number, at: number): Promise<number> {
  const { rowCount } = await client.query(
    `UPDATE ${tables.work} w SET state = 'pending', due_at = $5 FROM ${tables.events} e
     WHERE e.number = w.event AND w.state = 'quarantined' AND w.created >= $4 AND e.source = $1 AND e.livemode = $2 AND e.account = $3`,
    [key.source, key.livemode, key.account, since, at],
  );
  return rowCount ?? 0;
}

/** Notes that an account is connected since `at`; within a transaction. */
export async function authorizeAccount(
  client: Queryable,
  tables: Tables,
  key: AccountKey,
  at: number,
): Promise<{ applied: boolean; released: number }> {
  const known = await lockConnection(client, tables, key);
  if (changeConnection(known, "authorized", at, "authorized") !== "applies") return { applied: false, released: 0 };
  await saveConnection(client, tables, key, "authorized", at);
  return { applied: true, released: await releaseQuarantined(client, tables, key, at, at) };
}
