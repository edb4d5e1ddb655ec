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

/** The lines of an event: one for each delivery, or a single line if no endpoint was to receive it. */
export function rowsOfEvent(event: PlatformEvent): LiveRow[] {
  const line = { at: event.created, type: event.type, account: event.account ?? null, event: event.id };
  if (event.deliveries.length === 0) return [{ ...line, id: event.id, delivery: null }];
  return event.deliveries.map((delivery) => ({ ...line, id: delivery.id, delivery }));
}

/** The line of a delivery. */
export function rowsOfDelivery(delivery: Delivery): LiveRow[] {
  const { id, created: at, event_type: type, account, event } = delivery;
  return [{ id, at, type, account, event, delivery }];
}
