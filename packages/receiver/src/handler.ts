import type Stripe from "stripe";
import type { Matching, Pattern } from "./event-pattern.ts";
import type { Order } from "./inbox/inbox.ts";
import type { RequestOptions, StripeClient } from "./stripe-client.ts";

/** What a handler is told beside the event. */
export interface HandlerContext<Event, Account extends string | null, Tx, Client> {
  /** The connected account the event is of: always there on the lane of a Connect endpoint, never on another. */
  readonly account: Account;
  readonly livemode: boolean;
  /** The name of the endpoint whose secret verified the event. */
  readonly endpoint: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /**
   * The inbox's transaction: what is done with it is kept together with the note that the event is handled, or not at all. It begins when
   * it is first read, so call the network before that. In memory it is null.
   */
  readonly tx: Tx;
  /** Aborts when the handler's time is over. */
  readonly signal: AbortSignal;
  /** When the event arrived, Unix milliseconds. */
  readonly receivedAt: number;
  /** Another event of the same object and the same second was handled before: which of them is the newer cannot be told from the events. */
  readonly tied: boolean;
  /**
   * The object as it is now, fetched with the client of the right mode and for the right account. Calls for the same object at the same time
   * share one request. Throws `NoClient` when the receiver was given no `stripe`, and what the client throws.
   */
  fresh(): Promise<ObjectOf<Event>>;
  /** The client of the event's mode, for calls of your own: `stripe.payouts.retrieve(id, {}, ctx.as)`. Reading it throws `NoClient` when there is none. */
  readonly stripe: Client;
  /** Makes a call act for the event's account. */
  readonly as: RequestOptions;
}

type ObjectOf<Event> = Event extends { data: { object: infer Resource } } ? Resource : unknown;

/** Handles an event. It succeeds when it returns; throw `Defer` to be called later, `Discard` to be left in peace, anything else to be tried again. */
export type Handler<Event, Account extends string | null, Tx, Client> = (
  event: Event,
  context: HandlerContext<Event, Account, Tx, Client>,
) => unknown;

export interface HandlerOptions {
  /**
   * Names the handler for good: its progress is kept under it. The lane and the pattern, unless given; two handlers of the same pattern need
   * one, and so does a handler of several.
   */
  id?: string;
  /** Names it had before: what waits under them is handled by it. */
  aliases?: readonly string[];
  /** `latest` for handlers of `*.updated` events alone, `any` for others. */
  order?: Order;
  /** Waits this long for further events of the same object, and handles the newest of them. Milliseconds; with order `latest` only. */
  coalesceMs?: number;
  /** How many tries before its events are dead letters. */
  attempts?: number;
  /** How long a try may take, in milliseconds. */
  timeoutMs?: number;
}

/** An event of API version 2: what happened to what, without the thing itself. */
export interface ThinEvent {
  id: string;
  object: "v2.core.event";
  type: string;
  livemode: boolean;
  /** ISO 8601. */
  created: string;
  /** Whom a call about it must act for. */
  context?: string | null;
  related_object?: { id: string; type: string; url: string } | null;
  [field: string]: unknown;
}

/** What a handler of thin events is told. */
export interface ThinContext<Tx, Client> extends Omit<HandlerContext<unknown, string | null, Tx, Client>, "fresh" | "tied"> {
  /** The thing it is about, as it is now; null when the event names none. */
  fetchRelatedObject(): Promise<unknown>;
  /** The event with its data, from the API. */
  fetchEvent(): Promise<unknown>;
}

/** What is registered for one endpoint. Each call returns the lane again. */
export interface Lane<Account extends string | null, Tx, Client extends StripeClient> {
  /** Handles events of a type, of several, of a family (`person.*`), or all (`*`). A misspelt type does not compile. */
  on<const P extends Pattern>(pattern: P, handler: Handler<Matching<P>, Account, Tx, Client>): this;
  on<const P extends Pattern>(pattern: P, options: HandlerOptions, handler: Handler<Matching<P>, Account, Tx, Client>): this;
  /** Several types need an `id`: the list may change, and what waits must find its handler. */
  on<const P extends Pattern>(
    patterns: readonly P[],
    options: HandlerOptions & { id: string },
    handler: Handler<Matching<P>, Account, Tx, Client>,
  ): this;
}

/** Any event, for handlers of the whole receiver. */
export type AnyEvent = Stripe.Event;
