import type { Claim } from "../../contract/delivery-store.ts";
import { LISTENER_PREFIX } from "../../contract/is-listener.ts";
import type { ListenerClaim } from "../../contract/listener-store.ts";
import type { ListenFeature, ListenSessionRow } from "../../contract/rows.ts";
import { stateNumber } from "../../delivery-codes.ts";
import type { SecretBox } from "../../secret-box.ts";
import type { Session, SqlRow, SqlValue } from "../database/session.ts";
import { endpointRow } from "../rows/rows.ts";
import { CLAIM_SQL } from "./claim-due.ts";
import { claimOf } from "./claims-of-rows.ts";

const NEXT_DUE = `SELECT due_at FROM pending WHERE endpoint = $1 ORDER BY endpoint, due_at LIMIT 1`;
const CANCEL = `
  WITH next AS (
    SELECT n FROM pending WHERE endpoint = (SELECT n FROM endpoints WHERE id = $2) ORDER BY due_at LIMIT $3 FOR UPDATE
  ), gone AS (
    DELETE FROM pending q USING next WHERE q.n = next.n RETURNING q.n
  )
  UPDATE deliveries d SET state = ${stateNumber("cancelled")}, gave_up = ${stateNumber("cancelled")}, settled_at = $1
  FROM gone WHERE d.n = gone.n`;

/** The numbers of all current listeners, in SQL. */
const LISTENERS = `SELECT n FROM endpoints WHERE id >= '${LISTENER_PREFIX}' AND id < '${LISTENER_PREFIX}~' AND NOT deleted`;

/**
 * Listeners and paused endpoints, which no claim includes. Disabled and deleted endpoints are claimed, so that their
 * deliveries are cancelled.
 */
export const NEVER_CLAIMED = `${LISTENERS}
  UNION ALL SELECT n FROM endpoints WHERE paused_at IS NOT NULL AND status = 'enabled' AND NOT deleted`;

/** Leases a listener's due deliveries, in the order they fell due. */
export async function claimForListener(
  session: Session,
  box: SecretBox,
  { endpointId, now, leaseMs, limit }: ListenerClaim,
  node: string,
): Promise<{ claims: Claim[]; nextDueAt: number | null }> {
  const row = await session.get("SELECT * FROM endpoints WHERE id = $1", endpointId);
  if (row === undefined) return { claims: [], nextDueAt: null };
  const endpoint = endpointRow(row, box);
  const n = row.n as number;
  const leased = await session.all(CLAIM_SQL.lease, [n], [limit], now, now + leaseMs, node);
  const byDue = (one: SqlRow, other: SqlRow) =>
    (one.next_attempt_at as number) - (other.next_attempt_at as number) || (one.n as number) - (other.n as number);
  return {
    claims: leased.sort(byDue).map((due) => claimOf(due, endpoint, now + leaseMs)),
    nextDueAt: ((await session.get(NEXT_DUE, n))?.due_at ?? null) as number | null,
  };
}

export function cancelPending(session: Session, endpointId: string, now: number, limit: number): Promise<number> {
  return session.run(CANCEL, now, endpointId, limit);
}

export async function insertListenSession(session: Session, row: ListenSessionRow): Promise<void> {
  const sql = "INSERT INTO listen_sessions VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
  await session.run(sql, ...values(row));
}

export async function updateListenSession(
  session: Session,
  { id, opened, connected, expiresAt }: Pick<ListenSessionRow, "id" | "opened" | "connected" | "expiresAt">,
): Promise<boolean> {
  const sql = "UPDATE listen_sessions SET opened = $1, connected = $2, expires_at = $3 WHERE id = $4";
  return (await session.run(sql, opened, connected, expiresAt, id)) === 1;
}

export async function deleteListenSession(session: Session, id: string): Promise<void> {
  const row = await session.get("DELETE FROM listen_sessions WHERE id = $1 RETURNING opened, endpoint_id", id);
  if (row !== undefined && !row.opened && row.endpoint_id !== null)
    await session.run("DELETE FROM endpoints WHERE id = $1", row.endpoint_id as string);
}

export function listenSessionRow(row: SqlRow): ListenSessionRow {
  return {
    id: row.id as string,
    accountId: row.account_id as string,
    livemode: row.livemode as boolean,
    keyHash: row.key_hash as string | null,
    feature: row.feature as ListenFeature,
    endpointId: row.endpoint_id as string | null,
    created: row.created as number,
    opened: row.opened as boolean,
    connected: row.connected as boolean,
    expiresAt: row.expires_at as number,
    forwards: row.forwards as ListenSessionRow["forwards"],
    filter: row.filter as ListenSessionRow["filter"],
  };
}

function values(row: ListenSessionRow): SqlValue[] {
  return [
    row.id,
    row.accountId,
    row.livemode,
    row.feature,
    row.endpointId,
    row.created,
    row.opened,
    row.connected,
    row.expiresAt,
    JSON.stringify(row.forwards),
    row.filter === null ? null : JSON.stringify(row.filter),
    row.keyHash,
  ];
}
