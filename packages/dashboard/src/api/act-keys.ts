/** How long an act with an unknown result is remembered, in milliseconds. */
const REMEMBERED_MS = 600_000;

/** An act for which it is unknown whether the server has done it. */
interface Unknown {
  key: string;
  at: number;
}

const unknown = new Map<string, Unknown>();

/**
 * The idempotency key for an act, which is identified by everything that it asks for. An act that equals one with an
 * unknown result gets the same key, so that the server does it once. Any other act gets a new key.
 */
export function keyOfAct(act: string, now: number): string {
  const before = unknown.get(act);
  unknown.delete(act);
  if (before !== undefined && now - before.at < REMEMBERED_MS) return before.key;
  // Browsers have `randomUUID` only on an encrypted page, or a page from the same machine.
  return `dashboard-${[...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36).padStart(7, "0")).join("")}`;
}

/** Remembers an act with an unknown result. */
export function rememberAct(act: string, key: string, now: number): void {
  for (const [other, { at }] of unknown) if (now - at >= REMEMBERED_MS) unknown.delete(other);
  unknown.set(act, { key, at: now });
}
