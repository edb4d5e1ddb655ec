import { performance } from "node:perf_hooks";
import type { Clock } from "./clock.ts";

/**
 * The machine's time: its wall clock, which may be set, and a counter that only goes forward. Both are in milliseconds.
 */
export interface MachineTime {
  wall(): number;
  monotonic(): number;
}

const MACHINE: MachineTime = { wall: () => Date.now(), monotonic: () => performance.now() };

/**
 * The longest delay that `setTimeout` takes; a timer with a longer delay fires at once. Source:
 * https://nodejs.org/api/timers.html#settimeoutcallback-delay-args
 */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Real time. `now()` follows the machine's clock, even when that is set forward. When the clock is set back, `now()`
 * continues at half speed until the machine has caught up: it neither goes back nor stops, and nothing becomes due
 * early.
 *
 * A sleep keeps the process alive; abort the sleep to end that.
 */
export function createSystemClock(machine: MachineTime = MACHINE): Clock {
  let latest = machine.wall();
  let readAt = machine.monotonic();

  function now(): number {
    const wall = machine.wall();
    const monotonic = machine.monotonic();
    latest = Math.max(wall, latest + (monotonic - readAt) / 2);
    readAt = monotonic;
    return Math.floor(latest);
  }

  function sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || !(ms > 0)) return Promise.resolve();
    const wakeAt = now() + ms;
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout;
      const abort = () => {
        clearTimeout(timer);
        resolve();
      };
      const doze = (remaining: number) => {
        timer = setTimeout(
          () => {
            // Long sleeps are split into parts, and a timer may fire a fraction of a millisecond early.
            const left = wakeAt - now();
            if (left > 0) return doze(left);
            signal.removeEventListener("abort", abort);
            resolve();
          },
          Math.min(Math.ceil(remaining), LONGEST_TIMER_MS),
        );
      };
      signal.addEventListener("abort", abort, { once: true });
      doze(ms);
    });
  }

  return { now, wallNow: () => machine.wall(), sleep, pause: sleep };
}
