import { expect, test } from "vitest";
import type { Delivery, DeliveryState } from "../api/answers.ts";
import { eventStanding } from "./event-standing.ts";

const delivery = (endpoint: string, state: DeliveryState, attempts: number): Delivery => ({
  id: `dlv_${endpoint}${state}`,
  object: "delivery",
  event: "evt_1",
  event_type: "payout.paid",
  account: "acct_1",
  livemode: false,
  webhook_endpoint: endpoint,
  state,
  attempt_count: attempts,
  created: 0,
  next_attempt_at: null,
  settled_at: null,
  reason: null,
  last_attempt: attempts === 0 ? null : { at: 0, duration_ms: 1, outcome: "status", status: 500, reason: null },
});
const failing = (endpoint: string) => delivery(endpoint, "pending", 1);
const delivered = (endpoint: string) => delivery(endpoint, "succeeded", 1);
const cancelled = (endpoint: string) => delivery(endpoint, "cancelled", 0);

test.each([
  ["Delivered", [delivered("a")]],
  ["2 delivered", [delivered("a"), delivered("b")]],
  ["1 of 2 failing", [delivered("a"), failing("b")]],
  ["Pending", [delivered("a"), delivery("b", "pending", 0)]],
  ["Delivered", [delivered("a"), failing("a")]],
  ["Cancelled", [cancelled("a")]],
  ["1 of 2 delivered", [delivered("a"), cancelled("b")]],
])("an event is %s", (word, deliveries) => {
  expect(eventStanding(deliveries).word).toBe(word);
});
