import { type ConnectionState, changeConnection } from "../connection-state.ts";
import type { AccountKey, Arrival, Claim, InboxEvent, Known, Lease, NewWork, Stored } from "../inbox.ts";
import { claimEvent } from "./claim-work.ts";
import type { Tables } from "./schema.ts";
import type { Queryable } from "./transaction.ts";

/**
 * Stores events with their work, in one statement. It returns whether their accounts have left, which events are known,
 * and the work. If an account's row says that the account has left, it locks the row, so that no return is missed.
 * `$14` to `$19` are the work, by the event's place.
 */
function insertion({ events, work, accounts }: Tables): string {
  return `
  WITH given AS (
    SELECT * FROM unnest($1::text[], $2::boolean[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::smallint[], $9::text[],
      $10::text[], $11::bytea[], $12::bigint[], $13::boolean[]) WITH ORDINALITY
      AS given (source, livemode, account, id, type, object_id, created, rank, endpoint, api_version, body, received_at, tells_connection, place)),
  gone AS (
    SELECT a.source, a.livemode, a.account FROM ${accounts} a
    WHERE a.status = 'deauthorized' AND (a.source, a.livemode, a.account) IN (SELECT source, livemode, account FROM given) FOR SHARE),
  kept AS (
    INSERT INTO ${events} (source, livemode, account, id, type, object_id, created, rank, endpoint, api_version, body, received_at, tells_connection)
    SELECT source, livemode, account, id, type, object_id, created, rank, endpoint, api_version, body, received_at, tells_connection FROM given
    ORDER BY source, livemode, account, id
    ON CONFLICT DO NOTHING RETURNING number, source, livemode, account, id),
  placed AS (
    SELECT kept.number, given.place, given.created, given.rank,
      NOT given.tells_connection AND EXISTS (
        SELECT 1 FROM gone WHERE gone.source = kept.source AND gone.livemode = kept.livemode AND gone.account = kept.account) AS gone
    FROM kept JOIN given USING (source, livemode, account, id)),
  owed AS (
    INSERT INTO ${work} (event, handler, sequence, order_key, created, rank, state, due_at, lease_until, fence, attempts)
    SELECT placed.number, w.handler, w.sequence, w.order_key, placed.created, placed.rank,
      CASE WHEN placed.gone THEN 'quarantined' ELSE 'pending' END, w.due_at,
      CASE WHEN placed.gone THEN 0 ELSE w.lease_until END, CASE WHEN NOT placed.gone AND w.lease_until > 0 THEN 1 ELSE 0 END,
      CASE WHEN NOT placed.gone AND w.lease_until > 0 THEN 1 ELSE 0 END
    FROM placed JOIN unnest($14::bigint[], $15::text[], $16::text[], $17::text[], $18::bigint[], $19::bigint[])
      AS w (place, handler, sequence, order_key, due_at, lease_until) ON w.place = placed.place
    RETURNING 1)
  SELECT place, number, gone FROM placed`;
}

/**
 * Whether one statement, without a transaction, can store an arrival: no work has an order, and no connection changes.
 */
export function isSimple({ work, connection }: Arrival): boolean {
  return connection === null && work.every(({ order }) => order === "any");
}

/** Whether a piece of work can be written as leased: nothing can precede it. */
function isHot({ order, dueAt }: NewWork, lease: Arrival["lease"]): lease is Lease {
  return lease !== null && order === "any" && dueAt <= lease.now;
}

/** An event that was inserted, and whether its account has left. */
interface Inserted {
  number: number;
  gone: boolean;
}

/**
 * Inserts arrivals. Returns each one's number and whether its account has left; null for known events. Their keys
 * differ.
 */
async function insertAll(client: Queryable, tables: Tables, arrivals: readonly Arrival[]): Promise<(Inserted | null)[]> {
  const column = <Value>(of: (event: InboxEvent) => Value): Value[] => arrivals.map(({ event }) => of(event));
  const owed = arrivals.flatMap(({ work, lease }, index) => work.map((one) => ({ ...one, lease, place: index + 1 })));
  const { rows } = await client.queryPrepared<{ place: string; number: string; gone: boolean }>(insertion(tables), [
    column(({ source }) => source),
    column(({ livemode }) => livemode),
    column(({ account }) => account ?? ""),
    column(({ id }) => id),
    column(({ type }) => type),
    column(({ objectId }) => objectId),
    column(({ created }) => created),
    column(({ rank }) => rank),
    column(({ endpoint }) => endpoint),
    column(({ apiVersion }) => apiVersion),
    column(({ body }) => body),
    column(({ receivedAt }) => receivedAt),
    arrivals.map(({ connection }) => connection !== null),
    owed.map(({ place }) => place),
    owed.map(({ handler }) => handler),
    owed.map(({ order }) => order),
    owed.map(({ orderKey }) => orderKey),
    owed.map(({ dueAt }) => dueAt),
    owed.map((one) => (isHot(one, one.lease) ? one.lease.leaseUntil : 0)),
  ]);
  const kept = new Map(rows.map(({ place, number, gone }) => [Number(place), { number: Number(number), gone }]));
  return arrivals.map((_, index) => kept.get(index + 1) ?? null);
}

/**
 * The claims of work written as leased. Events that say an account left are always handled, so the account is not
 * checked.
 */
export function hotClaims(number: number, { event, work, lease }: Arrival): Claim[] {
  const claims: Claim[] = [];
  for (const one of work) {
    if (!isHot(one, lease)) continue;
    const { handler, order, orderKey } = one;
    claims.push({
      number,
      handler,
      fence: 1,
      leaseUntil: lease.leaseUntil,
      attempt: 1,
      order,
      orderKey,
      forced: false,
      event,
      mark: null,
      newerWaits: false,
      accountLeftAt: null,
    });
  }
  return claims;
}

/**
 * Inserts each event of the arrivals, as `insertAll`, that is the first with its key among them; null for the others as
 * well.
 */
export async function insertFirst(client: Queryable, tables: Tables, arrivals: readonly Arrival[]): Promise<(Inserted | null)[]> {
  const places = new Map<string, number>();
  arrivals.forEach(({ event: { source, livemode, account, id } }, index) => {
    const key = JSON.stringify([source, livemode, account, id]);
    if (!places.has(key)) places.set(key, index);
  });
  const first = [...places.values()];
  const inserted = await insertAll(
    client,
    tables,
    first.map((index) => arrivals[index] as Arrival),
  );
  const placed: (Inserted | null)[] = arrivals.map(() => null);
  first.forEach((index, place) => {
    placed[index] = inserted[place] ?? null;
  });
  return placed;
}

/** Stores simple arrivals in one statement. Null for events that were known, or that occur twice among them. */
export async function storeSimple(client: Queryable, tables: Tables, arrivals: readonly Arrival[]): Promise<(Stored | null)[]> {
  const inserted = await insertFirst(client, tables, arrivals);
  return arrivals.map((arrival, index) => {
    const kept = inserted[index] ?? null;
    if (kept === null) return null;
    if (kept.gone) return { outcome: "quarantined" };
    const claims = hotClaims(kept.number, arrival);
    return { outcome: "stored", claims, waiting: arrival.work.length - claims.length, connected: null, cancelled: 0, released: 0 };
  });
}

/** Stores an event, like `Inbox.store`, within a transaction. The caller must roll back after the outcome `tied`. */
export async function storeArrival(client: Queryable, tables: Tables, arrival: Arrival, retryDuplicate: boolean): Promise<Stored> {
  const { event, work, connection: change, tieGoesTo, lease } = arrival;
  const at = lease?.now ?? event.receivedAt;
  const key: AccountKey | null = change === null ? null : { source: event.source, livemode: event.livemode, account: change.account };
  const effect =
    change === null || key === null
      ? null
      : changeConnection(await lockConnection(client, tables, key), change.to, event.created, tieGoesTo);

  const [kept] = await insertAll(client, tables, [arrival]);
  if (kept === undefined || kept === null) return duplicate(client, tables, arrival, retryDuplicate);
  if (effect === "tied") return { outcome: "tied" };
  if (kept.gone) return { outcome: "quarantined" };

  const { number } = kept;
  let cancelled = 0;
  let released = 0;
  if (change !== null && key !== null && effect === "applies") {
    await saveConnection(client, tables, key, change.to, event.created);
    if (change.to === "deauthorized") cancelled = await leave(client, tables, key, event.created, at);
    else released = await releaseQuarantined(client, tables, key, event.created, at);
  }
  const claims = hotClaims(number, arrival);
  claims.push(...(await claimOrdered(client, tables, number, work, arrival)));
  const connected = effect === null ? null : effect === "applies";
  return { outcome: "stored", claims, waiting: work.length - claims.length, connected, cancelled, released };
}

/** Makes older work of order `latest` stale, and leases work that has an order, if requested. */
async function claimOrdered(
  client: Queryable,
  tables: Tables,
  number: number,
  work: readonly NewWork[],
  { event, lease }: Arrival,
): Promise<Claim[]> {
  const ordered = work.filter(({ order }) => order !== "any");
  for (const { handler, order, orderKey } of ordered) {
    if (order !== "latest") continue;
    await client.query(
      `UPDATE ${tables.work} SET state = 'stale', settled_at = $1, fence = fence + 1 WHERE (event, handler) IN (
         SELECT event, handler FROM ${tables.work}
         WHERE state = 'pending' AND sequence <> 'any' AND handler = $2 AND order_key = $3 AND created < $4 AND lease_until <= $1 AND NOT forced
         FOR UPDATE SKIP LOCKED)`,
      [lease?.now ?? event.receivedAt, handler, orderKey, event.created],
    );
  }
  if (lease === null || ordered.length === 0) return [];
  return claimEvent(
    client,
    tables,
    number,
    ordered.map(({ handler }) => handler),
    lease,
  );
}

/** A known event: adds work for handlers of a further endpoint, and retries. */
async function duplicate(client: Queryable, tables: Tables, arrival: Arrival, retry: boolean): Promise<Known> {
  const { event, lease, work } = arrival;
  const at = lease?.now ?? event.receivedAt;
  const { rows: known } = await client.query<{ number: string; type: string; endpoint: string; tells_connection: boolean }>(
    `SELECT number, type, endpoint, tells_connection FROM ${tables.events} WHERE source = $1 AND livemode = $2 AND account = $3 AND id = $4`,
    [event.source, event.livemode, event.account ?? "", event.id],
  );
  const [row] = known;
  const number = Number(row?.number ?? 0);
  const { added, gone } =
    row === undefined || row.endpoint === event.endpoint ? NOTHING_ADDED : await addMissing(client, tables, number, row, arrival);
  const claims = gone ? [] : await claimOrdered(client, tables, number, added, arrival);
  const unordered = gone ? [] : added.filter((one) => isHot(one, lease)).map(({ handler }) => handler);
  if (lease !== null && unordered.length > 0) claims.push(...(await claimEvent(client, tables, number, unordered, lease)));
  if (retry) {
    await client.query(
      `UPDATE ${tables.work} SET due_at = least(due_at, $2) WHERE event = $1 AND state = 'pending' AND lease_until <= $2`,
      [number, at],
    );
    const handlers = work.map(({ handler }) => handler);
    if (lease !== null) claims.push(...(await claimEvent(client, tables, number, handlers, lease)));
  }
  const { rows: pending } = await client.query<{ waiting: string }>(
    `SELECT count(*) AS waiting FROM ${tables.work} WHERE event = $1 AND state = 'pending'`,
    [number],
  );
  return {
    outcome: "duplicate",
    claims,
    waiting: Number(pending[0]?.waiting ?? 0),
    added: added.length,
    knownType: row?.type ?? event.type,
  };
}

/** Work added to a known event; quarantined when its account has left. */
interface Added {
  added: NewWork[];
  gone: boolean;
}
const NOTHING_ADDED: Added = { added: [], gone: false };

/**
 * Writes work for handlers with no part in a known event yet, with the bytes that came to this endpoint. Returns the
 * added work.
 */
async function addMissing(
  client: Queryable,
  tables: Tables,
  number: number,
  known: { tells_connection: boolean },
  { event, work }: Arrival,
): Promise<Added> {
  const { rows: taken } = await client.query<{ handler: string }>(`SELECT handler FROM ${tables.work} WHERE event = $1`, [number]);
  const missing = work.filter(({ handler }) => !taken.some((one) => one.handler === handler));
  if (missing.length === 0) return NOTHING_ADDED;
  const { rows: copied } = await client.query(
    `INSERT INTO ${tables.copies} (event, endpoint, api_version, body, received_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING 1`,
    [number, event.endpoint, event.apiVersion, event.body, event.receivedAt],
  );
  // The event came there before these handlers existed, so they do not get it.
  if (copied.length === 0) return NOTHING_ADDED;
  const { rows: gone } = await client.query(
    `SELECT 1 FROM ${tables.accounts} WHERE NOT $4 AND source = $1 AND livemode = $2 AND account = $3 AND status = 'deauthorized' FOR SHARE`,
    [event.source, event.livemode, event.account ?? "", known.tells_connection],
  );
  const { rows: written } = await client.query<{ handler: string }>(
    `INSERT INTO ${tables.work} (event, handler, sequence, order_key, created, rank, state, due_at, endpoint)
     SELECT $1, w.handler, w.sequence, w.order_key, $2, $3, $4, w.due_at, $5
     FROM unnest($6::text[], $7::text[], $8::text[], $9::bigint[]) AS w (handler, sequence, order_key, due_at)
     ON CONFLICT DO NOTHING RETURNING handler`,
    [
      number,
      event.created,
      event.rank,
      gone.length > 0 ? "quarantined" : "pending",
      event.endpoint,
      missing.map(({ handler }) => handler),
      missing.map(({ order }) => order),
      missing.map(({ orderKey }) => orderKey),
      missing.map(({ dueAt }) => dueAt),
    ],
  );
  return { added: missing.filter(({ handler }) => written.some((one) => one.handler === handler)), gone: gone.length > 0 };
}

/** The known state of a connection, locked until the transaction ends. */
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

/** Queued work of an account that has left. Running work is left alone, because it ends on its own. */
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

/** Like `Inbox.authorize`, within a transaction. */
export async function authorizeAccount(
  client: Queryable,
  tables: Tables,
  key: AccountKey,
  at: number,
  insists: boolean,
): Promise<{ applied: boolean; released: number }> {
  const known = await lockConnection(client, tables, key);
  const since = insists ? Math.max(at, known?.since ?? at) : at;
  if (changeConnection(known, "authorized", since, "authorized") !== "applies") return { applied: false, released: 0 };
  await saveConnection(client, tables, key, "authorized", since);
  return { applied: true, released: await releaseQuarantined(client, tables, key, insists ? (known?.since ?? at) : at, at) };
}
