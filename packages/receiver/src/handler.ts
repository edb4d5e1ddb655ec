import type Stripe from "stripe";
import type { Matching, Pattern, PING, ThinPattern, WholePattern } from "./event-pattern.ts";
import type { Order } from "./inbox/inbox.ts";
import type { RequestOptions, StripeClient } from "./stripe-client.ts";

/** What a handler receives in addition to the event. */
export interface HandlerContext<Event, Account extends string | null, Tx, Client> {
  /**
   * The event's connected account: always set on the lane of a Connect endpoint, never on other lanes. The exception is
   * thin events about a v2 account, which name it on both.
   */
  readonly account: Account;
  readonly livemode: boolean;
  /** The name of the endpoint whose secret verified the event. */
  readonly endpoint: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /**
   * The inbox's transaction. Writes through it commit together with the note that the event is handled, or not at all.
   * It begins when it is first read, so make network calls before that. It is null for an inbox in memory.
   */
  readonly tx: Tx;
  /** Aborts when the handler's time is over. */
  readonly signal: AbortSignal;
  /** When the event arrived, Unix milliseconds. */
  readonly receivedAt: number;
  /** An event with the same object and second was already handled: the events do not show which one is newer. */
  readonly tied: boolean;
  /**
   * The current object, fetched with the client of the right mode and for the right account. Concurrent calls for the
   * same object share one request. For a thin event it is the related object, or null when it has none. Throws
   * `NoClient` when the receiver has no `stripe`, and what the client throws.
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

type ObjectOf<Event> = Event extends { fetchRelatedObject(): Promise<infer Resource> }
  ? Resource
  : Event extends { fetchEvent(): unknown }
    ? null
    : Event extends { data: { object: infer Resource } }
      ? Resource
      : unknown;

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
  /**
   * Default: `latest` for handlers of `*.updated` events only, `any` for others, and for several types of thin events,
   * which are about different parts of one object.
   */
  order?: Order;
  /**
   * Waits this long for more events of the same object, and handles the newest. Milliseconds; only with order `latest`.
   */
  coalesceMs?: number;
  /** The number of tries before an event becomes a dead letter. */
  attempts?: number;
  /** The maximum duration of a try, in milliseconds. */
  timeoutMs?: number;
}

/**
 * The account of an event on a lane, depending on what the handler listens for. A test of a destination has no account.
 */
export type AccountFor<P extends Pattern, Account extends string | null> = P extends typeof PING
  ? null
  : P extends `v1.${string}` | `v2.${string}`
    ? Account extends null
      ? string | null
      : Account
    : Account;

type HandlerOf<P extends Pattern, Account extends string | null, Tx, Client> = Handler<Matching<P>, AccountFor<P, Account>, Tx, Client>;

/** Registers handlers for one endpoint. Each call returns the lane. */
export interface Lane<Account extends string | null, Tx, Client extends StripeClient> {
  /**
   * Handles events of a type, of several, of a family (`person.*`), or all whole events (`*`). Types that begin with
   * `v1.` and `v2.` are thin events, which arrive at the same URL. A misspelt type does not compile.
   */
  on<const P extends Pattern>(pattern: P, handler: HandlerOf<P, Account, Tx, Client>): this;
  on<const P extends Pattern>(pattern: P, options: HandlerOptions, handler: HandlerOf<P, Account, Tx, Client>): this;
  /**
   * Several types need an `id`, because the list may change and waiting work must find its handler. They must be all
   * whole events or all thin ones.
   */
  on<const P extends WholePattern>(
    patterns: readonly P[],
    options: HandlerOptions & { id: string },
    handler: HandlerOf<P, Account, Tx, Client>,
  ): this;
  on<const P extends ThinPattern>(
    patterns: readonly P[],
    options: HandlerOptions & { id: string },
    handler: HandlerOf<P, Account, Tx, Client>,
  ): this;
}

/** Any whole event. */
export type AnyEvent = Stripe.Event;
