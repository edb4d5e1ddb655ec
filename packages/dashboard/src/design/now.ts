import { useSyncExternalStore } from "react";

/** How far the server's clock is ahead of this machine's, in milliseconds, and whether it stands still at a time. */
interface ServerTime {
  aheadMs: number;
  frozenAt: number | null;
}

let server: ServerTime = { aheadMs: 0, frozenAt: null };
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** Tells what time it is on the server: Unix seconds. */
export function tellServerTime({ now, frozen }: { now: number; frozen: boolean }): void {
  const ms = now * 1_000;
  const aheadMs = ms - Date.now();
  // The server tells seconds, and an answer takes its time: a smaller difference means nothing.
  server = { aheadMs: Math.abs(aheadMs) < 2_500 ? 0 : aheadMs, frozenAt: frozen ? ms : null };
  for (const listener of listeners) listener();
}

/** The time on the server, in Unix milliseconds. */
export const serverNow = (): number => server.frozenAt ?? Date.now() + server.aheadMs;

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
