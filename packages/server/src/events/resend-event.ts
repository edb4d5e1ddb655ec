import { type ApiVersion, type IdSource, isThinName } from "@carabiner/protocol";
import type { DeliveryKind, EndpointRow, EventRow, EventVariant, NewDelivery } from "../store/contract/rows.ts";
import type { Subscribers, Transaction } from "../store/contract/transaction.ts";
import { knownVersion, type Rendering, renderAgain, renderingName } from "./render-event.ts";
import { type Owed, route } from "./route.ts";
import { notificationName, renderNotification } from "./thin-event.ts";

/** An event to resend. */
export interface Resend {
  event: EventRow;
  /** Where to send it: each must be one of `resendable`. */
  to: readonly Owed[];
}

export interface ResendWay {
  /** `manual` for a single try each, `resent` for the retries of the policy. */
  kind: Exclude<DeliveryKind, "automatic">;
  now: number;
  ids: IdSource;
}

/**
 * Resends recorded events to their endpoints, in deliveries that do not affect the automatic ones. They send the
 * recorded bytes. For an endpoint that did not get the event when it happened, the bytes are rendered now, and kept.
 * Source: https://docs.stripe.com/webhooks#manual-retries
 */
export async function resendEvents(tx: Transaction, resends: readonly Resend[], { kind, now, ids }: ResendWay): Promise<void> {
  const owed: { resend: Resend; endpoint: EndpointRow; rendition: Rendition }[] = [];
  for (const resend of resends)
    for (const to of resend.to) owed.push({ resend, endpoint: to.endpoint, rendition: await renditionOf(tx, resend.event, to) });
  const asked = owed.map(({ resend: { event }, rendition: { name } }) => ({ eventId: event.id, variant: name }));
  const bodies = new Map((await tx.eventVariants(asked)).map(({ eventId, variant, body }) => [`${eventId} ${variant}`, body]));
  const made: EventVariant[] = [];
  const deliveries = owed.map(({ resend: { event }, endpoint, rendition: { name, render } }): NewDelivery => {
    const place = `${event.id} ${name}`;
    const kept = bodies.get(place);
    const body = kept ?? render();
    const own = kept === undefined && Buffer.from(event.body).equals(body);
    if (kept === undefined && !own) {
      bodies.set(place, body);
      made.push({ eventId: event.id, variant: name, body });
    }
    return { id: ids.newId("delivery", now), kind, event, endpoint, variant: own ? null : name, body, dueAt: now, created: now };
  });
  if (made.length > 0) await tx.insertEvents([], made);
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
 * The version for an endpoint without one: the event's version if it was published with a version other than its
 * account's, else the owner's.
 */
async function defaultVersion(tx: Transaction, event: EventRow, endpoint: EndpointRow): Promise<string | undefined> {
  const own = versionOf(event);
  const account = await tx.account(event.accountId);
  return account !== null && own !== null && own !== knownVersion(account.apiVersion)
    ? own
    : (await tx.account(endpoint.accountId))?.apiVersion;
}

/** The version that an event was stored in. Application events that earlier versions stored have none. */
function versionOf(event: EventRow): ApiVersion | null {
  return (JSON.parse(Buffer.from(event.body).toString()) as { api_version: ApiVersion | null }).api_version;
}

/** How an endpoint sees an event. */
interface Rendition {
  /** The name under which its bytes are kept, if they are not the event's own. */
  name: string;
  render(): Uint8Array;
}

async function renditionOf(tx: Transaction, event: EventRow, { endpoint, asConnected }: Owed): Promise<Rendition> {
  if (isThinName(event.type)) return { name: notificationName(asConnected), render: () => renderNotification(event, asConnected) };
  const rendering: Rendering = {
    apiVersion:
      event.applicationId === null ? knownVersion(endpoint.apiVersion ?? (await defaultVersion(tx, event, endpoint))) : versionOf(event),
    asConnected,
  };
  return { name: renderingName(rendering), render: () => renderAgain(event, rendering) };
}
