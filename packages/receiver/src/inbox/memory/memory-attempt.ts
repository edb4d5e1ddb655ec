import type { Attempt, Claim, Settlement } from "../inbox.ts";
import type { NewestEntries } from "./newest-entries.ts";

/** What a try needs from the inbox. */
export interface MemoryAttemptParts {
  notes: NewestEntries<string>;
  /** Ends the claim. False when it was lost. */
  settle(claim: Claim, settlement: Settlement): boolean;
}

/** A try in memory: its commit keeps its notes. */
export class MemoryAttempt implements Attempt<null> {
  readonly tx = null;
  readonly contended = false;
  readonly untouched = true;
  readonly #claim: Claim;
  readonly #inbox: MemoryAttemptParts;
  #changed: Map<string, string | null> | null = null;
  #over = false;

  constructor(claim: Claim, inbox: MemoryAttemptParts) {
    this.#claim = claim;
    this.#inbox = inbox;
  }

  async note(key: string): Promise<string | null> {
    return this.#changed?.has(key) === true ? (this.#changed.get(key) ?? null) : (this.#inbox.notes.get(key) ?? null);
  }

  async setNote(key: string, value: string | null): Promise<void> {
    this.#changed = (this.#changed ?? new Map<string, string | null>()).set(key, value);
  }

  commit(settlement: Settlement): boolean {
    if (this.#over || !this.#inbox.settle(this.#claim, settlement)) return false;
    this.#over = true;
    if (this.#changed === null) return true;
    for (const [key, value] of this.#changed) {
      if (value === null) this.#inbox.notes.delete(key);
      else this.#inbox.notes.set(key, value);
    }
    return true;
  }

  rollback(): void {
    this.#over = true;
  }

  abandon(): void {
    this.#over = true;
  }
}
