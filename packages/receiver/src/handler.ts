import type Stripe from "stripe";
import type { Matching, Pattern } from "./event-pattern.ts";
import type { Order } from "./inbox/inbox.ts";
import type { RequestOptions, StripeClient } from "./stripe-client.ts";

/** What a handler receives beside the event. */
export interface HandlerContext<Event, Account extends string | null, Tx, Client> {
  /** The event's connected account: always set on the lane of a Connect endpoint, never on another. */
  readonly account: Account;
  readonly livemode: boolean;
  /** The name of the endpoint whose secret verified the event. */
  readonly endpoint: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /**
   * The inbox's transaction. Writes through it commit together with the note that the event is handled, or not at all.
   * It begins when first read, so call the network before that. In memory it is null.
   */
  readonly tx: Tx;
  /** Aborts when the handler's time is over. */
  readonly signal: AbortSignal;
  /** When the event arrived, Unix milliseconds. */
  readonly receivedAt: number;
  /** A handled event has the same object and second: the events do not tell which one is newer. */
  readonly tied: boolean;
  /**
   * The current object, fetched with the client of the right mode and for the right account. Concurrent calls for the
   * same object share one request. Throws `NoClient` when the receiver has no `stripe`, and what the client throws.
   */
  fresh(): Promise<ObjectOf<Event>>;
  /**
   * The client of the event's mode, for your own calls: `stripe.payouts.retrieve(id, {}, ctx.as)`. Reading it throws
   * `NoClient` without one.
   */
  readonly stripe: Client;
  /** Makes a call act for the event's account. */
  readonly as: RequestOptions;
}

type ObjectOf<Event> = Event extends { data: { object: infer Resource } } ? Resource : unknown;

/**
 * Handles an event. It succeeds when it returns. Throw `Defer` to be called later, `Discard` to settle the event,
 * anything else to retry.
 */
export type Handler<Event, Account extends string | null, Tx, Client> = (
  event: Event,
  context: HandlerContext<Event, Account, Tx, Client>,
) => unknown;

export interface HandlerOptions {
  /**
   * The handler's permanent name: its progress is stored under it. Default: the lane and the pattern. Two handlers of
   * the same pattern need one, and so does a handler of several patterns.
   */
  id?: string;
  /** Former names: this handler takes over the work that waits under them. */
  aliases?: readonly string[];
  /** Default: `latest` for handlers of `*.updated` events only, `any` for others. */
  order?: Order;
  /**
   * Waits this long for further events of the same object, and handles the newest. Milliseconds; only with order
   * `latest`.
   */
  coalesceMs?: number;
  /** The number of tries before an event becomes a dead letter. */
  attempts?: number;
  /** The maximum duration of a try, in milliseconds. */
  timeoutMs?: number;
}

/** An event of API version 2: it names the object and the change, without the object itself. */
export interface ThinEvent {
  id: string;
  object: "v2.core.event";
  type: string;
  livemode: boolean;
  /** ISO 8601. */
  created: string;
  /** The account that a call about it must act for. */
  context?: string | null;
  related_object?: { id: string; type: string; url: string } | null;
  [field: string]: unknown;
}

/** What a handler of thin events receives. */
export interface ThinContext<Tx, Client> extends Omit<HandlerContext<unknown, string | null, Tx, Client>, "fresh" | "tied"> {
  /** The current related object; null when the event names none. */
  fetchRelatedObject(): Promise<unknown>;
  /** The event with its data, from the API. */
  fetchEvent(): Promise<unknown>;
}

/** What is registered for one endpoint. Each call returns the lane. */
export interface Lane<Account extends string | null, Tx, Client extends StripeClient> {
  /** Handles events of a type, of several, of a family (`person.*`), or all (`*`). A misspelt type does not compile. */
  on<const P extends Pattern>(pattern: P, handler: Handler<Matching<P>, Account, Tx, Client>): this;
  on<const P extends Pattern>(pattern: P, options: HandlerOptions, handler: Handler<Matching<P>, Account, Tx, Client>): this;
  /** Several types need an `id`: the list may change, and waiting work must find its handler. */
  on<const P extends Pattern>(
    patterns: readonly P[],
    options: HandlerOptions & { id: string },
    handler: Handler<Matching<P>, Account, Tx, Client>,
  ): this;
}

/** Any event, for a whole receiver's handlers. */
export type AnyEvent = Stripe.Event;
