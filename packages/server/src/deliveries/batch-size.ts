/** A batch that failed is never halved below this. */
const LEAST = 16;

/**
 * How much larger the next batch is after one that succeeded. One that is too large again costs the time that the store
 * has for an answer.
 */
const GROWTH = 9 / 8;

/**
 * How many outcomes are stored in one commit. A commit that failed may have been too large for the store in the time
 * that it has: half as many are tried next, and then some more after each commit that succeeds.
 */
export class BatchSize {
  #most = Number.POSITIVE_INFINITY;

  /** How many are tried next, of `most` at most. */
  next(most: number): number {
    return Math.min(most, this.#most);
  }

  /** A batch of so many was not stored. */
  failed(count: number): void {
    this.#most = Math.max(LEAST, Math.floor(count / 2));
  }

  stored(): void {
    this.#most = Math.ceil(this.#most * GROWTH);
  }
}
