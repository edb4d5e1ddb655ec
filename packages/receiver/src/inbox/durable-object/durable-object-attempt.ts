import { type Attempt, InboxUnavailable, type Settlement } from "../inbox.ts";
import type { DurableSql } from "./storage.ts";

/** The `tx` of a handler. */
export interface DurableObjectTransaction<Sql extends DurableSql> {
  /**
   * Runs `work` once the handler has returned, in the transaction that notes the event as handled: both commit, or
   * neither. If it throws, both are rolled back, as if the handler had thrown. It must be synchronous: fetch first,
   * then write. Several run in call order.
   */
  write(work: (sql: Sql) => unknown): void;
}

/** What a try needs from the inbox. */
interface AttemptParts<Sql extends DurableSql> {
  sql: Sql;
  /** Whether this try still holds the claim. */
  holds(): boolean;
  settle(settlement: Settlement): boolean;
  note(key: string): string | null;
  setNote(key: string, value: string | null): void;
  /** Runs it in a transaction, which is rolled back if it throws. */
  transaction<T>(work: () => T): T;
}

/**
 * A try of a handler. Storage transactions are synchronous, and nothing else in the object runs during one. The try
 * therefore collects the handler's writes and runs them together with the note that it is done.
 */
export function durableObjectAttempt<Sql extends DurableSql>(parts: AttemptParts<Sql>): Attempt<DurableObjectTransaction<Sql>> {
  const notes = new Map<string, string | null>();
  const writes: ((sql: Sql) => unknown)[] = [];
  let over = false;
  let touched = false;

  function mayUse(): void {
    if (over) throw new Error("The handler has ended, or its time is over: its transaction has ended, too.");
    if (!parts.holds()) throw new InboxUnavailable("The claim was lost: the work was taken over.");
  }

  const tx: DurableObjectTransaction<Sql> = {
    write(work) {
      mayUse();
      writes.push(work);
    },
  };

  return {
    get tx() {
      mayUse();
      touched = true;
      return tx;
    },
    contended: false,
    get untouched() {
      return !touched;
    },
    async note(key) {
      mayUse();
      return notes.has(key) ? (notes.get(key) ?? null) : parts.note(key);
    },
    async setNote(key, value) {
      mayUse();
      notes.set(key, value);
    },
    async commit(settlement) {
      if (over) return false;
      over = true;
      return parts.transaction(() => {
        if (!parts.holds()) return false;
        for (const write of writes) {
          const result = write(parts.sql);
          if (result instanceof Promise) {
            result.catch(() => undefined);
            throw new Error("What tx.write() was given returned a promise: it cannot wait for anything. Fetch first, then write.");
          }
        }
        for (const [key, value] of notes) parts.setNote(key, value);
        return parts.settle(settlement);
      });
    },
    async rollback() {
      over = true;
    },
    async abandon() {
      over = true;
    },
  };
}
