import type { AuditAct, AuditRow, ListedOperator, OperatorRow } from "../contract/rows.ts";
import type { AuditFilter, Page, PageOf } from "../contract/transaction.ts";
import type { WorkScope } from "./database/scope.ts";
import { type Condition, inRange, readPage } from "./lists/read-page.ts";
import { auditRow, operatorRow } from "./rows/rows.ts";

const NOTE_USE = "UPDATE operators SET last_used_at = ? WHERE hash = ? AND (last_used_at IS NULL OR last_used_at < ?)";

/** Writes an operator. */
export function insertOperator(scope: Pick<WorkScope, "run">, { hash, name, hint, readOnly, created, expiresAt }: OperatorRow): void {
  const sql = "INSERT INTO operators (hash, name, hint, read_only, created, expires_at) VALUES (?, ?, ?, ?, ?, ?)";
  scope.run(sql, hash, name, hint, Number(readOnly), created, expiresAt);
}

/** Records a use of an operator's key, unless a later one is recorded. */
export function noteOperatorUse(scope: Pick<WorkScope, "run">, hash: string, at: number, unlessSince: number): void {
  scope.run(NOTE_USE, at, hash, unlessSince);
}

/** All operators, newest first. */
export function listedOperators(scope: Pick<WorkScope, "all">): ListedOperator[] {
  const rows = scope.all("SELECT * FROM operators ORDER BY created DESC, hash");
  return rows.map((row) => ({ ...operatorRow(row), lastUsedAt: row.last_used_at as number | null }));
}

/** Writes an entry of the audit log. */
export function insertAudit(scope: Pick<WorkScope, "run">, { at, act, accountId, subject, by, from, detail }: AuditAct): void {
  const sql = "INSERT INTO audit (at, act, account_id, subject, by, detail, origin) VALUES (?, ?, ?, ?, ?, ?, ?)";
  scope.run(sql, at, act, accountId, subject, by, JSON.stringify(detail), from);
}

/**
 * One page of the audit log. A group of acts is the range from its name with a point to its name with the next
 * character, `/`.
 */
export function auditPage(scope: Pick<WorkScope, "all">, { accountId, act, by, subject, at }: AuditFilter, page: Page): PageOf<AuditRow> {
  const conditions: Condition[] = [["n > 0"], ...inRange("at", at)];
  if (accountId !== undefined) conditions.push(["account_id = ?", accountId]);
  if (by !== undefined) conditions.push(["by = ?", by]);
  if (subject !== undefined) conditions.push(["subject = ?", subject]);
  if (act !== undefined)
    conditions.push(act.endsWith(".*") ? ["act >= ? AND act < ?", act.slice(0, -1), `${act.slice(0, -2)}/`] : ["act = ?", act]);
  return readPage(scope, { select: "SELECT * FROM audit", order: "n", conditions, row: auditRow }, page);
}
