import { expect, test } from "vitest";
import { objectPath } from "./object-path.ts";

test.each([
  [{ object: "account", id: "acct_1" }, "/v1/accounts/acct_1", false],
  [{ object: "person", id: "person_1", account: "acct_2" }, "/v1/accounts/acct_2/persons/person_1", false],
  [{ object: "person", id: "person_1" }, "/v1/accounts/acct_1/persons/person_1", false],
  [{ object: "capability", id: "card_payments" }, "/v1/accounts/acct_1/capabilities/card_payments", false],
  [{ object: "bank_account", id: "ba_1" }, "/v1/accounts/acct_1/external_accounts/ba_1", false],
  [{ object: "payout", id: "po_1" }, "/v1/payouts/po_1", true],
  [{ object: "checkout.session", id: "cs_1" }, "/v1/checkout/sessions/cs_1", true],
  [{ object: "balance" }, "/v1/balance", true],
  [{ object: "payout", id: "../../v1/keys?x" }, "/v1/payouts/..%2F..%2Fv1%2Fkeys%3Fx", true],
])("%o is at %s", (data, path, asAccount) => {
  expect(objectPath(data, "acct_1")).toEqual({ path, asAccount });
});

test("what has no known place has none", () => {
  for (const data of [{ object: "application", id: "ca_1" }, { object: "payout" }, { id: "x" }, {}])
    expect(objectPath(data, "acct_1")).toBeNull();
  expect(objectPath({ object: "bank_account", id: "ba_1" }, null)).toBeNull();
});
