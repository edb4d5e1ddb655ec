import { type Delivery, formatState, lastOutcome } from "./delivery.ts";
import type { Colours } from "./terminal.ts";

/** The order in which states are listed. */
const STATES: readonly Delivery["state"][] = ["pending", "exhausted", "quarantined", "cancelled", "succeeded"];

/**
 * The outcome of an event at its endpoints: `1 pending, 2 succeeded`. An endpoint that received it in any delivery
 * counts as succeeded. Otherwise its newest delivery counts. A dash for an event without deliveries. `deliveries` are
 * newest first.
 */
export function deliverySummary(deliveries: readonly Delivery[] | undefined, colours: Colours): string {
  const current = [...currentOf(deliveries).values()];
  if (current.length === 0) return "-";
  return STATES.flatMap((state) => {
    const count = current.filter((delivery) => delivery.state === state).length;
    return count === 0 ? [] : [`${count} ${formatState(state, colours)}`];
  }).join(", ");
}

/** The reason of the newest delivery that did not succeed, in words; empty when all did. */
export function troubleOf(deliveries: readonly Delivery[] | undefined): string {
  const late = [...currentOf(deliveries).values()].find(({ state }) => state !== "succeeded");
  return late === undefined ? "" : lastOutcome(late);
}

/** For each endpoint, the delivery that shows its state. */
function currentOf(deliveries: readonly Delivery[] | undefined): Map<string, Delivery> {
  const current = new Map<string, Delivery>();
  for (const delivery of deliveries ?? []) {
    const newer = current.get(delivery.webhook_endpoint);
    if (newer === undefined || (newer.state !== "succeeded" && delivery.state === "succeeded"))
      current.set(delivery.webhook_endpoint, delivery);
  }
  return current;
}
