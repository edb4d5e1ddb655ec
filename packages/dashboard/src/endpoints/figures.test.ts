import { expect, test } from "vitest";
import type { Delivery, DeliveryState } from "../api/answers.ts";
import { spansOf } from "./figures.ts";

const delivery = (created: number, state: DeliveryState, ms: number | null): Delivery => ({
  id: `dlv_${created}${state}`,
  object: "delivery",
  event: "evt_1",
  event_type: "payout.paid",
  account: "acct_1",
  livemode: false,
  webhook_endpoint: "we_1",
  state,
  attempt_count: ms === null ? 0 : 1,
  created,
  next_attempt_at: state === "pending" ? created + 300 : null,
  settled_at: null,
  reason: null,
  last_attempt:
    ms === null
      ? null
      : { at: created, duration_ms: ms, outcome: state === "succeeded" ? "succeeded" : "status", status: 200, reason: null },
});

test("deliveries are counted by span, empty spans included, and each once", () => {
  const spans = spansOf([
    delivery(600, "succeeded", 10),
    delivery(610, "succeeded", 30),
    delivery(620, "pending", 5),
    delivery(800, "pending", null),
  ]);
  expect(spans.map(({ at, delivered, failing, waiting }) => [at, delivered, failing, waiting])).toEqual([
    [600, 2, 1, 0],
    [660, 0, 0, 0],
    [720, 0, 0, 0],
    [780, 0, 0, 1],
  ]);
  expect(spans[0]).toMatchObject({ p50Ms: 30, p95Ms: 30 });
  expect(spansOf([])).toEqual([]);
});

test("a long time is told in few spans", () => {
  expect(spansOf([delivery(0, "succeeded", 1), delivery(40_000_000, "succeeded", 1)]).length).toBeLessThanOrEqual(80);
});
