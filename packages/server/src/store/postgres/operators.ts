import type { AuditAct, AuditRow, ListedOperator, OperatorRow } from "../contract/rows.ts";
import type { AuditFilter, Page, PageOf } from "../contract/transaction.ts";
import type { Session } from "./database/session.ts";
import { type Condition, inRange, readPage } from "./lists/read-page.ts";
import { auditRow, operatorRow } from "./rows/rows.ts";

const NOTE_USE = "UPDATE operators SET last_used_at = $1 WHERE hash = $2 AND (last_used_at IS NULL OR last_used_at < $3)";

/** Writes an operator. */
export async function insertOperator(session: Session, { hash, name, hint, readOnly, created, expiresAt }: OperatorRow): Promise<void> {
  const sql = "INSERT INTO operators (hash, name, hint, read_only, created, expires_at) VALUES ($1, $2, $3, $4, $5, $6)";
  await session.run(sql, hash, name, hint, readOnly, created, expiresAt);
}

/** Records a use of an operator's key, unless a later one is recorded. */
export async function noteOperatorUse(session: Session, hash: string, at: number, unlessSince: number): Promise<void> {
  await session.run(NOTE_USE, at, hash, unlessSince);
}

/** All operators, newest first. */
export async function listedOperators(session: Session): Promise<ListedOperator[]> {
  const rows = await session.all("SELECT * FROM operators ORDER BY created DESC, hash");
  return rows.map((row) => ({ ...operatorRow(row), lastUsedAt: row.last_used_at as number | null }));
}

/** Writes an entry of the audit log. */
export async function insertAudit(session: Session, { at, act, accountId, subject, by, from, detail }: AuditAct): Promise<void> {
  const sql = "INSERT INTO audit (at, act, account_id, subject, by, detail, origin) VALUES ($1, $2, $3, $4, $5, $6, $7)";
  await session.run(sql, at, act, accountId, subject, by, JSON.stringify(detail), from);
}

/**
 * One page of the audit log. A group of acts is the range from its name with a point to its name with the next
 * character, `/`.
 */
export function auditPage(session: Session, { accountId, act, by, subject, at }: AuditFilter, page: Page): Promise<PageOf<AuditRow>> {
  const conditions: Condition[] = [["n > 0"], ...inRange("at", at)];
  if (accountId !== undefined) conditions.push(["account_id = ?", accountId]);
  if (by !== undefined) conditions.push(["by = ?", by]);
  if (subject !== undefined) conditions.push(["subject = ?", subject]);
  if (act !== undefined)
    conditions.push(
      act.endsWith(".*")
        ? ['act COLLATE "C" >= ? AND act COLLATE "C" < ?', act.slice(0, -1), `${act.slice(0, -2)}/`]
        : ['act COLLATE "C" = ?', act],
    );
  return readPage(session, { select: "SELECT * FROM audit", order: "n", conditions, row: auditRow }, page);
}
