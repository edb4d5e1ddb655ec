import { expect, test } from "vitest";
import { staleTopics } from "./stale-topics.ts";

test("the changes decide what is read again", () => {
  expect(staleTopics({})).toEqual([]);
  expect(staleTopics({ requests: [{ method: "GET", path: "/v1/accounts/acct_1" }] })).toEqual(["requests"]);
  for (const path of ["/v1/accounts/acct_1", "/v2/core/accounts/acct_1"])
    expect(staleTopics({ requests: [{ method: "POST", path }] })).toEqual(["requests", "accounts"]);
  expect(staleTopics({ deliveries: [{}] }).sort()).toEqual(["deliveries", "events"]);
  expect(staleTopics({ events: [{ type: "invoice.created" }] }).sort()).toEqual(["clock", "deliveries", "events"]);
  for (const type of ["charge.succeeded", "charge.dispute.funds_withdrawn", "transfer.created", "balance.available"])
    expect(staleTopics({ events: [{ type }] }).sort()).toEqual(["clock", "deliveries", "events", "money"]);
  expect(staleTopics({ events: [{ type: "payout.paid" }] }).sort()).toEqual(["accounts", "clock", "deliveries", "events", "money"]);
  for (const path of ["/v1/payouts", "/v1/test_helpers/payouts/po_1/pay", "/v1/transfers", "/v1/payment_intents/pi_1/capture"])
    expect(staleTopics({ requests: [{ method: "POST", path }] })).toEqual(["requests", "money"]);
  expect(staleTopics({ events: [{ type: "account.updated" }] })).toContain("accounts");
  expect(staleTopics({ events: [{ type: "v2.core.account[configuration.merchant].updated" }] })).toContain("accounts");
  expect(staleTopics({ reload: ["events", "deliveries", "endpoints", "requests"] }).sort()).toEqual([
    "accounts",
    "clock",
    "deliveries",
    "endpoints",
    "events",
    "money",
    "requests",
  ]);
});
