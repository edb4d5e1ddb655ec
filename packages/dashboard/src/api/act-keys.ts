/** How long an act whose end is not known is remembered, in milliseconds. */
const REMEMBERED_MS = 600_000;

/** An act of which nobody knows whether the server has done it. */
interface Unknown {
  key: string;
  at: number;
}

const unknown = new Map<string, Unknown>();

/**
 * The idempotency key for an act, which is named by all that it asks for. The same act as one of which nobody knows
 * whether it was done has the same key, so that the server does it once. Any other act has a new one.
 */
export function keyOfAct(act: string, now: number): string {
  const before = unknown.get(act);
  unknown.delete(act);
  if (before !== undefined && now - before.at < REMEMBERED_MS) return before.key;
  // Browsers have `randomUUID` only where a page is encrypted or of the same machine.
  return `dashboard-${[...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36).padStart(7, "0")).join("")}`;
}

/** Remembers an act of which nobody knows whether it was done. */
export function rememberAct(act: string, key: string, now: number): void {
  for (const [other, { at }] of unknown) if (now - at >= REMEMBERED_MS) unknown.delete(other);
  unknown.set(act, { key, at: now });
}
