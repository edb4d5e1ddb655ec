import type { Fresh } from "./fetch-fresh.ts";
import type { InboxEvent } from "./inbox/inbox.ts";
import type { StripeClient } from "./stripe-client.ts";
import { ThinContext } from "./thin-context.ts";

/**
 * A thin event: it says what happened to which object, without the object itself. Where the installed `stripe` package
 * knows the type, the handler's event has the package's own type instead of this one. Source:
 * https://docs.stripe.com/event-destinations
 */
export interface ThinEvent {
  id: string;
  object: "v2.core.event";
  type: string;
  livemode: boolean;
  /** ISO 8601. */
  created: string;
  /** The account that a call about it must act for; absent for the platform's own events. */
  context?: ThinContext;
  /** The object that it is about. A singleton, such as the balance, has no id. */
  related_object?: { id?: string; type: string; url: string } | null;
  /** The whole event about the same change. */
  snapshot_event?: string;
  [field: string]: unknown;
  /** The related object as it is now; null when the event does not name one. Throws `NoClient` without a client. */
  fetchRelatedObject(): Promise<unknown>;
  /** The event with `changes`, `data` and `reason`, from the API. Throws `NoClient` without a client. */
  fetchEvent(): Promise<unknown>;
}

/** A thin event as it is sent. */
export interface SentThinEvent {
  id: string;
  context?: string | null;
  related_object?: { id?: string; type: string; url: string } | null;
}

/**
 * Adds to a thin event what the official package adds in `parseEventNotification`: its context as an object, and the
 * two methods to fetch more. Calls for the same object share a request while it runs.
 */
export function thinEvent(sent: SentThinEvent, { livemode }: Pick<InboxEvent, "livemode">, fresh: Fresh<StripeClient>): ThinEvent {
  const { id, context, related_object: related } = sent;
  const as = typeof context === "string" && context !== "" ? { stripeContext: context } : {};
  async function fetchRelatedObject(): Promise<unknown> {
    fresh.client(livemode);
    return related?.url === undefined ? null : fresh.get(related.url, livemode, as);
  }
  async function fetchEvent(): Promise<unknown> {
    const whole = await fresh.get(`/v2/core/events/${encodeURIComponent(id)}`, livemode, as);
    // According to the package's types, a fetched event has this method, too.
    return typeof whole === "object" && whole !== null && related ? Object.assign(whole, { fetchRelatedObject }) : whole;
  }
  return Object.assign(sent, {
    ...(as.stripeContext === undefined ? {} : { context: ThinContext.parse(as.stripeContext) }),
    fetchRelatedObject,
    fetchEvent,
  }) as unknown as ThinEvent;
}
