import { NoClient } from "./handler-errors.ts";
import type { InboxEvent } from "./inbox/inbox.ts";
import { objectPath } from "./object-path.ts";
import { type Clients, clientOf, type RequestOptions, type StripeClient } from "./stripe-client.ts";

/** Fetches the current objects of events. */
export interface Fresh<Client extends StripeClient> {
  /** The client of a mode. Throws `NoClient` when there is no client. */
  client(livemode: boolean): Client;
  has(livemode: boolean): boolean;
  /** The object of an event. Calls for the same object share a request while it runs. */
  object(event: InboxEvent, body: unknown): Promise<unknown>;
  /** Fetches a path of the API. `as` makes the call act for an account. */
  get(path: string, livemode: boolean, as: RequestOptions): Promise<unknown>;
}

export function createFresh<Client extends StripeClient>(clients: Clients<Client> | undefined): Fresh<Client> {
  const underWay = new Map<string, Promise<unknown>>();

  function client(livemode: boolean): Client {
    const found = clientOf(clients, livemode);
    if (found === null) throw new NoClient("This receiver has no API client: pass createReceiver({ stripe: new Stripe(key) }).");
    return found;
  }

  function get(path: string, livemode: boolean, as: RequestOptions): Promise<unknown> {
    const key = JSON.stringify([livemode, as.stripeAccount, as.stripeContext, path]);
    const shared = underWay.get(key);
    if (shared !== undefined) return shared;
    const request = client(livemode)
      .rawRequest("GET", path, undefined, as)
      .finally(() => underWay.delete(key));
    underWay.set(key, request);
    return request;
  }

  return {
    client,
    has: (livemode) => clientOf(clients, livemode) !== null,
    get,
    async object(event, body) {
      client(event.livemode);
      const data = (body as { data?: { object?: object } }).data?.object ?? {};
      const found = objectPath(data, event.account);
      if (found === null) {
        const kind = String((data as { object?: unknown }).object);
        throw new Error(`fresh() does not know where the API keeps a ${kind}: fetch it with ctx.stripe and ctx.as.`);
      }
      return get(found.path, event.livemode, optionsFor(found.asAccount ? event.account : null));
    },
  };
}

/** The options that make a call act for an account, or for the platform itself. */
export function optionsFor(account: string | null): RequestOptions {
  return account === null ? {} : { stripeAccount: account };
}
