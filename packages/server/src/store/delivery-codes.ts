import type { DeliveryKind, DeliveryState } from "./store.ts";

/** The order is that of the numbers, which databases keep: append alone. */
const STATES: readonly DeliveryState[] = ["pending", "succeeded", "exhausted", "cancelled"];
const KINDS: readonly DeliveryKind[] = ["automatic", "manual"];

/** The number a state is kept as. Partial indexes name 0, and 2 and above, in the schemas. */
export function stateNumber(state: DeliveryState): number {
  return STATES.indexOf(state);
}

/** The state a number stands for. */
export function stateOf(number: unknown): DeliveryState {
  return STATES[number as number] as DeliveryState;
}

export function kindNumber(kind: DeliveryKind): number {
  return KINDS.indexOf(kind);
}

export function kindOf(number: unknown): DeliveryKind {
  return KINDS[number as number] as DeliveryKind;
}
