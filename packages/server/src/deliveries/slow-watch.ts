import type { Clock } from "../clock/clock.ts";
import type { Claim } from "../store/contract/delivery-store.ts";
import { Turns, type TurnTaker } from "./turns.ts";

/** An attempt that has begun, and whose outcome is not known yet. */
export interface Attempt extends TurnTaker<Attempt> {
  claim: Claim;
  /** When it began, Unix milliseconds. */
  at: number;
  /** How many checks the watch had made when it began. */
  look: number;
  /** It has been under way for longer than an answer may take. */
  overdue: boolean;
}

/**
 * How many checks there are in the time that an answer may take. An attempt is found overdue late by at most one
 * interval.
 */
const LOOKS = 4;

/**
 * Watches attempts under way. Calls `onOverdue` once for each that takes longer than `slowMs` of the machine's time.
 */
export class SlowWatch {
  readonly #clock: Clock;
  readonly #slowMs: number;
  readonly #onOverdue: (attempt: Attempt) => void;
  readonly #onBug: (error: unknown) => void;
  /**
   * Those not yet overdue, in the order in which they began. Not a Set: its old tables would keep ended attempts alive.
   */
  readonly #attempts = new Turns<Attempt>();
  #size = 0;
  readonly #stopping = new AbortController();
  #looks = 0;
  #looking = false;

  constructor(clock: Clock, slowMs: number, onOverdue: (attempt: Attempt) => void, onBug: (error: unknown) => void) {
    this.#clock = clock;
    this.#slowMs = slowMs;
    this.#onOverdue = onOverdue;
    this.#onBug = onBug;
  }

  /** Attempts under way that are not overdue. */
  get size(): number {
    return this.#size;
  }

  /** When the first of them began, Unix milliseconds; undefined when there are none. */
  get since(): number | undefined {
    return this.#attempts.first?.at;
  }

  begin(claim: Claim, at: number): Attempt {
    const attempt: Attempt = { claim, at, look: this.#looks, overdue: false, inLine: false, before: null, behind: null };
    this.#attempts.join(attempt);
    this.#size++;
    if (!this.#looking) this.#look().catch(this.#onBug);
    return attempt;
  }

  end(attempt: Attempt): void {
    if (!attempt.inLine) return;
    this.#attempts.leave(attempt);
    this.#size--;
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** Runs for as long as anything is under way. */
  async #look(): Promise<void> {
    this.#looking = true;
    const { signal } = this.#stopping;
    while (this.#size > 0 && !signal.aborted) {
      await this.#clock.pause(this.#slowMs / LOOKS, signal);
      this.#looks++;
      // It may have begun just before a check.
      for (let attempt = this.#attempts.first; attempt !== null && this.#looks - attempt.look > LOOKS; attempt = this.#attempts.first) {
        this.end(attempt);
        attempt.overdue = true;
        this.#onOverdue(attempt);
      }
    }
    this.#looking = false;
  }
}
