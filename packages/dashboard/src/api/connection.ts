import { useSyncExternalStore } from "react";

/** Whether the server answers and knows the session. `away` and `signed-out` are shown on every page until they end. */
export type Connection = "answering" | "away" | "signed-out";

let now: Connection = "answering";
const listeners = new Set<() => void>();

let signIns = 0;

/** Somebody has signed in or out: answers to what was asked before tell nothing of this session. */
export function beginSession(): void {
  signIns++;
}

/** Which session of this page calls belong to that are made now. */
export const sessionNumber = (): number => signIns;

/** Every call tells how it ended. */
export function tellConnection(next: Connection): void {
  if (next === now) return;
  now = next;
  for (const listener of listeners) listener();
}

/** The state of the connection, on a page that follows it. */
export function useConnection(): Connection {
  return useSyncExternalStore(onConnection, () => now);
}

/** Calls `listener` at each change, until the function it returns is called. */
export function onConnection(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The state of the connection now. */
export const connection = (): Connection => now;
