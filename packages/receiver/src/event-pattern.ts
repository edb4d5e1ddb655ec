import type Stripe from "stripe";

/** The name of an event, as the installed `stripe` package knows them: `payout.failed`. */
export type EventType = Stripe.Event["type"];

type Prefixes<Name extends string> = Name extends `${infer Head}.${infer Rest}` ? Head | `${Head}.${Prefixes<Rest>}` : never;

/** An event's name, a family of them (`person.*`, `customer.subscription.*`), or `*` for all, types that are newer than the package included. */
export type Pattern = EventType | `${Prefixes<EventType>}.*` | "*";

/** The events a pattern stands for. */
export type Matching<P extends Pattern> = P extends "*"
  ? Stripe.Event
  : P extends `${infer Head}.*`
    ? Extract<Stripe.Event, { type: `${Head}.${string}` }>
    : Extract<Stripe.Event, { type: P }>;

/** Whether an event's type is one a pattern stands for. */
export function matches(pattern: string, type: string): boolean {
  if (pattern === "*") return true;
  return pattern.endsWith(".*") ? type.startsWith(pattern.slice(0, -1)) : pattern === type;
}
