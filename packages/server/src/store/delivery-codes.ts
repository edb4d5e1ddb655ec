import type { DeliveryKind, DeliveryState } from "./contract/rows.ts";

/** Databases keep the numbers of this order: only append. */
const STATES: readonly DeliveryState[] = ["pending", "succeeded", "exhausted", "cancelled", "quarantined"];
const KINDS: readonly DeliveryKind[] = ["automatic", "manual"];

/** The stored number of a state. Partial indexes in the schemas name 0, and 2 and above. */
export function stateNumber(state: DeliveryState): number {
  return STATES.indexOf(state);
}

/** The state a number stands for. */
export function stateOf(number: unknown): DeliveryState {
  return STATES[number as number] as DeliveryState;
}

/** The next attempt time of a skipped delivery, which distinguishes it from one cancelled later. */
export const NEVER = 0;

export function kindNumber(kind: DeliveryKind): number {
  return KINDS.indexOf(kind);
}

export function kindOf(number: unknown): DeliveryKind {
  return KINDS[number as number] as DeliveryKind;
}
