import { expect, test } from "vitest";
import type { Delivery, DeliveryState } from "../api/answers.ts";
import { HeardFailures } from "./heard-failures.ts";

const delivery = (id: string, state: DeliveryState, at: number | null): Delivery => ({
  id,
  object: "delivery",
  event: `evt_${id}`,
  event_type: "payout.failed",
  account: "acct_1",
  livemode: false,
  webhook_endpoint: "we_1",
  state,
  attempt_count: at === null ? 0 : 1,
  created: 0,
  next_attempt_at: null,
  settled_at: null,
  reason: null,
  last_attempt:
    at === null
      ? null
      : { at, duration_ms: 5, outcome: state === "succeeded" ? "succeeded" : "status", status: 500, reason: "It said 500." },
});

test("a delivery that begins to fail is announced once, and deliveries that arrived or wait are not", () => {
  const heard = new HeardFailures(100);
  expect(heard.news([delivery("a", "pending", null), delivery("b", "succeeded", 101)])).toBeNull();
  expect(heard.news([delivery("a", "pending", 102)])).toBe("A delivery of payout.failed has failed: It said 500.");
  expect(heard.news([delivery("a", "pending", 103)])).toBeNull();
  expect(heard.news([delivery("a", "exhausted", 104), delivery("c", "exhausted", 105)])).toBe(
    "A delivery of payout.failed has failed: It said 500.",
  );
});

test("several failures are one sentence, and failures from before the page was opened are left out", () => {
  const heard = new HeardFailures(100);
  expect(heard.news([delivery("old", "exhausted", 99)])).toBeNull();
  expect(heard.news([delivery("a", "exhausted", 101), delivery("b", "pending", 100)])).toBe(
    "2 more deliveries have failed, the newest of payout.failed.",
  );
});
