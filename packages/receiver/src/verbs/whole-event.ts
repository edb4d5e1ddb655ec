import type { Fresh } from "../fetch-fresh.ts";
import type { AnyEvent } from "../handler.ts";
import type { Turn } from "../registration.ts";
import type { StripeClient } from "../stripe-client.ts";
import { type SentThinEvent, thinEvent } from "../thin-event.ts";

/**
 * The event of a turn as a whole one. A thin event is converted to the form of its whole event, with the object as it
 * is now, without `previous_attributes`; null if the object is gone. Throws `NoClient` for a thin event if the receiver
 * has no client, and what the client throws.
 */
export function wholeEvent<Tx>(turn: Turn<Tx>, fresh: Fresh<StripeClient>): AnyEvent | Promise<AnyEvent | null> {
  const body = turn.body as AnyEvent | SentThinEvent;
  return "object" in body && body.object === "event" ? body : fetched(turn, body as SentThinEvent, fresh);
}

async function fetched<Tx>({ event }: Turn<Tx>, sent: SentThinEvent, fresh: Fresh<StripeClient>): Promise<AnyEvent | null> {
  const { id, type, livemode, account, created } = event;
  const object = await currentObject(sent, event, fresh);
  if (object === null) return null;
  return {
    id,
    object: "event",
    account,
    api_version: null,
    created: Math.floor(created / 1_000),
    data: { object },
    livemode,
    pending_webhooks: 0,
    request: null,
    type: type.slice("v1.".length),
  } as unknown as AnyEvent;
}

/** The object that a thin event is about; null if it no longer exists. */
async function currentObject(sent: SentThinEvent, event: Turn<unknown>["event"], fresh: Fresh<StripeClient>): Promise<unknown> {
  try {
    const object = (await thinEvent({ ...sent }, event, fresh).fetchRelatedObject()) as { deleted?: unknown } | null;
    return object?.deleted === true ? null : object;
  } catch (error) {
    if ((error as { statusCode?: unknown }).statusCode === 404) return null;
    throw error;
  }
}
