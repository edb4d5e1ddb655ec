import { useSyncExternalStore } from "react";

/**
 * Whether the server answers what it is asked, and knows the session. `away`: it does not answer; `unable`: it says
 * itself that it cannot work. All but `answering` is shown on every page until it ends.
 */
export type Connection = "answering" | "away" | "signed-out" | "unable";

let now: Connection = "answering";
/** Why the server is away or unable, in its words or the page's. */
let why = "";
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

/** Tells that the server answers, or that nobody is signed in. What has ended begins anew by signing in alone. */
export function tellConnection(next: "answering" | "signed-out"): void {
  if (now !== "signed-out") become(next);
}

/** A call was answered: the server is there. Whether it can work again, it says itself. */
export function tellAnswered(): void {
  if (now === "away") become("answering");
}

/** Tells that the server does not answer. */
export function sayAway(reason: string): void {
  if (now !== "signed-out") become("away", reason);
}

/** Tells that the server says it cannot work. */
export function sayUnable(reason: string): void {
  if (now !== "signed-out") become("unable", reason);
}

function become(next: Connection, reason = ""): void {
  if (next === now && reason === why) return;
  now = next;
  why = reason;
  for (const listener of listeners) listener();
}

/** The state of the connection, on a page that follows it. */
export function useConnection(): Connection {
  return useSyncExternalStore(onConnection, () => now);
}

/** Why the server is away or unable; empty while it is neither. */
export function useReason(): string {
  return useSyncExternalStore(onConnection, () => why);
}

/** Calls `listener` at each change, until the function it returns is called. */
export function onConnection(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The state of the connection now. */
export const connection = (): Connection => now;
