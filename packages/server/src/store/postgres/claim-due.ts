import { claimShare } from "../claim-share.ts";
import type { ClaimRequest } from "../contract/claim-request.ts";
import type { Claim } from "../contract/delivery-store.ts";
import { LISTENER_PREFIX } from "../contract/is-listener.ts";
import type { EndpointRow } from "../contract/rows.ts";
import { kindOf } from "../delivery-codes.ts";
import { endpointOfClaim } from "../endpoint-of-claim.ts";
import type { SecretBox } from "../secret-box.ts";
import { leaseToken } from "./lease-token.ts";
import { IN_PENDING_RANGE } from "./pending-range.ts";
import { endpointRow } from "./rows.ts";
import type { Session, SqlRow } from "./session.ts";

/** The statements of a claim. */
export const CLAIM_SQL = {
  // Jumps from endpoint to endpoint through the index of pending deliveries: one look-up for each, at any backlog.
  endpoints: `
    WITH RECURSIVE walk AS (
      (SELECT endpoint, due_at FROM deliveries WHERE state = 0 AND ${IN_PENDING_RANGE} AND endpoint > $1
        ORDER BY endpoint, due_at LIMIT 1)
      UNION ALL
      SELECT next.endpoint, next.due_at FROM walk, LATERAL (
        SELECT endpoint, due_at FROM deliveries WHERE state = 0 AND ${IN_PENDING_RANGE} AND endpoint > walk.endpoint
        ORDER BY endpoint, due_at LIMIT 1
      ) AS next
    )
    SELECT p.* FROM walk JOIN endpoints p ON p.n = walk.endpoint
    WHERE walk.due_at <= $2 AND (p.paused_at IS NULL OR p.status <> 'enabled' OR p.deleted) AND p.id <> ALL($3::text[]) AND NOT starts_with(p.id, '${LISTENER_PREFIX}') AND walk.endpoint <= $4 LIMIT $5`,
  // Skips rows that another node is claiming.
  lease: `
    WITH due AS (
      SELECT d.n FROM unnest($1::bigint[], $2::integer[]) AS turn (endpoint, share), LATERAL (
        SELECT n FROM deliveries WHERE state = 0 AND ${IN_PENDING_RANGE} AND endpoint = turn.endpoint AND due_at <= $3
        ORDER BY due_at, n LIMIT turn.share FOR UPDATE SKIP LOCKED
      ) AS d
    )
    UPDATE deliveries d SET due_at = $4, lease = d.lease + 1, lease_node = $5
    FROM due, events e WHERE d.n = due.n AND e.n = d.event
    RETURNING d.n, d.id, d.kind, d.endpoint, d.attempts, d.lease, d.next_attempt_at, d.created, e.id AS event_id, e.type, e.livemode,
      CASE WHEN d.variant IS NULL THEN e.body
        ELSE (SELECT v.body FROM event_variants v WHERE v.event = d.event AND v.variant = d.variant) END AS body`,
} as const;

/** An endpoint whose turn it is. */
interface Turn {
  n: number;
  endpoint: EndpointRow;
  /** How many it may contribute. */
  most: number;
  taken: number;
}

/** Where the last claim of this node stopped. The next one continues there, so that all have their turn. */
export interface ClaimCursor {
  /** The number of the last served endpoint. */
  after: number;
}

const LAST = Number.MAX_SAFE_INTEGER;

/**
 * Leases due deliveries, endpoints in turn. First every endpoint contributes its share of the limit, then those that
 * have more fill the rest. The cost depends on the number of claims and of endpoints with pending deliveries, not the
 * backlog.
 */
export async function claimDue(
  session: Session,
  box: SecretBox,
  request: ClaimRequest,
  cursor: ClaimCursor,
  node: string,
): Promise<Claim[]> {
  const { limit, through = request.now } = request;
  if (limit <= 0) return [];
  const turns = await turnsFrom(cursor.after);
  if (turns.length === 0) return [];
  const rows: { row: SqlRow; turn: Turn }[] = [];
  let asking = turns.map((turn, index) => ({ turn, share: Math.min(turn.most, shareOf(limit, turns.length, index)) }));
  while (asking.length > 0 && rows.length < limit) {
    const got = await lease(asking);
    const full = asking.filter(({ turn, share }) => share > 0 && (got.get(turn) ?? 0) === share && turn.taken < turn.most);
    const left = limit - rows.length;
    asking = full
      .map(({ turn }, index) => ({ turn, share: Math.min(turn.most - turn.taken, shareOf(left, full.length, index)) }))
      .filter(({ share }) => share > 0);
  }
  const last = turns.filter(({ taken }) => taken > 0).at(-1);
  if (last !== undefined) cursor.after = last.n;
  return rows
    .sort((one, other) => turns.indexOf(one.turn) - turns.indexOf(other.turn) || byDue(one.row, other.row))
    .map(({ row, turn }) => claimOf(row, turn.endpoint, through + request.leaseMs));

  /** The endpoints with due deliveries, from the cursor on and then from the start. */
  async function turnsFrom(after: number): Promise<Turn[]> {
    const busy = [...request.busy];
    const found = await session.all(CLAIM_SQL.endpoints, after, through, busy, LAST, limit);
    if (found.length < limit) found.push(...(await session.all(CLAIM_SQL.endpoints, -1, through, busy, after, limit - found.length)));
    return found.map((row) => {
      const endpoint = endpointRow(row, box);
      return { n: row.n as number, endpoint, most: claimShare(endpoint, request), taken: 0 };
    });
  }

  /** Leases a share of each. Returns how many each contributed. */
  async function lease(shares: readonly { turn: Turn; share: number }[]): Promise<Map<Turn, number>> {
    const byNumber = new Map(shares.map(({ turn }) => [turn.n, turn]));
    const leased = await session.all(
      CLAIM_SQL.lease,
      shares.map(({ turn }) => turn.n),
      shares.map(({ share }) => share),
      through,
      through + request.leaseMs,
      node,
    );
    const got = new Map<Turn, number>();
    for (const row of leased) {
      const turn = byNumber.get(row.endpoint as number) as Turn;
      turn.taken++;
      got.set(turn, (got.get(turn) ?? 0) + 1);
      rows.push({ row, turn });
    }
    return got;
  }
}

/** The nth one's equal share of what is left. */
function shareOf(left: number, among: number, nth: number): number {
  return Math.floor(left / among) + (nth < left % among ? 1 : 0);
}

function byDue(one: SqlRow, other: SqlRow): number {
  return (one.next_attempt_at as number) - (other.next_attempt_at as number) || (one.n as number) - (other.n as number);
}

/** The claim of a leased row, joined with its event as in `CLAIM_SQL.lease`. */
export function claimOf(row: SqlRow, endpoint: EndpointRow, leaseUntil: number): Claim {
  return {
    deliveryId: row.id as string,
    kind: kindOf(row.kind),
    token: leaseToken(row.n as number, row.lease as number),
    leaseUntil,
    dueAt: row.next_attempt_at as number,
    created: row.created as number,
    attempt: (row.attempts as number) + 1,
    event: { id: row.event_id as string, type: row.type as string, livemode: row.livemode as boolean },
    endpoint: endpointOfClaim(endpoint),
    body: row.body as Uint8Array,
  };
}
