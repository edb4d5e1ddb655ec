/** A batch that failed is never halved below this. */
const LEAST = 16;

/**
 * How much larger the next batch is after one that succeeded. Trying a batch that is too large costs the time that the
 * store has for an answer.
 */
const GROWTH = 9 / 8;

/**
 * How many outcomes are stored in one commit. A commit that failed may have been too large for the time that the store
 * has: the next batch is half as large, and it grows again after each commit that succeeds.
 */
export class BatchSize {
  #most = Number.POSITIVE_INFINITY;

  /** The size of the next batch, at most `most`. */
  next(most: number): number {
    return Math.min(most, this.#most);
  }

  /** A batch of this size was not stored. */
  failed(count: number): void {
    this.#most = Math.max(LEAST, Math.floor(count / 2));
  }

  stored(): void {
    this.#most = Math.ceil(this.#most * GROWTH);
  }
}
