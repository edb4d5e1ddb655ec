import { type IdSource, isThinName } from "@carabiner/protocol";
import type { DeliveryKind, EndpointRow, EventRow, NewDelivery } from "../store/contract/rows.ts";
import type { Subscribers, Transaction } from "../store/contract/transaction.ts";
import { knownVersion, type Rendering, renderAgain, renderingName } from "./render-event.ts";
import { type Owed, route } from "./route.ts";
import { notificationName, renderNotification } from "./thin-event.ts";

/** A request to resend an event. */
export interface Resend {
  event: EventRow;
  /** Where to send it: each must be one of `resendable`. */
  to: readonly Owed[];
  /** `manual` for one try each, `resent` for the retries of the policy. */
  kind: Exclude<DeliveryKind, "automatic">;
  now: number;
  ids: IdSource;
}

/**
 * Resends a recorded event to each endpoint, in a delivery that does not affect the automatic ones. It sends the
 * recorded bytes. For an endpoint that did not get the event when it happened, it renders them now.
 * Source: https://docs.stripe.com/webhooks#manual-retries
 */
export async function resendEvent(tx: Transaction, { event, to, kind, now, ids }: Resend): Promise<void> {
  const deliveries: NewDelivery[] = [];
  for (const owed of to) {
    const { endpoint } = owed;
    const { variant, body } = await recordedBody(tx, event, owed);
    deliveries.push({ id: ids.newId("delivery", now), kind, event, endpoint, variant, body, dueAt: now, created: now });
  }
  await tx.insertDeliveries(deliveries);
}

/** The endpoints that would receive the event if it happened now, regardless of their enabled types. */
export function resendable(event: EventRow, subscribers: Subscribers, platformId: string | null): Owed[] {
  const open = subscribers.endpoints.map((endpoint) => ({ ...endpoint, enabledEvents: [event.type] }));
  const { accountId, livemode, type, objectId } = event;
  const payload = isThinName(type) ? "thin" : "snapshot";
  const as = new Map(subscribers.endpoints.map((endpoint) => [endpoint.id, endpoint]));
  return route({ accountId, livemode, type, platformId, objectId, payload }, { ...subscribers, endpoints: open })
    .filter(({ skipped }) => !skipped)
    .map((owed) => ({ ...owed, endpoint: as.get(owed.endpoint.id) ?? owed.endpoint }));
}

/**
 * The version for an endpoint without one: the event's, if published with another than its account's, else the owner's.
 */
async function defaultVersion(tx: Transaction, event: EventRow, endpoint: EndpointRow): Promise<string | undefined> {
  const { api_version: own } = JSON.parse(Buffer.from(event.body).toString()) as { api_version: string };
  const account = await tx.account(event.accountId);
  return account !== null && own !== knownVersion(account.apiVersion) ? own : (await tx.account(endpoint.accountId))?.apiVersion;
}

/** The recorded bytes of an endpoint's rendering. A missing rendering is made now, and kept. */
async function recordedBody(
  tx: Transaction,
  event: EventRow,
  { endpoint, asConnected }: Owed,
): Promise<{ variant: string | null; body: Uint8Array }> {
  if (isThinName(event.type)) {
    const variant = notificationName(asConnected);
    const kept = await tx.eventVariant(event.id, variant);
    if (kept !== null) return { variant, body: kept.body };
    const body = renderNotification(event, asConnected);
    await tx.insertEvents([], [{ eventId: event.id, variant, body }]);
    return { variant, body };
  }
  const rendering: Rendering = {
    apiVersion: event.applicationId === null ? knownVersion(endpoint.apiVersion ?? (await defaultVersion(tx, event, endpoint))) : null,
    asConnected,
  };
  const variant = renderingName(rendering);
  const kept = await tx.eventVariant(event.id, variant);
  if (kept !== null) return { variant, body: kept.body };
  const body = renderAgain(event, rendering);
  if (Buffer.from(event.body).equals(body)) return { variant: null, body: event.body };
  await tx.insertEvents([], [{ eventId: event.id, variant, body }]);
  return { variant, body };
}
