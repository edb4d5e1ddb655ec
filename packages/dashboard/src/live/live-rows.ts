import type { Delivery, PlatformEvent } from "../api/answers.ts";

/** One line of the page: an event, and one of its deliveries or none. */
export interface LiveRow {
  id: string;
  at: number;
  type: string;
  account: string | null;
  event: string;
  delivery: Delivery | null;
}

/** The lines of events: one for each delivery, or one alone for an event that no endpoint was owed. */
export function rowsOfEvents(events: readonly PlatformEvent[]): LiveRow[] {
  return events.flatMap((event): LiveRow[] =>
    event.deliveries.length === 0
      ? [{ id: event.id, at: event.created, type: event.type, account: event.account ?? null, event: event.id, delivery: null }]
      : event.deliveries.map((delivery) => ({
          id: delivery.id,
          at: event.created,
          type: event.type,
          account: event.account ?? null,
          event: event.id,
          delivery,
        })),
  );
}

/** The lines of deliveries. */
export function rowsOfDeliveries(deliveries: readonly Delivery[]): LiveRow[] {
  return deliveries.map((delivery) => ({
    id: delivery.id,
    at: delivery.created,
    type: delivery.event_type,
    account: delivery.account,
    event: delivery.event,
    delivery,
  }));
}
