import type { Attempt, Settlement } from "../inbox.ts";
import type { NewestEntries } from "./newest-entries.ts";

/** A try in memory: its commit keeps its notes. `settle` ends its claim. */
export function memoryAttempt(notes: NewestEntries<string>, settle: (settlement: Settlement) => boolean): Attempt<null> {
  let changed: Map<string, string | null> | null = null;
  let over = false;
  return {
    tx: null,
    contended: false,
    untouched: true,
    async note(key) {
      return changed?.has(key) === true ? (changed.get(key) ?? null) : (notes.get(key) ?? null);
    },
    async setNote(key, value) {
      changed = (changed ?? new Map<string, string | null>()).set(key, value);
    },
    async commit(settlement) {
      if (over || !settle(settlement)) return false;
      over = true;
      for (const [key, value] of changed ?? []) {
        if (value === null) notes.delete(key);
        else notes.set(key, value);
      }
      return true;
    },
    async rollback() {
      over = true;
    },
    async abandon() {
      over = true;
    },
  };
}
