import { APPLICATION_TYPES, isEndpointEventType, SELECTION_REQUIRED_TYPES } from "@carabiner/protocol";
import { isListener } from "../store/contract/is-listener.ts";
import type { EndpointRow, EventPayload } from "../store/contract/rows.ts";
import type { Subscribers } from "../store/contract/transaction.ts";
import { mayActFor } from "./connection-access.ts";

/** The parts of an event that decide its routing. */
export interface RoutedEvent {
  /** The account it happened on. */
  accountId: string;
  livemode: boolean;
  type: string;
  /** The platform whose application it concerns; null except on `account.application.*`. */
  platformId: string | null;
  /** The id of `data.object`, if it has one. */
  objectId: string | null;
  payload: EventPayload;
}

/** An endpoint that must receive an event. */
export interface Owed {
  endpoint: EndpointRow;
  /** Whether the event is a connected account's, so that the body names it in `account`. */
  asConnected: boolean;
  /** Whether it is disabled: the delivery is written as cancelled, and can be resent once the endpoint is enabled. */
  skipped: boolean;
}

/**
 * The endpoints that must receive an event, and disabled ones. Each row of the truth table in `docs/routing.md` is a
 * test. Source: https://docs.stripe.com/connect/webhooks
 */
export function route(event: RoutedEvent, { endpoints, connections }: Subscribers): Owed[] {
  const owed: Owed[] = [];
  for (const endpoint of endpoints) {
    if (endpoint.deleted || !takes(endpoint, event.payload)) continue;
    if (isListener(endpoint.id)) {
      const asConnected = listensTo(endpoint, event, connections);
      if (asConnected !== null) owed.push({ endpoint, asConnected, skipped: false });
      continue;
    }
    if (!selects(endpoint, event.type)) continue;
    const skipped = endpoint.status !== "enabled";
    if (endpoint.own && hearsOwn(endpoint, event, connections)) owed.push({ endpoint, asConnected: false, skipped });
    else if (endpoint.connect && hearsConnected(endpoint, event, connections)) owed.push({ endpoint, asConnected: true, skipped });
  }
  return owed;
}

/** Whether an endpoint receives events of a form. */
export function takes({ payload }: Pick<EndpointRow, "payload">, form: EventPayload): boolean {
  return payload === form || payload === "both";
}

/** Whether an endpoint's `enabled_events` name a type, or include it with `*`. */
export function selects(endpoint: Pick<EndpointRow, "enabledEvents">, type: string): boolean {
  if (endpoint.enabledEvents.includes(type)) return true;
  return endpoint.enabledEvents.includes("*") && !SELECTION_REQUIRED_TYPES.has(snapshotType(type)) && !isEndpointEventType(type);
}

/** The type of the whole event that a thin one stands for; other types unchanged. */
function snapshotType(type: string): string {
  return type.startsWith("v1.") ? type.slice("v1.".length) : type;
}

/**
 * A listener receives the events of both an account endpoint and a Connect endpoint of its account and mode, of any
 * type: the official CLI filters them. Returns whether the event is a connected account's; null if it is not for this
 * listener.
 */
function listensTo(endpoint: EndpointRow, event: RoutedEvent, connections: Subscribers["connections"]): boolean | null {
  if (event.livemode !== endpoint.livemode) return null;
  if (hearsOwn(endpoint, event, connections)) return false;
  return hearsConnected(endpoint, event, connections) ? true : null;
}

/**
 * An endpoint that a platform made for the account receives its events only while that platform may act for the
 * account, and never those about the account's endpoints. An event about an endpoint is not sent to that endpoint.
 */
function hearsOwn(endpoint: EndpointRow, event: RoutedEvent, connections: Subscribers["connections"]): boolean {
  const { id, accountId, livemode, madeBy } = endpoint;
  if (accountId !== event.accountId || livemode !== event.livemode || APPLICATION_TYPES.has(snapshotType(event.type))) return false;
  if (isEndpointEventType(event.type) && (madeBy !== null || id === event.objectId)) return false;
  return (
    madeBy === null ||
    mayActFor(
      connections.filter(({ platformId }) => platformId === madeBy),
      livemode,
    )
  );
}

/**
 * A live Connect endpoint receives live and test events of accounts connected in live mode; a test Connect endpoint
 * receives test events of accounts connected in test mode. So the connection must have the endpoint's mode, and only
 * the pair "live event, test endpoint" is excluded.
 */
function hearsConnected(endpoint: EndpointRow, event: RoutedEvent, connections: Subscribers["connections"]): boolean {
  if ((event.livemode && !endpoint.livemode) || isEndpointEventType(event.type)) return false;
  if (APPLICATION_TYPES.has(snapshotType(event.type)) && (endpoint.accountId !== event.platformId || endpoint.livemode !== event.livemode))
    return false;
  return connections.some(
    (connection) =>
      connection.platformId === endpoint.accountId && connection.accountId === event.accountId && connection.livemode === endpoint.livemode,
  );
}
