import type { DashboardSessionRow, EndedSessions } from "../contract/session-store.ts";
import type { Session, SqlRow } from "./database/session.ts";

/** The most ended sessions that each new one deletes. */
const DELETED_AT_ONCE = 100;

const DELETE_ENDED = `
  DELETE FROM dashboard_sessions WHERE hash IN (
    SELECT hash FROM dashboard_sessions WHERE created < $1 OR seen_at < $2 LIMIT $3 FOR UPDATE SKIP LOCKED
  )`;

/** Writes a session, and deletes some of those that have ended. */
export async function insertDashboardSession(session: Session, row: DashboardSessionRow, ended: EndedSessions): Promise<void> {
  await session.run(DELETE_ENDED, ended.createdBefore, ended.seenBefore, DELETED_AT_ONCE);
  const sql = "INSERT INTO dashboard_sessions (hash, test_key, live_key, operator_key, created, seen_at) VALUES ($1, $2, $3, $4, $5, $6)";
  await session.run(sql, row.hash, row.testKey, row.liveKey, row.operatorKey, row.created, row.seenAt);
}

export async function noteSessionUse(session: Session, hash: string, at: number): Promise<void> {
  await session.run("UPDATE dashboard_sessions SET seen_at = greatest(seen_at, $1::bigint) WHERE hash = $2", at, hash);
}

export async function deleteDashboardSession(session: Session, hash: string): Promise<void> {
  await session.run("DELETE FROM dashboard_sessions WHERE hash = $1", hash);
}

export function dashboardSessionRow(row: SqlRow): DashboardSessionRow {
  return {
    hash: row.hash as string,
    testKey: row.test_key as string | null,
    liveKey: row.live_key as string | null,
    operatorKey: row.operator_key as string | null,
    created: row.created as number,
    seenAt: row.seen_at as number,
  };
}
