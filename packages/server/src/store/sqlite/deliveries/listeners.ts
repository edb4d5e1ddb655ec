import type { Claim } from "../../contract/delivery-store.ts";
import type { ListenerClaim } from "../../contract/listener-store.ts";
import type { ListenFeature, ListenSessionRow } from "../../contract/rows.ts";
import { stateNumber } from "../../delivery-codes.ts";
import type { SecretBox } from "../../secret-box.ts";
import { BOUND_LIMIT } from "../database/bound-limit.ts";
import type { SqlRow, SqlValue } from "../database/connection.ts";
import type { WorkScope } from "../database/scope.ts";
import { withinDelivery } from "../rows/delivery-number.ts";
import { endpointRow } from "../rows/rows.ts";
import { CLAIM_SQL, claimOf } from "./claim-due.ts";
import { earliestDue } from "./lanes.ts";

// A lease is what makes `due_at` differ from `next_attempt_at`.
const RELEASE = `
  UPDATE deliveries INDEXED BY deliveries_due SET due_at = next_attempt_at
  WHERE endpoint = (SELECT n FROM endpoints WHERE id = ?) AND state = 0 AND due_at <> next_attempt_at`;
const CANCEL = `
  UPDATE deliveries SET state = ${stateNumber("cancelled")}, lease = lease + 1, settled_at = ? WHERE n IN (
    SELECT n FROM deliveries INDEXED BY deliveries_due WHERE endpoint = (SELECT n FROM endpoints WHERE id = ?) AND state = 0 ${BOUND_LIMIT}
  )`;

/** Leases a listener's due deliveries. A listener has no lane: only the server that has its socket calls this. */
export function claimForListener(
  scope: WorkScope,
  box: SecretBox,
  { endpointId, now, leaseMs, limit }: ListenerClaim,
): { claims: Claim[]; nextDueAt: number | null } {
  const row = scope.get(CLAIM_SQL.endpoint, endpointId);
  if (row === undefined) return { claims: [], nextDueAt: null };
  const endpoint = endpointRow(row, box);
  const leaseUntil = now + leaseMs;
  const claims = scope.all(CLAIM_SQL.due, row.n as number, now, limit).map((due) => {
    const lease = (due.lease as number) + 1;
    scope.run(CLAIM_SQL.lease, leaseUntil, lease, due.n as number);
    return claimOf(due, endpoint, withinDelivery(due.n as number, lease), leaseUntil);
  });
  return { claims, nextDueAt: earliestDue(scope, endpointId) };
}

/** Ends an earlier process's leases of listeners' deliveries. Returns how many. */
export function releaseListeners(scope: WorkScope): number {
  let released = 0;
  for (const { endpoint_id } of scope.all("SELECT endpoint_id FROM listen_sessions WHERE endpoint_id IS NOT NULL"))
    released += scope.run(RELEASE, endpoint_id as string);
  return released;
}

export function cancelPending(scope: WorkScope, endpointId: string, now: number, limit: number): number {
  return scope.run(CANCEL, now, endpointId, limit);
}

export function insertListenSession(scope: WorkScope, row: ListenSessionRow): void {
  const sql = "INSERT INTO listen_sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  scope.run(sql, ...values(row));
}

export function updateListenSession(
  scope: WorkScope,
  { id, opened, connected, expiresAt }: Pick<ListenSessionRow, "id" | "opened" | "connected" | "expiresAt">,
): boolean {
  const sql = "UPDATE listen_sessions SET opened = ?, connected = ?, expires_at = ? WHERE id = ?";
  return scope.run(sql, Number(opened), Number(connected), expiresAt, id) === 1;
}

export function deleteListenSession(scope: WorkScope, id: string): void {
  const row = scope.get("SELECT * FROM listen_sessions WHERE id = ?", id);
  if (row === undefined) return;
  scope.run("DELETE FROM listen_sessions WHERE id = ?", id);
  if (row.opened === 0 && row.endpoint_id !== null) scope.run("DELETE FROM endpoints WHERE id = ?", row.endpoint_id as string);
}

export function listenSessionRow(row: SqlRow): ListenSessionRow {
  return {
    id: row.id as string,
    accountId: row.account_id as string,
    livemode: row.livemode === 1,
    keyHash: row.key_hash as string | null,
    feature: row.feature as ListenFeature,
    endpointId: row.endpoint_id as string | null,
    created: row.created as number,
    opened: row.opened === 1,
    connected: row.connected === 1,
    expiresAt: row.expires_at as number,
    forwards: JSON.parse(row.forwards as string) as ListenSessionRow["forwards"],
    filter: row.filter === null ? null : (JSON.parse(row.filter as string) as ListenSessionRow["filter"]),
  };
}

function values(row: ListenSessionRow): SqlValue[] {
  return [
    row.id,
    row.accountId,
    Number(row.livemode),
    row.feature,
    row.endpointId,
    row.created,
    Number(row.opened),
    Number(row.connected),
    row.expiresAt,
    JSON.stringify(row.forwards),
    row.filter === null ? null : JSON.stringify(row.filter),
    row.keyHash,
  ];
}
