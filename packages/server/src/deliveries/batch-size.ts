/** So few are always stored together. */
const LEAST = 16;

/** How many times as many after one that succeeded. What is too much again costs the time that the store has for an answer. */
const GROWTH = 9 / 8;

/**
 * How many outcomes are stored in one commit. One that failed may have been too much for the store in the time that it
 * has: half as many are tried next, and some more again after each that succeeds.
 */
export class BatchSize {
  #most = Number.POSITIVE_INFINITY;

  /** How many are tried next, of `most` at most. */
  next(most: number): number {
    return Math.min(most, this.#most);
  }

  /** So many were not stored. */
  failed(count: number): void {
    this.#most = Math.max(LEAST, Math.floor(count / 2));
  }

  stored(): void {
    this.#most = Math.ceil(this.#most * GROWTH);
  }
}
