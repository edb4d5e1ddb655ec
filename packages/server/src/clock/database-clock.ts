import type { SharedClock } from "./clock.ts";
import { createSystemClock } from "./system-clock.ts";

/** Resolves with the database's time, Unix milliseconds. */
export type AskTime = () => Promise<number>;

/**
 * A clock by the database's time. The machine's wall clock has no part in it: setting that changes nothing, and servers
 * whose wall clocks differ agree on what is due and which leases have ended. `monotonic` is a counter of milliseconds.
 *
 * Between two answers it goes by the counter, which may drift some microseconds a second; it never goes back.
 */
export async function createDatabaseClock(askTime: AskTime, monotonic: () => number = () => performance.now()): Promise<SharedClock> {
  /** Database time minus the counter. */
  let offset = await sample();
  const clock = createSystemClock({ wall: () => offset + monotonic(), monotonic });

  /** The answer was true at some moment between question and answer; the middle is off by half of that at most. */
  async function sample(): Promise<number> {
    const asked = monotonic();
    const time = await askTime();
    return time - (asked + monotonic()) / 2;
  }

  return {
    ...clock,
    async ask() {
      offset = await sample();
    },
  };
}
