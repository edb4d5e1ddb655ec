import { useSyncExternalStore } from "react";

/** Whether the server answers what it is asked, and knows the session. `away` and `signed-out` are shown on every page until they end. */
export type Connection = "answering" | "away" | "signed-out";

let now: Connection = "answering";
const listeners = new Set<() => void>();

let signIns = 0;

/**
 * A session begins, or nobody is signed in any more. Answers to what was asked before tell nothing of it. Called when
 * what the session before has read is gone: pages are drawn anew at once.
 */
export function beginSession(): void {
  signIns++;
  become("answering");
}

/** Which session of this page calls belong to that are made now. */
export const sessionNumber = (): number => signIns;

/** Every call tells how it ended. What has ended begins anew by signing in alone. */
export function tellConnection(next: Connection): void {
  if (now !== "signed-out") become(next);
}

function become(next: Connection): void {
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
