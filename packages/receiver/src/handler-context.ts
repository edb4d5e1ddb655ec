import { type Fresh, optionsFor } from "./fetch-fresh.ts";
import type { AnyEvent, HandlerContext, ThinContext, ThinEvent } from "./handler.ts";
import type { Turn } from "./registration.ts";
import type { RequestOptions, StripeClient } from "./stripe-client.ts";

/**
 * Makes the context of a handler. `tx` is a getter: reading it begins the transaction. So is `signal`: most handlers
 * need none.
 */
export function handlerContext<Tx, Client extends StripeClient>(
  turn: Turn<Tx>,
  fresh: Fresh<Client>,
): HandlerContext<AnyEvent, string | null, Tx, Client> {
  return {
    ...told(turn),
    tied: turn.tied,
    get signal() {
      return turn.signal();
    },
    get tx() {
      return turn.attempt.tx;
    },
    get stripe() {
      return fresh.client(turn.event.livemode);
    },
    fresh: () => fresh.object(turn.event, turn.body) as Promise<AnyEvent["data"]["object"]>,
  };
}

/** The same for thin events. */
export function thinContext<Tx, Client extends StripeClient>(turn: Turn<Tx>, fresh: Fresh<Client>): ThinContext<Tx, Client> {
  const { id, related_object: related, context } = turn.body as ThinEvent;
  const { livemode } = turn.event;
  // Act for an account only if the context names it: the account of a thin event may be reachable as the platform.
  const actingFor = typeof context === "string" ? turn.event.account : null;
  return {
    ...told(turn),
    get signal() {
      return turn.signal();
    },
    get tx() {
      return turn.attempt.tx;
    },
    get stripe() {
      return fresh.client(livemode);
    },
    async fetchRelatedObject() {
      fresh.client(livemode);
      return related === null || related === undefined ? null : fresh.get(related.url, livemode, actingFor);
    },
    async fetchEvent() {
      return fresh.get(`/v2/core/events/${encodeURIComponent(id)}`, livemode, actingFor);
    },
  };
}

function told<Tx>({ event, number }: Turn<Tx>): {
  account: string | null;
  livemode: boolean;
  endpoint: string;
  attempt: number;
  receivedAt: number;
  as: RequestOptions;
} {
  const { account, livemode, endpoint, receivedAt } = event;
  return { account, livemode, endpoint, attempt: number, receivedAt, as: optionsFor(account) };
}
