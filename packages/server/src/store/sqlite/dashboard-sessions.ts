import type { DashboardSessionRow, EndedSessions } from "../contract/session-store.ts";
import { BOUND_LIMIT } from "./database/bound-limit.ts";
import type { SqlRow } from "./database/connection.ts";
import type { WorkScope } from "./database/scope.ts";

/** The most ended sessions that each new one deletes. */
const DELETED_AT_ONCE = 100;

const DELETE_ENDED = `
  DELETE FROM dashboard_sessions WHERE hash IN (
    SELECT hash FROM dashboard_sessions WHERE created < ? OR seen_at < ? ${BOUND_LIMIT}
  )`;

/** Writes a session, and deletes some of those that have ended. */
export function insertDashboardSession(scope: WorkScope, row: DashboardSessionRow, ended: EndedSessions): void {
  scope.run(DELETE_ENDED, ended.createdBefore, ended.seenBefore, DELETED_AT_ONCE);
  const sql = "INSERT INTO dashboard_sessions (hash, test_key, live_key, operator_key, created, seen_at) VALUES (?, ?, ?, ?, ?, ?)";
  scope.run(sql, row.hash, row.testKey, row.liveKey, row.operatorKey, row.created, row.seenAt);
}

export function noteSessionUse(scope: WorkScope, hash: string, at: number): void {
  scope.run("UPDATE dashboard_sessions SET seen_at = max(seen_at, ?) WHERE hash = ?", at, hash);
}

export function deleteDashboardSession(scope: WorkScope, hash: string): void {
  scope.run("DELETE FROM dashboard_sessions WHERE hash = ?", hash);
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
