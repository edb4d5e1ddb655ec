import { expect, test } from "vitest";
import type { Endpoint } from "../api/answers.ts";
import { backlogOf, heldNow, waitingWords } from "./endpoint-queue.ts";

const NOW = 1_000;
const endpoint = (given: object = {}, health: object = {}) =>
  ({
    status: "enabled",
    paused_at: null,
    rate_limit: null,
    ...given,
    health: { status: "healthy", held_until: null, ...health },
  }) as Endpoint;

test("an endpoint is held back until the time that the server names, unless it is paused or disabled", () => {
  expect(heldNow(endpoint(), NOW)).toBeNull();
  const held = { status: "failing", held_until: NOW + 30 };
  expect(heldNow(endpoint({}, held), NOW)).toBe(NOW + 30);
  expect(heldNow(endpoint({}, held), NOW + 30)).toBeNull();
  expect(heldNow(endpoint({ paused_at: NOW - 5 }, held), NOW)).toBeNull();
  expect(heldNow(endpoint({ status: "disabled" }, held), NOW)).toBeNull();
});

test("the number of waiting deliveries is given in words, even if there are too many to count", () => {
  expect(waitingWords({ pending: 1, pending_complete: true })).toBe("1 delivery waits");
  expect(waitingWords({ pending: 10_000, pending_complete: false })).toBe("10,000+ deliveries wait");
  expect(waitingWords({ pending: 10_000, pending_complete: false }, 12)).toBe("12 deliveries wait");
});

test("after due deliveries have waited for a while, this is shown with the reason", () => {
  const due = (secondsAgo: number, p50Ms: number | null = 20) => ({ oldest_due_at: NOW - secondsAgo, p50_ms: p50Ms });
  expect(backlogOf(endpoint(), { oldest_due_at: null, p50_ms: null }, NOW)).toBeNull();
  expect(backlogOf(endpoint(), due(5), NOW)).toBeNull();
  expect(backlogOf(endpoint(), due(60), NOW)).toMatch(/the server sends less/i);
  expect(backlogOf(endpoint(), due(60, 2_500), NOW)).toMatch(/slowly/);
  expect(backlogOf(endpoint({ rate_limit: 5 }), due(60), NOW)).toMatch(/5 a second/);
  expect(backlogOf(endpoint({}, { status: "failing" }), due(60), NOW)).toMatch(/While it fails/);
  expect(backlogOf(endpoint({ paused_at: 1 }), due(60), NOW)).toBeNull();
});
