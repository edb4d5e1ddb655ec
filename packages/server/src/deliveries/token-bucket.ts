/**
 * A token bucket for a number of attempts a second: it holds a second's worth, so that many may start at once after a
 * pause, and then one each time a token frees. Kept as one time, the one at which it will be full again. No time of its
 * own, no I/O.
 */
export class TokenBucket {
  #fullAt = Number.NEGATIVE_INFINITY;

  /** When the next token is available at this rate, Unix milliseconds: `now` or earlier when there is one. */
  freeAt(perSecond: number): number {
    // The sum of many fractions of a millisecond is off by less than a thousandth of one.
    return Math.ceil(this.#fullAt - 1_000 + 1_000 / perSecond - 0.001);
  }

  /** Takes a token, whether there is one or not. */
  take(perSecond: number, now: number): void {
    this.#fullAt = Math.max(this.#fullAt, now) + 1_000 / perSecond;
  }
}
