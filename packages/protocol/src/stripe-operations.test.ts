import { expect, test } from "vitest";
import { findStripeOperation, stripeOperations } from "./stripe-operations.ts";

test("the table has every operation once", () => {
  const named = stripeOperations().map(({ method, path }) => `${method} ${path}`);
  expect(named.filter((name) => name.includes(" /v1/"))).toHaveLength(594);
  expect(named.filter((name) => name.includes(" /v2/"))).toHaveLength(91);
  expect(new Set(named).size).toBe(named.length);
});

test("a word of a path goes before a name", () => {
  expect(findStripeOperation("GET", "/v1/charges/search")?.path).toBe("/v1/charges/search");
  expect(findStripeOperation("GET", "/v1/charges/ch_1")?.path).toBe("/v1/charges/{charge}");
});

test("another method, another length and an empty id are other operations", () => {
  expect(findStripeOperation("PUT", "/v1/charges")).toBeNull();
  expect(findStripeOperation("DELETE", "/v1/charges/ch_1")).toBeNull();
  expect(findStripeOperation("GET", "/v1/charges/ch_1/receipts")).toBeNull();
  expect(findStripeOperation("GET", "/v1/charges/")).toBeNull();
});

test.each([
  ["GET", "/v1/subscriptions/sub_1", "billing"],
  ["GET", "/v1/customers/cus_1/subscriptions", "billing"],
  ["POST", "/v1/test_helpers/issuing/settlements", "issuing"],
  ["POST", "/v1/identity/verification_sessions", "identity"],
  ["GET", "/v1/tax_codes", "tax"],
  ["GET", "/v1/treasury/transactions", "treasury"],
  ["GET", "/v1/tax_rates", null],
  ["GET", "/v1/reviews", null],
] as const)("%s %s is out of scope with %s", (method, path, area) => {
  expect(findStripeOperation(method, path)).toMatchObject({ outOfScope: area });
});
