/**
 * A value, or a promise of it. If there is nothing to wait for, a webhook saves the promise and a turn of the event
 * loop.
 */
export type Soon<T> = T | Promise<T>;

/** Whether there is something to wait for: a promise, or something that can be awaited like one. */
export function isPending<T>(soon: Soon<T>): soon is Promise<T> {
  return typeof soon === "object" && soon !== null && "then" in soon && typeof soon.then === "function";
}

/** Calls `next` with the value, at once if it is available. Returns what `next` returns. */
export function whenReady<T, Next>(soon: Soon<T>, next: (value: T) => Soon<Next>): Soon<Next> {
  return isPending(soon) ? Promise.resolve(soon).then(next) : next(soon);
}
