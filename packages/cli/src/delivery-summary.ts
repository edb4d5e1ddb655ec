import { type Delivery, formatState, lastOutcome } from "./delivery.ts";
import type { Colours } from "./terminal.ts";

/** In which order states are told. */
const STATES: readonly Delivery["state"][] = ["pending", "exhausted", "quarantined", "cancelled", "succeeded"];

/**
 * What became of an event at each endpoint that it was owed to: `1 pending, 2 succeeded`. One that received it in any
 * delivery has it; of any other the newest delivery counts. A dash when it was owed to none. `deliveries` are newest first.
 */
export function deliverySummary(deliveries: readonly Delivery[], colours: Colours): string {
  const current = [...currentOf(deliveries).values()];
  if (current.length === 0) return "-";
  return STATES.flatMap((state) => {
    const count = current.filter((delivery) => delivery.state === state).length;
    return count === 0 ? [] : [`${count} ${formatState(state, colours)}`];
  }).join(", ");
}

/** Why the newest delivery that has not arrived is as it is, in words; empty when all have. */
export function troubleOf(deliveries: readonly Delivery[]): string {
  const late = [...currentOf(deliveries).values()].find(({ state }) => state !== "succeeded");
  return late === undefined ? "" : lastOutcome(late);
}

/** For each endpoint the delivery that says how it is. */
function currentOf(deliveries: readonly Delivery[]): Map<string, Delivery> {
  const current = new Map<string, Delivery>();
  for (const delivery of deliveries) {
    const newer = current.get(delivery.webhook_endpoint);
    if (newer === undefined || (newer.state !== "succeeded" && delivery.state === "succeeded"))
      current.set(delivery.webhook_endpoint, delivery);
  }
  return current;
}
