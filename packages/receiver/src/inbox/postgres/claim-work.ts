import type { Claim } from "../inbox.ts";
import { type ClaimRow, claimOf } from "./rows.ts";
import type { Tables } from "./schema.ts";
import type { Queryable } from "./transaction.ts";

export interface ClaimingRequest {
  now: number;
  leaseUntil: number;
  limit: number;
  handlers: readonly string[];
  /** Only the work of this event. */
  event?: number;
}

interface Candidate {
  event: string;
  handler: string;
  sequence: string;
  order_key: string;
}

/** Work of which another of the same handler and object is leased, or has to come first. `$1` is the time. */
function blocked(work: string): string {
  return `EXISTS (
    SELECT 1 FROM ${work} s
    WHERE s.state = 'pending' AND s.handler = w.handler AND s.order_key = w.order_key AND s.event <> w.event
      AND (s.lease_until > $1
        OR ((s.created, s.rank, s.event) < (w.created, w.rank, w.event) AND (w.sequence = 'serial' OR s.due_at <= $1))))`;
}

/**
 * Leases due work; to be called within a transaction. Rows that others are at are passed over. Work that has an order is looked at twice: a
 * lock on its object is taken in between, since another process may have leased its sister after the first look.
 */
export async function claimWork(client: Queryable, tables: Tables, request: ClaimingRequest): Promise<Claim[]> {
  const { now, leaseUntil, limit, handlers, event } = request;
  const { rows: candidates } = await client.query<Candidate>(
    `SELECT w.event, w.handler, w.sequence, w.order_key FROM ${tables.work} w
     WHERE w.state = 'pending' AND w.due_at <= $1 AND w.lease_until <= $1 AND w.handler = ANY($2) AND ($4::bigint IS NULL OR w.event = $4)
       AND (w.sequence = 'any' OR NOT ${blocked(tables.work)})
     ORDER BY w.due_at, w.created, w.rank, w.event LIMIT $3
     FOR UPDATE SKIP LOCKED`,
    [now, handlers, limit, event ?? null],
  );
  if (candidates.length === 0) return [];
  const keys = candidates.filter(({ sequence }) => sequence !== "any").map(({ handler, order_key: key }) => `${handler}\n${key}`);
  if (keys.length > 0) {
    // In one order everywhere, so that two processes never wait for each other.
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM unnest($1::text[]) AS key", [
      [...new Set(keys)].sort(),
    ]);
  }
  const { rows } = await client.query<ClaimRow>(
    `WITH leased AS (
       UPDATE ${tables.work} w SET lease_until = $2, fence = w.fence + 1, attempts = w.attempts + 1
       FROM unnest($3::bigint[], $4::text[]) AS chosen (event, handler)
       WHERE w.event = chosen.event AND w.handler = chosen.handler AND (w.sequence = 'any' OR NOT ${blocked(tables.work)})
       RETURNING w.*)
     SELECT e.*, l.handler, l.fence, l.lease_until, l.attempts, l.sequence, l.order_key, l.forced, l.due_at,
       m.created AS mark_created, m.ended AS mark_ended,
       EXISTS (SELECT 1 FROM ${tables.work} s
         WHERE s.state = 'pending' AND s.handler = l.handler AND s.order_key = l.order_key AND s.created > l.created) AS newer_waits,
       (SELECT since FROM ${tables.accounts} a
         WHERE a.source = e.source AND a.livemode = e.livemode AND a.account = e.account AND a.status = 'deauthorized') AS left_at
     FROM leased l JOIN ${tables.events} e ON e.number = l.event
       LEFT JOIN ${tables.marks} m ON m.handler = l.handler AND m.order_key = l.order_key
     ORDER BY l.due_at, l.created, l.rank, l.event`,
    [now, leaseUntil, candidates.map((row) => row.event), candidates.map(({ handler }) => handler)],
  );
  return rows.map(claimOf);
}
