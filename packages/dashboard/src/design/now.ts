import { useSyncExternalStore } from "react";

/** How far the server's clock was turned from the real time, in milliseconds, and whether it stands still at a time. */
interface TurnedTime {
  aheadMs: number;
  frozenAt: number | null;
}

let turned: TurnedTime = { aheadMs: 0, frozenAt: null };
/** How far the real time on the server is ahead of this machine's clock, in milliseconds. */
let skewMs = 0;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** The real time, in Unix milliseconds, as the server has it: this machine's own clock may be wrong. */
export const realNow = (): number => Date.now() + skewMs;

/** Tells what time it is on the server: Unix seconds. */
export function tellServerTime({ now, frozen }: { now: number; frozen: boolean }): void {
  const ms = now * 1_000;
  const aheadMs = ms - realNow();
  // The server tells seconds, and an answer takes its time: a smaller difference means nothing.
  turned = { aheadMs: Math.abs(aheadMs) < 2_500 ? 0 : aheadMs, frozenAt: frozen ? ms : null };
  for (const listener of listeners) listener();
}

/** Finer differences than the header `Date` has, in milliseconds: it tells seconds, which servers keep for another. */
const DATE_STEP_MS = 2_000;

/**
 * Tells when an answer was made, as its header `Date` says, and between which times of this machine's clock it was:
 * from being asked for to having come. As long as the clock that is known fits between, it stays.
 */
export function tellServerDate(date: string | null, askedAt: number, cameAt: number): void {
  const at = Date.parse(date ?? "");
  if (Number.isNaN(at)) return;
  const [least, most] = [at - cameAt, at + DATE_STEP_MS - askedAt];
  if (skewMs >= least && skewMs <= most) return;
  // A clock that is right stays as it is, although the answer took long.
  skewMs = least <= 0 && most >= 0 ? 0 : Math.round((least + most) / 2);
  for (const listener of listeners) listener();
}

/** The time on the server, in Unix milliseconds. */
export const serverNow = (): number => turned.frozenAt ?? realNow() + turned.aheadMs;

/** What `read` makes of the server's time, read anew each second. The component is drawn again only when it differs. */
export function useServerTime<Value extends string | number | boolean>(read: (now: number) => Value): Value {
  return useSyncExternalStore(subscribe, () => read(serverNow()));
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    if (!document.hidden) for (const one of listeners) one();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
