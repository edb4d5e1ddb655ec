import type { SharedClock } from "./clock.ts";
import { createSystemClock } from "./system-clock.ts";

/** Resolves with the database's time, Unix milliseconds. */
export type AskTime = () => Promise<number>;

/** Database time minus the counter, as it was learned. */
interface Sample {
  offset: number;
  /** How far off it may be, to either side: half of what the answer took. */
  errorMs: number;
  /** When, by the counter. */
  at: number;
}

/** How much faster or slower than true time the counter may go; good clocks stay well below. */
const DRIFT = 100e-6;

/** So close is close enough: a start that is less sure asks again, so often at most; an answer that is as sure is always taken. */
const SURE_MS = 100;
const ASK_AT_MOST = 10;

/**
 * A clock by the database's time. The machine's wall clock has no part in it: setting that changes nothing, and servers
 * whose wall clocks differ agree on what is due and which leases have ended. `monotonic` is a counter of milliseconds.
 *
 * Between two answers it goes by the counter, which may drift some microseconds a second; it never goes back. An answer
 * that took long says little: the process may have stood still while it came. It is taken only when it is surer than what
 * is known already.
 */
export async function createDatabaseClock(askTime: AskTime, monotonic: () => number = () => performance.now()): Promise<SharedClock> {
  let known = await sample();
  for (let asked = 1; known.errorMs > SURE_MS && asked < ASK_AT_MOST; asked++) learn(await sample());
  const clock = createSystemClock({ wall: () => known.offset + monotonic(), monotonic });

  /** The answer was true at some moment between question and answer; the middle is off by half of that at most. */
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
