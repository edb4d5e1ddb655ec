import type { Clock } from "./clock.ts";

/** The machine's own time and randomness. */
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
      // Outside Node.js a timer may be a number.
      if (!holds) timer.unref?.();
      signal.addEventListener("abort", done);
    });
  },
  timer(ms, expire) {
    const timer = setTimeout(expire, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

/** Milliseconds that never decrease, whatever happens to the machine's clock. */
export function monotonicMs(): number {
  return performance.now();
}

/** The promise's result. Rejects with the result of `late` after that many milliseconds of the machine's time. */
export function inTime<T>(promise: Promise<T>, ms: number, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
