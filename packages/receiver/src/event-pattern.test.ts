import { expect, test } from "vitest";
import { matches } from "./event-pattern.ts";

test("a pattern stands for a type, a family, or all", () => {
  expect(matches("payout.failed", "payout.failed")).toBe(true);
  expect(matches("payout.failed", "payout.failed.again")).toBe(false);
  expect(matches("payout.*", "payout.failed")).toBe(true);
  expect(matches("customer.*", "customer.subscription.deleted")).toBe(true);
  expect(matches("customer.*", "customers.created")).toBe(false);
  expect(matches("customer.*", "customer")).toBe(false);
  expect(matches("*", "brand.new")).toBe(true);
});
