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

test("whole and thin events are distinguished by their names, and a ping needs a handler for exactly its name", () => {
  expect(matches("*", "v1.account.updated")).toBe(false);
  expect(matches("account.*", "v1.account.updated")).toBe(false);
  expect(matches("v1.account.*", "v1.account.updated")).toBe(true);
  expect(matches("v1.*", "account.updated")).toBe(false);
  expect(matches("v2.core.account[requirements].updated", "v2.core.account[requirements].updated")).toBe(true);
  expect(matches("v2.core.account.*", "v2.core.account[requirements].updated")).toBe(false);
  expect(matches("v2.core.*", "v2.core.account[requirements].updated")).toBe(true);
  expect(matches("v2.*", "v2.core.event_destination.ping")).toBe(false);
  expect(matches("v2.core.event_destination.ping", "v2.core.event_destination.ping")).toBe(true);
});
