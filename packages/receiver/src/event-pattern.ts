import type Stripe from "stripe";

/** An event name that the installed `stripe` package knows: `payout.failed`. */
export type EventType = Stripe.Event["type"];

type Prefixes<Name extends string> = Name extends `${infer Head}.${infer Rest}` ? Head | `${Head}.${Prefixes<Rest>}` : never;

/**
 * An event's name, a family (`person.*`, `customer.subscription.*`), or `*` for all, including types newer than the
 * package.
 */
export type Pattern = EventType | `${Prefixes<EventType>}.*` | "*";

/** The events that match a pattern. */
export type Matching<P extends Pattern> = P extends "*"
  ? Stripe.Event
  : P extends `${infer Head}.*`
    ? Extract<Stripe.Event, { type: `${Head}.${string}` }>
    : Extract<Stripe.Event, { type: P }>;

/** Whether an event's type matches a pattern. */
export function matches(pattern: string, type: string): boolean {
  if (pattern === "*") return true;
  return pattern.endsWith(".*") ? type.startsWith(pattern.slice(0, -1)) : pattern === type;
}
