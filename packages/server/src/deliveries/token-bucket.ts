/**
 * A token bucket for a number of attempts a second. It holds a second's worth, so that many may start at once after a
 * pause, and then one each time a token is added. Its state is one time: when it will be full again. It reads no clock
 * and does no I/O.
 */
export class TokenBucket {
  #fullAt = Number.NEGATIVE_INFINITY;

  /** When the next token is available at this rate, Unix milliseconds: `now` or earlier when there is one. */
  freeAt(perSecond: number): number {
    // The sum of many fractions of a millisecond is off by less than a thousandth of a millisecond.
    return Math.ceil(this.#fullAt - 1_000 + 1_000 / perSecond - 0.001);
  }

  /** Takes a token, whether or not one is available. */
  take(perSecond: number, now: number): void {
    this.#fullAt = Math.max(this.#fullAt, now) + 1_000 / perSecond;
  }
}
