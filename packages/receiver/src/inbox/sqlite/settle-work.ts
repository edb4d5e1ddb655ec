import type { Claim, Settlement } from "../inbox.ts";
import type { SqlDatabase } from "./sql-database.ts";

/** The part of a claim that names its work. */
export type ClaimedWork = Pick<Claim, "number" | "handler" | "fence">;

/**
 * Ends and renews claims. All but `holds` run within the caller's transaction. If one returns false, it changed
 * nothing.
 */
export interface Settlements {
  holds(claim: ClaimedWork): boolean;
  settle(claim: ClaimedWork & { orderKey: string }, settlement: Settlement): boolean;
  renew(claim: ClaimedWork, leaseUntil: number): boolean;
  release(claim: ClaimedWork): void;
  note(key: string): string | null;
  setNote(key: string, value: string | null): void;
}

export function prepareSettlements(db: SqlDatabase): Settlements {
  const holds = db.prepare("SELECT 1 AS held FROM carabiner_work WHERE event = ? AND handler = ? AND fence = ? AND state = 'pending'");
  const settle = db.prepare(`
    UPDATE carabiner_work SET state = :state, due_at = coalesce(:dueAt, due_at), settled_at = :settledAt, error = :error,
      attempts = attempts - :uncounted, lease_until = 0, fence = fence + 1, forced = CASE WHEN :state = 'pending' THEN forced ELSE 0 END
    WHERE event = :event AND handler = :handler AND fence = :fence AND state = 'pending'`);
  // The same rule as `raisedMark`.
  const raiseMark = db.prepare(`
    INSERT INTO carabiner_marks (handler, order_key, created, ended) VALUES (?, ?, ?, ?)
    ON CONFLICT (handler, order_key) DO UPDATE SET
      ended = CASE WHEN excluded.created > created THEN excluded.ended WHEN excluded.created = created THEN max(ended, excluded.ended) ELSE ended END,
      created = max(created, excluded.created)`);
  const renew = db.prepare("UPDATE carabiner_work SET lease_until = ? WHERE event = ? AND handler = ? AND fence = ? AND state = 'pending'");
  const release = db.prepare(`
    UPDATE carabiner_work SET lease_until = 0, attempts = attempts - 1, fence = fence + 1
    WHERE event = ? AND handler = ? AND fence = ? AND state = 'pending'`);
  const readNote = db.prepare("SELECT value FROM carabiner_notes WHERE key = ?");
  const writeNote = db.prepare("INSERT INTO carabiner_notes (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value");
  const removeNote = db.prepare("DELETE FROM carabiner_notes WHERE key = ?");

  return {
    holds: ({ number, handler, fence }) => holds.get(number, handler, fence) !== undefined,
    settle({ number, handler, fence, orderKey }, { at, next, error, counts, mark }) {
      const { changes } = settle.run({
        state: next.state,
        dueAt: next.state === "pending" ? next.dueAt : null,
        settledAt: next.state === "pending" || next.state === "quarantined" ? null : at,
        error,
        uncounted: Number(!counts),
        event: number,
        handler,
        fence,
      });
      if (changes === 0) return false;
      if (mark !== null) raiseMark.run(handler, orderKey, mark.created, Number(mark.ended));
      return true;
    },
    renew: ({ number, handler, fence }, leaseUntil) => renew.run(leaseUntil, number, handler, fence).changes > 0,
    release({ number, handler, fence }) {
      release.run(number, handler, fence);
    },
    note(key) {
      const row = readNote.get(key);
      return row === undefined ? null : String(row.value);
    },
    setNote(key, value) {
      if (value === null) removeNote.run(key);
      else writeNote.run(key, value);
    },
  };
}
