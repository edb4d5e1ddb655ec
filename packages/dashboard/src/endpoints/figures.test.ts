import { expect, test } from "vitest";
import type { Delivery, DeliveryState } from "../api/answers.ts";
import { dayInWords, lastHours, spansOf } from "./figures.ts";

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

test("a long time is divided into few spans", () => {
  expect(spansOf([delivery(0, "succeeded", 1), delivery(40_000_000, "succeeded", 1)]).length).toBeLessThanOrEqual(80);
});

test("a day is the 24 hours up to this one, the oldest first, without anything older", () => {
  const now = 1_000 * 3_600 + 125;
  const hour = (ago: number, delivered: number, failed: number) => ({ hour: (1_000 - ago) * 3_600, delivered, failed, waiting: 0 });
  const bars = lastHours([hour(0, 3, 1), hour(23, 2, 0), hour(24, 9, 9)], now);
  expect(bars).toHaveLength(24);
  expect([bars[0], bars.at(-1)]).toEqual([
    { good: 2, bad: 0 },
    { good: 3, bad: 1 },
  ]);
  expect(bars.slice(1, -1).every(({ good, bad }) => good + bad === 0)).toBe(true);
});

test("a day is described in a few words", () => {
  const day = (deliveries: number, failed: number, complete = true) => ({
    webhook_endpoint: "we_1",
    deliveries,
    delivered: deliveries - failed,
    failed,
    success_rate: null,
    p50_ms: null,
    p95_ms: null,
    since: null,
    hours: [],
    complete,
    pending: 0,
    pending_complete: true,
    next_attempt_at: null,
  });
  expect(dayInWords(day(0, 0))).toBeNull();
  expect(dayInWords(day(1_240, 0))).toBe("1,240 in 24 h");
  expect(dayInWords(day(300, 75, false))).toBe("300+ in 24 h, 25 % failed");
  expect(dayInWords(day(300, 1))).toBe("300 in 24 h, <1 % failed");
});
