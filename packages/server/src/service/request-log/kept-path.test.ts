import { expect, test } from "vitest";
import { pathWithIds, wholePath } from "./kept-path.ts";

test.each([
  ["/v1/accounts/acct_1Nv0FGQ9RKHgCVdK/persons/person_1Nv0FHQ9RKHgCVdKabcdefgh", "/v1/accounts/:account/persons/:person", null],
  ["/v1/balance", "/v1/balance", null],
  ["/v1/coupons/SUMMER", "/v1/coupons/:coupon", "/v1/coupons/:coupon"],
  ["/v1/customers/sk_live_abcdefgh12345678", "/v1/customers/:customer", "/v1/customers/:customer"],
  ["/v1/payment_intents/pi_1Nv0FGQ9_secret_abcdefgh", "/v1/payment_intents/:intent", "/v1/payment_intents/:intent"],
  ["/v1/checkout/sessions/cs_abcdefghijklmnop", "/v1/checkout/sessions/:session", "/v1/checkout/sessions/:session"],
  ["/v1/webhook_endpoints/whsec_abcdefghijklmnop", "/v1/webhook_endpoints/:endpoint", "/v1/webhook_endpoints/:endpoint"],
  ["/v1/accounts/acct_1%00234567", "/v1/accounts/:account", "/v1/accounts/:account"],
  ["/v1/secret/more", "/v1/*", "/v1/*"],
])("of %s with the route %s only ids are kept", (path, route, shown) => {
  expect(pathWithIds(path, route)).toBe(shown ?? path);
});

test("a whole path hides what looks like a secret, and ends somewhere", () => {
  expect(wholePath("/v1/coupons/SUMMER", 500)).toBe("/v1/coupons/SUMMER");
  expect(wholePath("/v1/customers/sk_test_abcdefgh", 500)).toBe("/v1/customers/****");
  expect(wholePath("/x".repeat(9_000), 500)).toHaveLength(500);
  expect(wholePath("/x".repeat(9_000), 7)).toBe("/x/x/x/");
});
