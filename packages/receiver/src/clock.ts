/** The receiver's source of time and randomness. A test passes its own. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number;
  /**
   * Resolves once `ms` milliseconds have passed, or at once when `signal` aborts; never rejects. `holds`: whether the
   * timer keeps an otherwise idle process running. Default: true.
   */
  sleep(ms: number, signal: AbortSignal, holds?: boolean): Promise<void>;
  /**
   * Calls `expire` once `ms` milliseconds have passed, unless the returned function was called before. Optional:
   * without it `sleep` is used, at a higher cost for each request and each try.
   */
  timer?(ms: number, expire: () => void): () => void;
  /** At least 0 and below 1: spreads retries, so that they do not all happen at once. */
  random(): number;
}

/** A clock with a different time of day. It sleeps like the given clock. */
export function withTime({ sleep, timer, random }: Clock, now: Clock["now"]): Clock {
  return { now, sleep, random, ...(timer === undefined ? {} : { timer }) };
}

/** Why a timer's sleep ends early. Without a reason, abort() creates an error, whose stack is never read. */
const CANCELLED = "cancelled";

/** Calls `expire` after `ms` milliseconds, unless the returned function is called before. */
export function startTimer(clock: Pick<Clock, "sleep" | "timer">, ms: number, expire: () => void): () => void {
  if (clock.timer !== undefined) return clock.timer(ms, expire);
  const over = new AbortController();
  void clock.sleep(ms, over.signal).then(() => {
    if (!over.signal.aborted) expire();
  });
  return () => over.abort(CANCELLED);
}
