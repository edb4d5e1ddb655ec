import { type Deferred, deferred } from "./deferred.ts";
import type { Handled } from "./report.ts";
import type { Soon } from "./soon.ts";

/** The outcome of a piece of work that a request holds; `released` when the worker was stopped before its turn. */
export type Worked = Handled["outcome"] | "released";

/**
 * The claims of one request. It is told of each once that it has a slot, once that its handler has returned, and then
 * once how it ended.
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

  /** Until all have returned. */
  untilReturned(): Soon<void> {
    if (this.#handling === 0) return;
    this.#returned ??= deferred<void>();
    return this.#returned.promise;
  }

  /** Until all have ended: how, in the order in which they did. */
  untilEnded(): Soon<Worked[]> {
    if (this.#noting === 0) return this.#outcomes;
    this.#ended ??= deferred<Worked[]>();
    return this.#ended.promise;
  }
}
