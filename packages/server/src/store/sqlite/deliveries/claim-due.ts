import { claimShare } from "../../claim-share.ts";
import type { ClaimRequest } from "../../contract/claim-request.ts";
import type { Claim } from "../../contract/delivery-store.ts";
import type { EndpointRow } from "../../contract/rows.ts";
import { kindOf } from "../../delivery-codes.ts";
import { endpointOfClaim } from "../../endpoint-of-claim.ts";
import type { SecretBox } from "../../secret-box.ts";
import { BOUND_LIMIT } from "../database/bound-limit.ts";
import type { SqlRow } from "../database/connection.ts";
import type { WorkScope } from "../database/scope.ts";
import { withinDelivery } from "../rows/delivery-number.ts";
import { endpointRow } from "../rows/rows.ts";
import { moveLane, withPaused } from "./lanes.ts";

/** The statements of a claim; a test checks SQLite's plan for each. */
export const CLAIM_SQL = {
  lanes: `SELECT endpoint_id FROM lanes INDEXED BY lanes_due WHERE due_at <= ? AND turn < ? ORDER BY due_at, turn ${BOUND_LIMIT}`,
  endpoint: "SELECT * FROM endpoints WHERE id = ?",
  // CROSS JOIN: from the due deliveries to their events, never the other way.
  due: `
    SELECT d.n, d.id, d.kind, d.attempts, d.lease, d.next_attempt_at, d.created, e.id AS event_id, e.type, e.livemode,
      CASE WHEN d.variant IS NULL THEN e.body
        ELSE (SELECT v.body FROM event_variants v WHERE v.event = d.event AND v.variant = d.variant) END AS body
    FROM deliveries d INDEXED BY deliveries_due CROSS JOIN events e ON e.n = d.event
    WHERE d.endpoint = ? AND d.state = 0 AND d.due_at <= ?
    ORDER BY d.due_at ${BOUND_LIMIT}`,
  lease: "UPDATE deliveries SET due_at = ?, lease = ? WHERE n = ?",
} as const;

interface Turn {
  endpointId: string;
  /** The endpoint's number. */
  n: number;
  endpoint: EndpointRow;
  taken: number;
  /** It contributed its whole share: it may have more. */
  more: boolean;
}

/**
 * Leases due deliveries, endpoints in turn. First every due lane contributes its share of the limit, then those that
 * have more fill the rest. The cost depends on the number of claims and of lanes visited, not on the backlog.
 */
export function claimDue(scope: WorkScope, box: SecretBox, request: ClaimRequest): Claim[] {
  const { now, limit, through = now } = request;
  const busy = withPaused(scope, request.busy);
  const leaseUntil = through + request.leaseMs;
  const claims: Claim[] = [];
  // Lanes moved by this claim get this turn or a later one, and are not visited again.
  const firstTurn = scope.next("turn");

  while (claims.length < limit) {
    const due = scope.all(CLAIM_SQL.lanes, through, firstTurn, limit + busy.size);
    const turns: Turn[] = [];
    for (const { endpoint_id } of due) {
      const endpointId = endpoint_id as string;
      if (!busy.has(endpointId) && turns.length < limit) turns.push(turnOf(scope, box, endpointId));
    }
    if (turns.length === 0) break;
    turns.forEach((turn, index) => {
      take(turn, Math.ceil((limit - claims.length) / (turns.length - index)));
    });
    for (const turn of turns) if (turn.more) take(turn, limit - claims.length);
    for (const { endpointId, taken } of turns) moveLane(scope, endpointId, now, taken > 0 ? leaseUntil : 0);
  }
  return claims;

  function take(turn: Turn, share: number): void {
    const count = Math.min(share, claimShare(turn.endpoint, request) - turn.taken);
    turn.more = false;
    if (count <= 0) return;
    const rows = scope.all(CLAIM_SQL.due, turn.n, through, count);
    for (const row of rows) {
      const lease = (row.lease as number) + 1;
      scope.run(CLAIM_SQL.lease, leaseUntil, lease, row.n as number);
      claims.push(claimOf(row, turn.endpoint, withinDelivery(row.n as number, lease), leaseUntil));
    }
    turn.taken += rows.length;
    turn.more = rows.length === count;
  }
}

function turnOf(scope: WorkScope, box: SecretBox, endpointId: string): Turn {
  const row = owedEndpoint(scope, endpointId);
  return { endpointId, n: row.n as number, endpoint: endpointRow(row, box), taken: 0, more: false };
}

/** An endpoint with pending deliveries. */
export function endpointOf(scope: WorkScope, box: SecretBox, endpointId: string): EndpointRow {
  return endpointRow(owedEndpoint(scope, endpointId), box);
}

function owedEndpoint(scope: WorkScope, endpointId: string): SqlRow {
  const row = scope.get(CLAIM_SQL.endpoint, endpointId);
  if (row === undefined) throw new Error(`Deliveries are owed to ${endpointId}, which is not there.`);
  return row;
}

/** The claim of a delivery's row, joined with its event as in `CLAIM_SQL.due`. */
export function claimOf(row: SqlRow, endpoint: EndpointRow, token: number, leaseUntil: number): Claim {
  return {
    deliveryId: row.id as string,
    kind: kindOf(row.kind),
    token,
    leaseUntil,
    dueAt: row.next_attempt_at as number,
    created: row.created as number,
    attempt: (row.attempts as number) + 1,
    event: { id: row.event_id as string, type: row.type as string, livemode: row.livemode === 1 },
    endpoint: endpointOfClaim(endpoint),
    body: row.body as Uint8Array,
  };
}
