import { type Fresh, optionsFor } from "./fetch-fresh.ts";
import type { AnyEvent, HandlerContext } from "./handler.ts";
import type { Turn } from "./registration.ts";
import type { RequestOptions, StripeClient } from "./stripe-client.ts";
import { type SentThinEvent, type ThinEvent, thinEvent } from "./thin-event.ts";

/** What a handler is called with. */
export interface Call<Event, Tx, Client> {
  event: Event;
  context: HandlerContext<Event, string | null, Tx, Client>;
}

/** What the handler of a turn is called with: the whole event, or the thin one with its ways to fetch more. */
export function callOf<Tx, Client extends StripeClient>(turn: Turn<Tx>, fresh: Fresh<Client>): Call<AnyEvent | ThinEvent, Tx, Client> {
  const body = turn.body as AnyEvent | SentThinEvent;
  if ("object" in body && body.object === "event") return { event: body, context: handlerContext(turn, fresh) };
  const sent = body as SentThinEvent;
  const { context } = sent;
  const event = thinEvent(sent, turn.event, fresh);
  return {
    event,
    // The account of an event without a context is called for as the platform.
    context: made(turn, fresh, typeof context === "string" ? { stripeContext: context } : {}, () => event.fetchRelatedObject()),
  };
}

/** Makes the context of a handler of whole events. */
export function handlerContext<Tx, Client extends StripeClient>(
  turn: Turn<Tx>,
  fresh: Fresh<Client>,
): HandlerContext<AnyEvent, string | null, Tx, Client> {
  return made(turn, fresh, optionsFor(turn.event.account), () => fresh.object(turn.event, turn.body));
}

/** `tx` is a getter: reading it begins the transaction. So is `signal`: most handlers need none. */
function made<Event, Tx, Client extends StripeClient>(
  turn: Turn<Tx>,
  fresh: Fresh<Client>,
  as: RequestOptions,
  fetch: () => Promise<unknown>,
): HandlerContext<Event, string | null, Tx, Client> {
  const { account, livemode, endpoint, receivedAt } = turn.event;
  return {
    account,
    livemode,
    endpoint,
    attempt: turn.number,
    receivedAt,
    tied: turn.tied,
    as,
    get signal() {
      return turn.signal();
    },
    get tx() {
      return turn.attempt.tx;
    },
    get stripe() {
      return fresh.client(livemode);
    },
    fresh: fetch as HandlerContext<Event, string | null, Tx, Client>["fresh"],
  };
}
