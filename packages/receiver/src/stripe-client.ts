/**
 * The part of the official client that the receiver needs: any `new Stripe(key)` of the `stripe` package has it. Its
 * host may be Stripe's or a self-hosted one.
 */
export interface StripeClient {
  rawRequest(method: string, path: string, params?: undefined, options?: RequestOptions): Promise<unknown>;
}

/** Makes a call act for a connected account. The official client takes this as its last argument. */
export interface RequestOptions {
  stripeAccount?: string;
  /** The account of a thin event, as its `context` names it. */
  stripeContext?: string;
}

/** The API client: one, or one for each mode if both are received. */
export type Clients<Client extends StripeClient> = Client | { live: Client; test: Client };

/** The client of a mode; null when the mode has no client. */
export function clientOf<Client extends StripeClient>(clients: Clients<Client> | undefined, livemode: boolean): Client | null {
  if (clients === undefined) return null;
  return "rawRequest" in clients ? clients : livemode ? clients.live : clients.test;
}
