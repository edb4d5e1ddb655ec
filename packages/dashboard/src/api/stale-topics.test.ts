import { expect, test } from "vitest";
import { staleTopics } from "./stale-topics.ts";

test("what happened decides what is read anew", () => {
  expect(staleTopics({})).toEqual([]);
  expect(staleTopics({ requests: [{ method: "GET", path: "/v1/accounts/acct_1" }] })).toEqual(["requests"]);
  for (const path of ["/v1/accounts/acct_1", "/v2/core/accounts/acct_1"])
    expect(staleTopics({ requests: [{ method: "POST", path }] })).toEqual(["requests", "accounts"]);
  expect(staleTopics({ deliveries: [{}] }).sort()).toEqual(["deliveries", "events"]);
  expect(staleTopics({ events: [{ type: "charge.succeeded" }] }).sort()).toEqual(["clock", "deliveries", "events"]);
  expect(staleTopics({ events: [{ type: "account.updated" }] })).toContain("accounts");
  expect(staleTopics({ events: [{ type: "v2.core.account[configuration.merchant].updated" }] })).toContain("accounts");
  expect(staleTopics({ reload: ["events", "deliveries", "endpoints", "requests"] }).sort()).toEqual([
    "accounts",
    "clock",
    "deliveries",
    "endpoints",
    "events",
    "requests",
  ]);
});
