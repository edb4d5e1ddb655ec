import type { Arrival, Claim, NewWork, Stored } from "../inbox.ts";
import { blocked, lockObjects } from "./claim-work.ts";
import type { Tables } from "./schema.ts";
import { hotClaims, insertFirst } from "./store-arrival.ts";
import type { Queryable } from "./transaction.ts";

/** Whether an arrival can be stored together with others by `storeOrdered`: no connection changes. */
export function isOrdered({ work, connection }: Arrival): boolean {
  return connection === null && work.some(({ order }) => order !== "any");
}

/** A stored event, with its number. */
interface Kept {
  number: number;
  arrival: Arrival;
}

/**
 * Stores arrivals whose work has an order, within one transaction. Null for events that were known, or that occur twice
 * among them. The effect of each is the same as with `storeArrival` alone; older work of order `latest` among them is
 * stale at once.
 */
export async function storeOrdered(client: Queryable, tables: Tables, arrivals: readonly Arrival[]): Promise<(Stored | null)[]> {
  const inserted = await insertFirst(client, tables, arrivals);
  const kept: Kept[] = [];
  arrivals.forEach((arrival, index) => {
    const row = inserted[index] ?? null;
    if (row !== null && !row.gone) kept.push({ number: row.number, arrival });
  });
  await makeStale(client, tables, kept);
  const leased = await leaseNew(client, tables, kept);
  return arrivals.map((arrival, index) => {
    const row = inserted[index] ?? null;
    if (row === null) return null;
    if (row.gone) return { outcome: "quarantined" };
    const claims = [...hotClaims(row.number, arrival), ...(leased.get(row.number) ?? [])];
    return { outcome: "stored", claims, waiting: arrival.work.length - claims.length, connected: null, cancelled: 0, released: 0 };
  });
}

/** Makes waiting work of order `latest` stale that is older than what was just stored for the same object. */
async function makeStale(client: Queryable, tables: Tables, kept: readonly Kept[]): Promise<void> {
  const newer = kept.flatMap(({ arrival: { event, work, lease } }) =>
    work.filter(({ order }) => order === "latest").map((one) => ({ ...one, created: event.created, at: lease?.now ?? event.receivedAt })),
  );
  if (newer.length === 0) return;
  const { rows } = await client.query<{ event: string; handler: string; at: string }>(
    `SELECT older.event, older.handler, newer.at
     FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) AS newer (handler, order_key, created, at) CROSS JOIN LATERAL (
       SELECT w.event, w.handler FROM ${tables.work} w
       WHERE w.state = 'pending' AND w.sequence <> 'any' AND w.handler = newer.handler AND w.order_key = newer.order_key
         AND w.created < newer.created AND w.lease_until <= newer.at AND NOT w.forced
       FOR UPDATE SKIP LOCKED) older`,
    [
      newer.map(({ handler }) => handler),
      newer.map(({ orderKey }) => orderKey),
      newer.map((one) => one.created),
      newer.map(({ at }) => at),
    ],
  );
  if (rows.length === 0) return;
  await client.query(
    `UPDATE ${tables.work} w SET state = 'stale', settled_at = older.at, fence = w.fence + 1
     FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS older (event, handler, at)
     WHERE w.event = older.event AND w.handler = older.handler AND w.state = 'pending'`,
    [rows.map(({ event }) => event), rows.map(({ handler }) => handler), rows.map(({ at }) => at)],
  );
}

interface LeasedRow {
  event: string;
  handler: string;
  lease_until: string;
  mark_created: string | null;
  mark_ended: boolean | null;
  newer_waits: boolean;
}

/**
 * Leases the work that was just stored, if it is due and nothing must precede it. Returns the claims by the event's
 * number. Their accounts were checked when they were stored.
 */
async function leaseNew(client: Queryable, tables: Tables, kept: readonly Kept[]): Promise<Map<number, Claim[]>> {
  const chosen = kept.flatMap(({ number, arrival }) =>
    arrival.work.flatMap((work) =>
      arrival.lease !== null && work.order !== "any" && work.dueAt <= arrival.lease.now
        ? [{ number, arrival, work, lease: arrival.lease }]
        : [],
    ),
  );
  if (chosen.length === 0) return new Map();
  await lockObjects(
    client,
    chosen.map(({ work }) => work),
  );
  const { rows } = await client.query<LeasedRow>(
    `WITH leased AS (
       UPDATE ${tables.work} w SET lease_until = chosen.lease_until, fence = 1, attempts = 1
       FROM unnest($2::bigint[], $3::text[], $4::bigint[]) AS chosen (event, handler, lease_until)
       WHERE w.event = chosen.event AND w.handler = chosen.handler AND w.state = 'pending' AND NOT ${blocked(tables.work, "w")}
       RETURNING w.event, w.handler, w.lease_until, w.sequence, w.order_key, w.created)
     SELECT l.event, l.handler, l.lease_until, m.created AS mark_created, m.ended AS mark_ended,
       l.sequence = 'latest' AND EXISTS (SELECT 1 FROM ${tables.work} s
         WHERE s.state = 'pending' AND s.sequence <> 'any' AND s.handler = l.handler AND s.order_key = l.order_key AND s.created > l.created) AS newer_waits
     FROM leased l LEFT JOIN ${tables.marks} m ON l.sequence = 'latest' AND m.handler = l.handler AND m.order_key = l.order_key`,
    [
      Math.max(...chosen.map(({ lease }) => lease.now)),
      chosen.map(({ number }) => number),
      chosen.map(({ work }) => work.handler),
      chosen.map(({ lease }) => lease.leaseUntil),
    ],
  );
  const claims = new Map<number, Claim[]>();
  const given = new Map(chosen.map((one) => [placeOf(one.number, one.work.handler), one]));
  for (const row of rows) {
    const one = given.get(placeOf(Number(row.event), row.handler));
    if (one === undefined) continue;
    const of = claims.get(one.number) ?? [];
    claims.set(one.number, of);
    of.push(claimOf(one.number, one.arrival, one.work, row));
  }
  return claims;
}

function placeOf(number: number, handler: string): string {
  return `${number} ${handler}`;
}

function claimOf(number: number, { event }: Arrival, { handler, order, orderKey }: NewWork, row: LeasedRow): Claim {
  return {
    number,
    handler,
    fence: 1,
    leaseUntil: Number(row.lease_until),
    attempt: 1,
    order,
    orderKey,
    forced: false,
    event,
    mark: row.mark_created === null ? null : { created: Number(row.mark_created), ended: row.mark_ended === true },
    newerWaits: row.newer_waits,
    accountLeftAt: null,
  };
}
