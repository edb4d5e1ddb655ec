import { expect, test } from "vitest";
import type { Delivery, Endpoint } from "../api/answers.ts";
import { nextTry } from "./delivery-words.ts";

const NOW = 10_000;
const delivery = (given: Partial<Delivery>) => ({ state: "pending", next_attempt_at: NOW, ...given }) as Delivery;
const endpoint = (paused_at: number | null, held_until: number | null) => ({ paused_at, health: { held_until } }) as Endpoint;

test("the next try of a delivery is when its endpoint gets one", () => {
  expect(nextTry(delivery({}), undefined, NOW)).toBe("next try now");
  expect(nextTry(delivery({ next_attempt_at: NOW + 90 }), endpoint(null, null), NOW)).toBe("next try in 1 min");
  expect(nextTry(delivery({ next_attempt_at: null }), endpoint(null, null), NOW)).toBeNull();
  expect(nextTry(delivery({ state: "succeeded" }), endpoint(null, NOW + 30), NOW)).toBeNull();
});

test("it is not now while the endpoint is held back or paused", () => {
  expect(nextTry(delivery({}), endpoint(null, NOW + 30), NOW)).toBe("next try in 30 s: the endpoint is held back");
  expect(nextTry(delivery({}), endpoint(null, NOW - 1), NOW)).toBe("next try now");
  expect(nextTry(delivery({ next_attempt_at: NOW + 90 }), endpoint(null, NOW + 30), NOW)).toBe("next try in 1 min");
  expect(nextTry(delivery({}), endpoint(NOW - 100, null), NOW)).toBe("waits: the endpoint is paused");
});
