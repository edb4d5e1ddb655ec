import type { Clock } from "../src/clock.ts";
import { START } from "./signed-webhook.ts";

/** A clock that stands until it is turned. */
export interface TurnedClock extends Clock {
  /** Turns it by so many milliseconds, from one sleeper to the next, and lets each run. */
  turn(ms: number): Promise<void>;
  /** How many sleep. */
  sleepers(): number;
}

export function turnedClock(start: number = START): TurnedClock {
  let time = start;
  const sleeping = new Set<{ until: number; wake: () => void }>();
  const turnOfTheLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  return {
    now: () => time,
    random: () => 0,
    sleepers: () => sleeping.size,
    sleep(ms, signal) {
      if (signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = (): void => {
          sleeping.delete(sleeper);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        const sleeper = { until: time + ms, wake };
        sleeping.add(sleeper);
        signal.addEventListener("abort", wake);
      });
    },
    async turn(ms) {
      const to = time + ms;
      for (;;) {
        await turnOfTheLoop();
        const next = [...sleeping].filter(({ until }) => until <= to).sort((one, other) => one.until - other.until)[0];
        if (next === undefined) break;
        time = Math.max(time, next.until);
        next.wake();
      }
      time = to;
      await turnOfTheLoop();
    },
  };
}
