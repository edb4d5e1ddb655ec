/** The receiver's source of time and randomness. A test passes its own. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number;
  /**
   * Resolves once `ms` milliseconds have passed, or at once when `signal` aborts; never rejects. `holds`: whether the
   * timer keeps an otherwise idle process running. Default: true.
   */
  sleep(ms: number, signal: AbortSignal, holds?: boolean): Promise<void>;
  /** At least 0 and below 1: spreads retries, so that they do not all come at once. */
  random(): number;
}
