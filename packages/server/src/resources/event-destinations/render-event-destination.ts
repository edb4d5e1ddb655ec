import { ID_FORMS } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import type { EndpointRow, EventPayload, JsonObject } from "../../store/contract/rows.ts";

const [V1, V2] = [ID_FORMS.webhook_endpoint.prefix, ID_FORMS.event_destination.prefix];

/** The parts that an answer includes only if the caller asks for them. */
export interface Included {
  url: boolean;
  /** Shown once, when the destination is created. */
  secret: string | null;
}

/** The id of an endpoint in the v2 API: `ed_…` with the characters of its `we_…`. */
export function destinationId(endpointId: string): string {
  return V2 + endpointId.slice(V1.length);
}

/** The endpoint's own id for an id that the v2 API shows. `we_…` is also accepted there. */
export function endpointIdOf(destination: string): string {
  return destination.startsWith(V2) ? V1 + destination.slice(V2.length) : destination;
}

/** Whose events an endpoint receives, in the words of the v2 API. */
export function eventsFrom({ own, connect }: Pick<EndpointRow, "own" | "connect">): string[] {
  return [...(own ? ["@self"] : []), ...(connect ? ["@accounts"] : [])];
}

/**
 * The form in which a destination receives events. Only a listener of the official CLI, which is not a destination,
 * receives both forms.
 */
export function payloadOf({ payload }: Pick<EndpointRow, "payload">): EventPayload {
  return payload === "thin" ? "thin" : "snapshot";
}

/**
 * An endpoint as the v2 API shows it. `accountVersion` is its owner's default version, for an endpoint without one.
 * Source: https://docs.stripe.com/api/v2/core/event_destinations/object
 */
export function renderEventDestination(row: EndpointRow, accountVersion: string, { url, secret }: Included): JsonObject {
  return asJson({
    id: destinationId(row.id),
    object: "v2.core.event_destination",
    created: new Date(row.created).toISOString(),
    description: row.description ?? "",
    enabled_events: row.enabledEvents,
    event_payload: payloadOf(row),
    events_from: eventsFrom(row),
    livemode: row.livemode,
    metadata: row.metadata,
    name: row.name ?? new URL(row.url).host,
    ...(row.payload === "snapshot" ? { snapshot_api_version: row.apiVersion ?? accountVersion } : {}),
    status: row.status,
    ...(row.status === "disabled" ? { status_details: { disabled: { reason: row.disabledReason === "owner" ? "user" : "failing" } } } : {}),
    type: "webhook_endpoint",
    updated: new Date(row.updated).toISOString(),
    ...(url || secret !== null
      ? { webhook_endpoint: { ...(secret === null ? {} : { signing_secret: secret }), ...(url ? { url: row.url } : {}) } }
      : {}),
  } satisfies Stripe.V2.Core.EventDestination);
}
