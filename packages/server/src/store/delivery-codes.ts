import type { DeliveryKind, DeliveryState } from "./contract/rows.ts";

/** The order is that of the numbers, which databases keep: append alone. */
const STATES: readonly DeliveryState[] = ["pending", "succeeded", "exhausted", "cancelled", "quarantined"];
const KINDS: readonly DeliveryKind[] = ["automatic", "manual"];

/** The number a state is kept as. Partial indexes name 0, and 2 and above, in the schemas. */
export function stateNumber(state: DeliveryState): number {
  return STATES.indexOf(state);
}

/** The state a number stands for. */
export function stateOf(number: unknown): DeliveryState {
  return STATES[number as number] as DeliveryState;
}

/** When the next attempt of a delivery is that was skipped: what tells it from one that was cancelled later. */
export const NEVER = 0;

export function kindNumber(kind: DeliveryKind): number {
  return KINDS.indexOf(kind);
}

export function kindOf(number: unknown): DeliveryKind {
  return KINDS[number as number] as DeliveryKind;
}
