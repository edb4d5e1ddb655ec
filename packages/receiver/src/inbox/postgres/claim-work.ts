import type { Claim, Wanted } from "../inbox.ts";
import { type ClaimRow, claimOf, EVENT_COLUMNS } from "./rows.ts";
import type { Tables } from "./schema.ts";
import type { Queryable } from "./transaction.ts";

/** How many blocked pieces of work are passed over before their objects are checked one by one. */
const PASSED_OVER = 200;
/** How many objects one claim then checks. */
const OBJECTS = 1_000;

export interface ClaimingRequest {
  now: number;
  leaseUntil: number;
  limit: number;
  handlers: readonly Wanted[];
}

interface Candidate {
  event: string;
  handler: string;
  sequence: string;
  order_key: string;
}

/**
 * Work that another piece of the same handler and object blocks: it is leased, or must come first. `$1` is the time;
 * `row`: the name of the work's row.
 */
export function blocked(work: string, row: string): string {
  return `(EXISTS (
    SELECT 1 FROM ${work} s WHERE s.state = 'pending' AND s.sequence <> 'any' AND s.lease_until > 0
      AND s.handler = ${row}.handler AND s.order_key = ${row}.order_key AND s.lease_until > $1 AND s.event <> ${row}.event)
    OR EXISTS (
    SELECT 1 FROM ${work} s WHERE s.state = 'pending' AND s.sequence <> 'any' AND s.handler = ${row}.handler AND s.order_key = ${row}.order_key
      AND (s.created, s.rank, s.event) < (${row}.created, ${row}.rank, ${row}.event) AND (${row}.sequence = 'serial' OR s.due_at <= $1)))`;
}

const COLUMNS = "w.event, w.handler, w.sequence, w.order_key, w.due_at, w.created, w.rank";

/** Due work without an order, the longest due first, read from its index. Skips rows that others have locked. */
function unordered({ work }: Tables): string {
  return `SELECT w.* FROM unnest($2::text[], $3::integer[]) AS wanted (handler, most) CROSS JOIN LATERAL (
      SELECT ${COLUMNS} FROM ${work} w
      WHERE w.state = 'pending' AND w.sequence = 'any' AND w.handler = wanted.handler AND w.due_at <= $1 AND w.lease_until <= $1
      ORDER BY w.due_at, w.created, w.rank, w.event LIMIT wanted.most FOR UPDATE SKIP LOCKED) w`;
}

/**
 * Due, unblocked work with an order. Reads several times as much as it needs, because others may have locked some of
 * it.
 */
function ordered({ work }: Tables): string {
  return `SELECT ${COLUMNS} FROM unnest($2::text[], $3::integer[]) AS wanted (handler, most) CROSS JOIN LATERAL (
      SELECT first.event, first.handler FROM (
        SELECT w.event, w.handler, w.sequence, w.order_key, w.due_at, w.created, w.rank FROM ${work} w
        WHERE w.state = 'pending' AND w.sequence <> 'any' AND w.handler = wanted.handler AND w.due_at <= $1 AND w.lease_until <= $1
        ORDER BY w.due_at, w.created, w.rank, w.event LIMIT ${PASSED_OVER} + wanted.most) first
      WHERE NOT ${blocked(work, "first")}
      ORDER BY first.due_at, first.created, first.rank, first.event LIMIT wanted.most * 4) found
    JOIN ${work} w ON w.event = found.event AND w.handler = found.handler
    WHERE w.state = 'pending' AND w.lease_until <= $1
    LIMIT $4 FOR UPDATE OF w SKIP LOCKED`;
}

/**
 * The first piece of work of each object of a handler, stepping from object to object. Used when the head of the queue
 * is all blocked.
 */
function byObject({ work }: Tables): string {
  const next = (after: string): string =>
    `SELECT order_key FROM ${work} WHERE state = 'pending' AND sequence <> 'any' AND handler = $2 AND order_key > ${after} ORDER BY order_key LIMIT 1`;
  return `WITH RECURSIVE objects (order_key, looks) AS (
      SELECT (${next("$4")}), 1
      UNION ALL SELECT (${next("objects.order_key")}), looks + 1 FROM objects WHERE order_key IS NOT NULL AND looks < ${OBJECTS}),
    found AS (
      SELECT first.event, first.handler FROM objects CROSS JOIN LATERAL (
        SELECT w.event, w.handler, w.sequence, w.order_key, w.created, w.rank, w.due_at, w.lease_until FROM ${work} w
        WHERE w.state = 'pending' AND w.sequence <> 'any' AND w.handler = $2 AND w.order_key = objects.order_key
        ORDER BY w.created, w.rank, w.event LIMIT 1) first
      WHERE first.due_at <= $1 AND first.lease_until <= $1 AND NOT ${blocked(work, "first")} LIMIT $3 * 4)
    SELECT ${COLUMNS} FROM found JOIN ${work} w ON w.event = found.event AND w.handler = found.handler
    WHERE w.state = 'pending' AND w.lease_until <= $1 LIMIT $3 FOR UPDATE OF w SKIP LOCKED`;
}

/** Whether all of a handler's due work that `ordered` looks at is blocked: then its objects are checked. */
function crowded({ work }: Tables): string {
  return `SELECT wanted.handler FROM unnest($2::text[]) AS wanted (handler) WHERE (
      SELECT count(*) FROM (SELECT 1 FROM ${work} w
        WHERE w.state = 'pending' AND w.sequence <> 'any' AND w.handler = wanted.handler AND w.due_at <= $1 AND w.lease_until <= $1
        LIMIT ${PASSED_OVER}) looked) = ${PASSED_OVER}`;
}

/** Where the last scan of a handler's objects ended, so that each gets its turn. */
const lookedAt = new Map<string, string>();

/**
 * Leases due work, the longest due first, within a transaction. The cost depends on how much it takes, not on how much
 * waits.
 */
export async function claimWork(client: Queryable, tables: Tables, request: ClaimingRequest): Promise<Claim[]> {
  const { now, limit, handlers } = request;
  const names = handlers.map(({ handler }) => handler);
  const most = handlers.map((wanted) => wanted.limit);
  const found: CandidateRow[] = [
    ...(await client.query<CandidateRow>(unordered(tables), [now, names, most])).rows,
    ...(await client.query<CandidateRow>(ordered(tables), [now, names, most, limit])).rows,
  ];
  const without = names.filter((name) => !found.some(({ handler }) => handler === name));
  if (found.length < limit && without.length > 0) {
    for (const { handler } of (await client.query<{ handler: string }>(crowded(tables), [now, without])).rows) {
      const after = lookedAt.get(handler) ?? "";
      for (const from of after === "" ? [""] : [after, ""]) {
        const { rows } = await client.query<CandidateRow>(byObject(tables), [now, handler, limit - found.length, from]);
        found.push(...rows);
        lookedAt.set(handler, rows.at(-1)?.order_key ?? "");
        if (rows.length > 0) break;
      }
    }
  }
  found.sort(whenDue);
  return leaseWork(client, tables, found.slice(0, limit), request);
}

/** Leases the given pieces of an event's work that are due and not blocked, within a transaction. */
export async function claimEvent(
  client: Queryable,
  tables: Tables,
  event: number,
  handlers: readonly string[],
  lease: { now: number; leaseUntil: number },
): Promise<Claim[]> {
  const { rows } = await client.query<Candidate>(
    `SELECT w.event, w.handler, w.sequence, w.order_key FROM ${tables.work} w
     WHERE w.event = $2 AND w.handler = ANY($3) AND w.state = 'pending' AND w.due_at <= $1 AND w.lease_until <= $1
       AND (w.sequence = 'any' OR NOT ${blocked(tables.work, "w")})
     FOR UPDATE SKIP LOCKED`,
    [lease.now, event, handlers],
  );
  return leaseWork(client, tables, rows, lease);
}

/** Locks handlers' objects until the transaction ends, so that one process at a time leases their work. */
export async function lockObjects(client: Queryable, objects: readonly { handler: string; orderKey: string }[]): Promise<void> {
  if (objects.length === 0) return;
  const keys = new Set(objects.map(({ handler, orderKey }) => `${handler}\n${orderKey}`));
  // Lock in one order everywhere, so that two processes never deadlock.
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM unnest($1::text[]) AS key", [[...keys].sort()]);
}

/**
 * Leases chosen work. Work with an order is checked twice, with a lock on its object in between: another process may
 * have leased work of the same object since the first check.
 */
async function leaseWork(
  client: Queryable,
  tables: Tables,
  candidates: readonly Candidate[],
  { now, leaseUntil }: { now: number; leaseUntil: number },
): Promise<Claim[]> {
  if (candidates.length === 0) return [];
  const withOrder = candidates.filter(({ sequence }) => sequence !== "any");
  await lockObjects(
    client,
    withOrder.map(({ handler, order_key: orderKey }) => ({ handler, orderKey })),
  );
  const { rows } = await client.query<ClaimRow>(
    `WITH leased AS (
       UPDATE ${tables.work} w SET lease_until = $2, fence = w.fence + 1, attempts = w.attempts + 1
       FROM unnest($3::bigint[], $4::text[]) AS chosen (event, handler)
       WHERE w.event = chosen.event AND w.handler = chosen.handler AND (w.sequence = 'any' OR NOT ${blocked(tables.work, "w")})
       RETURNING w.event, w.handler, w.fence, w.lease_until, w.attempts, w.sequence, w.order_key, w.forced, w.due_at, w.created, w.rank, w.endpoint)
     SELECT ${EVENT_COLUMNS}, coalesce(c.endpoint, e.endpoint) AS endpoint, coalesce(c.body, e.body) AS body,
       coalesce(c.received_at, e.received_at) AS received_at, CASE WHEN c.event IS NULL THEN e.api_version ELSE c.api_version END AS api_version,
       l.handler, l.fence, l.lease_until, l.attempts, l.sequence, l.order_key, l.forced,
       m.created AS mark_created, m.ended AS mark_ended,
       l.sequence = 'latest' AND EXISTS (SELECT 1 FROM ${tables.work} s
         WHERE s.state = 'pending' AND s.sequence <> 'any' AND s.handler = l.handler AND s.order_key = l.order_key AND s.created > l.created) AS newer_waits,
       (SELECT since FROM ${tables.accounts} a
         WHERE a.source = e.source AND a.livemode = e.livemode AND a.account = e.account AND a.status = 'deauthorized') AS left_at
     FROM leased l JOIN ${tables.events} e ON e.number = l.event
       LEFT JOIN ${tables.copies} c ON l.endpoint <> '' AND c.event = l.event AND c.endpoint = l.endpoint
       LEFT JOIN ${tables.marks} m ON l.sequence = 'latest' AND m.handler = l.handler AND m.order_key = l.order_key
     ORDER BY l.due_at, l.created, l.rank, l.event`,
    [now, leaseUntil, candidates.map((row) => row.event), candidates.map(({ handler }) => handler)],
  );
  return rows.map(claimOf);
}

interface CandidateRow extends Candidate {
  due_at: string;
  created: string;
  rank: number;
}

function whenDue(one: CandidateRow, other: CandidateRow): number {
  return (
    Number(one.due_at) - Number(other.due_at) ||
    Number(one.created) - Number(other.created) ||
    one.rank - other.rank ||
    Number(one.event) - Number(other.event)
  );
}
