import { type Deferred, deferred } from "./deferred.ts";
import type { Handled } from "./report.ts";
import type { Soon } from "./soon.ts";

/**
 * The outcome of a piece of work that a request has claimed; `released` when the worker was stopped before its turn.
 */
export type Worked = Handled["outcome"] | "released";

/**
 * The claims of one request. For each claim it is called once when the claim has a slot, once when its handler has
 * returned, and then once with the outcome.
 */
export class ClaimBatch {
  readonly #outcomes: Worked[] = [];
  #waiting: number;
  #handling: number;
  #noting: number;
  #returned: Deferred<void> | null = null;
  #ended: Deferred<Worked[]> | null = null;

  constructor(claims: number) {
    this.#waiting = claims;
    this.#handling = claims;
    this.#noting = claims;
  }

  begins(): void {
    this.#waiting--;
  }

  returned(): void {
    this.#handling--;
    if (this.#handling === 0) this.#returned?.resolve();
  }

  ended(outcome: Worked): void {
    this.#noting--;
    this.#outcomes.push(outcome);
    if (this.#noting === 0) this.#ended?.resolve(this.#outcomes);
  }

  /** Whether each has a slot, or had one. */
  hasBegun(): boolean {
    return this.#waiting === 0;
  }

  /** Resolves when all have returned. */
  untilReturned(): Soon<void> {
    if (this.#handling === 0) return;
    this.#returned ??= deferred<void>();
    return this.#returned.promise;
  }

  /** Resolves when all have ended, with the outcomes in the order in which they ended. */
  untilEnded(): Soon<Worked[]> {
    if (this.#noting === 0) return this.#outcomes;
    this.#ended ??= deferred<Worked[]>();
    return this.#ended.promise;
  }
}
