import type { InboxEvent } from "./inbox/inbox.ts";

/** Bodies parsed during intake, for the first handler that gets each event. */
const parsed = new WeakMap<InboxEvent, unknown>();

/** Stores an event's parsed body. */
export function keepParsed(event: InboxEvent, body: unknown): void {
  parsed.set(event, body);
}

/** An event's parsed body: a new object each time, since a handler may change its own. */
export function parsedBody(event: InboxEvent): unknown {
  const kept = parsed.get(event);
  if (kept === undefined) return JSON.parse(new TextDecoder().decode(event.body)) as unknown;
  parsed.delete(event);
  return kept;
}
