import { useSyncExternalStore } from "react";

/**
 * Whether the server answers, and knows the session. `away`: it does not answer. `unable`: it reports that it cannot
 * work. Every state except `answering` is shown on every page until it ends.
 */
export type Connection = "answering" | "away" | "signed-out" | "unable";

let now: Connection = "answering";
/** Why the server is away or unable, in its own words or the page's. */
let why = "";
const listeners = new Set<() => void>();

let signIns = 0;

/**
 * A session begins, or nobody is signed in any longer. Answers to earlier calls say nothing about the new session. Call
 * this when the data of the previous session is gone: pages are drawn again at once.
 */
export function beginSession(): void {
  signIns++;
  become("answering");
}

/** The session of this page that current calls belong to. */
export const sessionNumber = (): number => signIns;

/**
 * Reports that the server answers, or that nobody is signed in. After a session has ended, only signing in starts
 * another.
 */
export function tellConnection(next: "answering" | "signed-out"): void {
  if (now !== "signed-out") become(next);
}

/** A call was answered, so the server is running. Only the server itself says whether it can work again. */
export function tellAnswered(): void {
  if (now === "away") become("answering");
}

/** Reports that the server does not answer. */
export function sayAway(reason: string): void {
  if (now !== "signed-out") become("away", reason);
}

/** Reports that the server says that it cannot work. */
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
