import type { InboxEvent } from "./inbox/inbox.ts";

/** What was parsed to take an event in, for the first handler that gets it. */
const parsed = new WeakMap<InboxEvent, unknown>();

/** Keeps what an event's bytes say. */
export function keepParsed(event: InboxEvent, body: unknown): void {
  parsed.set(event, body);
}

/** What an event's bytes say; each time another object, since a handler may change its own. */
export function parsedBody(event: InboxEvent): unknown {
  const kept = parsed.get(event);
  if (kept === undefined) return JSON.parse(new TextDecoder().decode(event.body)) as unknown;
  parsed.delete(event);
  return kept;
}
