/** Where the receiver takes its time and chance from. A test gives its own. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number;
  /**
   * Resolves once `ms` milliseconds have passed, or at once when `signal` aborts; never rejects. `holds`: whether a process that has nothing
   * else to do stays for it; true unless given.
   */
  sleep(ms: number, signal: AbortSignal, holds?: boolean): Promise<void>;
  /** At least 0 and below 1: spreads retries, so that they do not come all at once. */
  random(): number;
}
