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

/** The real time according to the server, in Unix milliseconds, because this machine's own clock may be wrong. */
export const realNow = (): number => Date.now() + skewMs;

/** Sets the current time on the server: Unix seconds. */
export function tellServerTime({ now, frozen }: { now: number; frozen: boolean }): void {
  const ms = now * 1_000;
  const aheadMs = ms - realNow();
  // The server reports whole seconds, and an answer takes time, so a smaller difference means nothing.
  turned = { aheadMs: Math.abs(aheadMs) < 2_500 ? 0 : aheadMs, frozenAt: frozen ? ms : null };
  for (const listener of listeners) listener();
}

/**
 * Differences that the header `Date` cannot show, in milliseconds: it has whole seconds, which servers cache for
 * another second.
 */
const DATE_STEP_MS = 2_000;

/**
 * Takes the time of an answer from its header `Date`, and the times of this machine's clock when it was requested and
 * when it arrived. The known clock stays as long as it fits in between.
 */
export function tellServerDate(date: string | null, askedAt: number, cameAt: number): void {
  const at = Date.parse(date ?? "");
  if (Number.isNaN(at)) return;
  const [least, most] = [at - cameAt, at + DATE_STEP_MS - askedAt];
  if (skewMs >= least && skewMs <= most) return;
  // A correct clock is not changed, even if the answer took long.
  skewMs = least <= 0 && most >= 0 ? 0 : Math.round((least + most) / 2);
  for (const listener of listeners) listener();
}

/** The time on the server, in Unix milliseconds. */
export const serverNow = (): number => turned.frozenAt ?? realNow() + turned.aheadMs;

/**
 * The result of `read` for the server's time, computed again each second. The component is drawn again only when the
 * result differs.
 */
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
