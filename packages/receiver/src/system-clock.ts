import type { Clock } from "./clock.ts";

/** The machine's own time and chance. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep(ms, signal, holds = true) {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer: { unref?: () => unknown } & ReturnType<typeof setTimeout> = setTimeout(done, ms);
      // Elsewhere than in Node.js a timer may be a number.
      if (!holds) timer.unref?.();
      signal.addEventListener("abort", done);
    });
  },
  random: () => Math.random(),
};

/** Milliseconds that only ever go forward, whatever is done to the machine's time. */
export function monotonicMs(): number {
  return performance.now();
}

/** What a promise gives; or rejects with what `late` makes once so many milliseconds of the machine's time have passed. */
export function inTime<T>(promise: Promise<T>, ms: number, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
