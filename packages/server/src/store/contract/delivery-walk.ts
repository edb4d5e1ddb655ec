import type { DeliveryRow, DeliveryState } from "./rows.ts";

/** The position of a walk through deliveries. Only the store knows its content. */
export type DeliveryPosition = string;

/** One step of a walk through the deliveries to an account's endpoints, in the order in which they were made. */
export interface DeliveryWalk {
  /** The endpoints' owner, and their mode. */
  accountId: string;
  livemode: boolean;
  /** Deliveries in any of these states. */
  states: readonly DeliveryState[];
  /** When they were made. */
  created: { gte: number; lte?: number };
  endpointId?: string;
  /** Only deliveries of events that happened on this account. */
  eventAccountId?: string;
  /** Only deliveries of events of a type, in which `*` matches anything. */
  eventTypePattern?: string;
  /** Where the last step stopped; null for the first. */
  after: DeliveryPosition | null;
  /**
   * The last delivery to examine: the result of the first step. Null for the first step: then the last one that exists
   * now.
   */
  upTo: DeliveryPosition | null;
  /** The most deliveries to examine. */
  look: number;
}

/** What a step found. */
export interface WalkedDeliveries {
  /**
   * The deliveries that match, without those of listeners and deleted endpoints. A delivery is left out if the same
   * event has a later one to the same endpoint, one that succeeded, or one that is pending or quarantined.
   */
  deliveries: DeliveryRow[];
  /** How many were examined. */
  looked: number;
  /** When the last of these was made; null if there were none. */
  reached: number | null;
  /** Where to continue; null at the end. */
  next: DeliveryPosition | null;
  upTo: DeliveryPosition;
}
