import type { SharedClock } from "./clock.ts";
import { createSystemClock } from "./system-clock.ts";

/** Resolves with the database's time, Unix milliseconds. */
export type AskTime = () => Promise<number>;

/** Database time minus the counter, as last measured. */
interface Sample {
  offset: number;
  /** The largest error to either side: half the round trip. */
  errorMs: number;
  /** When it was measured, by the counter. */
  at: number;
}

/** How much faster or slower than true time the counter may run; good clocks stay well below this. */
const DRIFT = 100e-6;

/**
 * A sufficiently small error. The start queries again, a few times, to reach it. Answers this accurate always count.
 */
const SURE_MS = 100;
const ASK_AT_MOST = 10;

/**
 * A clock that follows the database's time. It ignores the machine's wall clock: setting the wall clock changes
 * nothing, and servers whose wall clocks differ agree on what is due and which leases have ended. `monotonic` is a
 * counter of milliseconds.
 *
 * Between two answers the clock follows the counter, which may drift some microseconds a second. It never goes back. A
 * slow answer says little, because the process may have been paused. It counts only if it is more accurate than the
 * current value.
 */
export async function createDatabaseClock(askTime: AskTime, monotonic: () => number = () => performance.now()): Promise<SharedClock> {
  let known = await sample();
  for (let asked = 1; known.errorMs > SURE_MS && asked < ASK_AT_MOST; asked++) learn(await sample());
  const clock = createSystemClock({ wall: () => known.offset + monotonic(), monotonic });

  /** The answer was true at some moment during the round trip; the middle is off by at most half of it. */
  async function sample(): Promise<Sample> {
    const asked = monotonic();
    const time = await askTime();
    const answered = monotonic();
    return { offset: time - (asked + answered) / 2, errorMs: (answered - asked) / 2, at: answered };
  }

  function learn(one: Sample): void {
    if (one.errorMs <= Math.max(known.errorMs + (one.at - known.at) * DRIFT, SURE_MS)) known = one;
  }

  return {
    ...clock,
    async ask() {
      learn(await sample());
    },
  };
}
