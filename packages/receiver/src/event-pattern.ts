import type Stripe from "stripe";
import type { ThinEvent } from "./thin-event.ts";

/** The name of a whole event that the installed `stripe` package knows: `payout.failed`. */
export type EventType = Stripe.Event["type"];

/**
 * The thin events that the installed `stripe` package knows, as its `parseEventNotification` returns them. The package
 * has this from version 19 on.
 */
type Notification = Stripe extends { parseEventNotification: (...given: never[]) => infer Known } ? Known : never;

type NameOf<Event> = Event extends { type: infer Name extends string } ? (string extends Name ? never : Name) : never;

/**
 * The name of a thin event that the installed `stripe` package knows: `v2.core.account.created`, `v1.account.updated`.
 */
export type ThinEventType = NameOf<Notification>;

/** Versions of the package before 23 lack most thin events, so their names cannot be checked. */
type Unchecked<Name> = "v1.account.updated" extends ThinEventType ? never : Name;

type Prefixes<Name extends string> = Name extends `${infer Head}.${infer Rest}` ? Head | `${Head}.${Prefixes<Rest>}` : never;

/**
 * A whole event's name, a family (`person.*`, `customer.subscription.*`), or `*` for all whole events, including types
 * newer than the package.
 */
export type WholePattern = EventType | `${Prefixes<EventType>}.*` | "*";

/** A thin event's name, as far as the installed package knows it. */
export type ThinName = ThinEventType | Unchecked<`v1.${string}` | `v2.${string}`>;

/** A thin event's name, or a family: `v1.person.*`, `v2.core.*`. */
export type ThinPattern = ThinName | `${Prefixes<ThinEventType>}.*`;

/** What a handler may listen for. */
export type Pattern = WholePattern | ThinPattern;

/** The events that match a pattern. */
export type Matching<P extends Pattern> = P extends `v1.${string}` | `v2.${string}`
  ? MatchingThin<P>
  : P extends "*"
    ? Stripe.Event
    : P extends `${infer Head}.*`
      ? Extract<Stripe.Event, { type: `${Head}.${string}` }>
      : Extract<Stripe.Event, { type: P }>;

type MatchingThin<P extends string> = P extends `${infer Head}.*`
  ? Extract<Notification, { type: `${Head}.${string}` }> | Unchecked<ThinEvent>
  : P extends ThinEventType
    ? Extract<Notification, { type: P }>
    : ThinEvent;

/** The event that tests a destination. Only a handler for exactly this name gets it. */
export const PING = "v2.core.event_destination.ping";

/** Whether a type or a pattern is for thin events: no whole event has a name that begins like this. */
export function isThin(name: string): boolean {
  return name.startsWith("v1.") || name.startsWith("v2.");
}

/** Whether an event's type matches a pattern. */
export function matches(pattern: string, type: string): boolean {
  if (pattern === type) return true;
  if (pattern === "*") return !isThin(type);
  return pattern.endsWith(".*") && type.startsWith(pattern.slice(0, -1)) && type !== PING;
}
