import type { ThinDraft } from "../../events/record-thin-event.ts";
import type { OperationContext } from "../../operations/operation.ts";
import type { EndpointRow } from "../../store/contract/rows.ts";
import { destinationId } from "./render-event-destination.ts";

/** The event that tests a destination. It is sent only to that destination, whatever events it selects. */
export function pingOf({ account }: Pick<OperationContext, "account">, endpoint: EndpointRow): ThinDraft {
  const id = destinationId(endpoint.id);
  return {
    thin: true,
    type: "v2.core.event_destination.ping",
    account,
    livemode: endpoint.livemode,
    related: { id, type: "v2.core.event_destination", url: `/v2/core/event_destinations/${id}` },
    onlyTo: endpoint,
  };
}
