import type { DeliveryKind } from "../store/contract/rows.ts";

/** Something that a server just did or saw, after it was stored. Times are Unix milliseconds. */
export type Activity = RecordedActivity | AttemptActivity | CancelledActivity | OmittedActivity;

/** An event was recorded on this server. */
export interface RecordedActivity {
  kind: "event";
  at: number;
  event: string;
  type: string;
  /** The account it happened on. */
  account: string;
  livemode: boolean;
  /** How many endpoints will receive it. */
  owedTo: number;
}

/** Identifies a delivery. */
interface OfDelivery {
  delivery: string;
  deliveryKind: DeliveryKind;
  event: string;
  type: string;
  /** The account that the event happened on. */
  account: string;
  livemode: boolean;
  endpoint: string;
  /** The endpoint's address. */
  url: string;
}

/** An attempt ended. */
export interface AttemptActivity extends OfDelivery {
  kind: "attempt";
  /** When it began. */
  at: number;
  /** 1 for the first. */
  number: number;
  durationMs: number;
  /** `succeeded`, or why it failed: `docs/outcomes.md` lists them. */
  outcome: string;
  /** The status of the answer; null when there was none. */
  status: number | null;
  /** The outcome in words. */
  reason: string;
  /** The state of the delivery after the attempt. */
  state: "succeeded" | "pending" | "exhausted" | "cancelled";
  /** When the next attempt is due; null unless the delivery is pending. */
  nextAttemptAt: number | null;
}

/** A delivery fell due and was not sent, because its endpoint is disabled or deleted. */
export interface CancelledActivity extends OfDelivery {
  kind: "cancelled";
  at: number;
}

/** More happened than the observer could be told. */
export interface OmittedActivity {
  kind: "omitted";
  /** How many attempts and cancellations were left out at this point. */
  count: number;
}
