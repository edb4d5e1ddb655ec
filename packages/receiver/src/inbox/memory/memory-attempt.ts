import type { Attempt, Settlement } from "../inbox.ts";

/** A try in memory: its notes are kept when it is committed. `settle`: ends its claim. `written`: called after the notes were changed. */
export function memoryAttempt(
  notes: Map<string, string>,
  settle: (settlement: Settlement) => boolean,
  written: (notes: Map<string, string>) => void,
): Attempt<null> {
  const changed = new Map<string, string | null>();
  let over = false;
  return {
    tx: null,
    contended: false,
    untouched: true,
    async note(key) {
      return changed.has(key) ? (changed.get(key) ?? null) : (notes.get(key) ?? null);
    },
    async setNote(key, value) {
      changed.set(key, value);
    },
    async commit(settlement) {
      if (over || !settle(settlement)) return false;
      over = true;
      for (const [key, value] of changed) {
        notes.delete(key);
        if (value !== null) notes.set(key, value);
      }
      written(notes);
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
