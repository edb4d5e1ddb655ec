import { FAULTS } from "./contract/faults.ts";
import type { DeliveryKind, DeliveryState } from "./contract/rows.ts";

/** Databases store the numbers that follow from this order: only append. */
const STATES: readonly DeliveryState[] = ["pending", "succeeded", "exhausted", "cancelled", "quarantined"];
const KINDS: readonly DeliveryKind[] = ["automatic", "manual", "resent"];

/** Above every HTTP status. */
const FIRST_FAULT = 1_000;

/** Outcomes from this number on are failures. The partial indexes in the schemas contain the number. */
export const FIRST_FAILURE = 300;

/**
 * What the row of a delivery keeps of its last attempt, so that searches can find it: the status of the answer, or the
 * number of the fault. Null for a success without a status: a listener accepted the event and does not forward it.
 */
export function outcomeNumber({ status, outcome }: { status: number | null; outcome: string }): number | null {
  return status ?? (outcome === "succeeded" ? null : faultNumber(outcome));
}

/** The number of a fault. Throws for a fault that is not in the list, which is a bug. */
export function faultNumber(fault: string): number {
  const index = FAULTS.indexOf(fault);
  if (index === -1) throw new Error(`The fault ${fault} has no number.`);
  return FIRST_FAULT + index;
}

/** The stored number of a state. The schemas name 0, and 2 and above. */
export function stateNumber(state: DeliveryState): number {
  return STATES.indexOf(state);
}

/**
 * For resending events whose deliveries are in one of `states`: the stored numbers of the states in which another
 * delivery of the event to the same endpoint prevents the resend. That delivery is still pending, or it succeeded and
 * successes are not being resent.
 */
export function statesAgainst(states: readonly DeliveryState[]): number[] {
  const against: DeliveryState[] = states.includes("succeeded") ? ["pending", "quarantined"] : ["pending", "quarantined", "succeeded"];
  return against.map(stateNumber);
}

/** The state that a number means. */
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
