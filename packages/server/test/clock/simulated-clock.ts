import type { Clock } from "../../src/clock/clock.ts";
import { createSleepers } from "../../src/clock/sleepers.ts";

/** A clock that stands still until it is turned. Its wall time is the same time, and so are its pauses. */
export interface SimulatedClock extends Clock {
  /**
   * Sets the time to `to` (Unix milliseconds) and wakes, in order, those who are due. Throws a RangeError when that is
   * in the past.
   */
  advanceTo(to: number): void;
  /**
   * Turns the clock to `to` from one sleeper to the next: each wakes at its own time and gets to run, and who falls
   * asleep on the way wakes on the way. Throws a RangeError when `to` is in the past.
   */
  runTo(to: number): Promise<void>;
  /** When the next sleeper wakes, Unix milliseconds; null when nobody sleeps. */
  nextWakeAt(): number | null;
}

/** `startMs`: the time it stands at first, Unix milliseconds. */
export function createSimulatedClock(startMs: number): SimulatedClock {
  const sleepers = createSleepers();
  let time = startMs;

  function advanceTo(to: number): void {
    if (!(to >= time)) throw new RangeError(`The clock only goes forward: it stands at ${time}, and was to be set to ${to}.`);
    time = to;
    sleepers.wakeDue(to);
  }

  const sleep = (ms: number, signal: AbortSignal): Promise<void> => (ms > 0 ? sleepers.add(time + ms, signal) : Promise.resolve());

  return {
    now: () => time,
    wallNow: () => time,
    sleep,
    pause: sleep,
    nextWakeAt: () => sleepers.nextWakeAt(),
    advanceTo,
    async runTo(to) {
      for (let next = sleepers.nextWakeAt(); next !== null && next <= to; next = sleepers.nextWakeAt()) {
        advanceTo(Math.max(time, next));
        await turnOfTheEventLoop();
      }
      advanceTo(to);
      await turnOfTheEventLoop();
    },
  };
}

/** Everything that was made ready by promises alone has run after this. */
function turnOfTheEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
