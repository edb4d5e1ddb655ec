import { expect, test } from "vitest";
import { staleTopics } from "./stale-topics.ts";

test("what happened decides what is read anew", () => {
  expect(staleTopics({})).toEqual([]);
  expect(staleTopics({ requests: [{}] })).toEqual(["requests"]);
  expect(staleTopics({ deliveries: [{}] }).sort()).toEqual(["deliveries", "events"]);
  expect(staleTopics({ events: [{ type: "charge.succeeded" }] }).sort()).toEqual(["clock", "deliveries", "events"]);
  expect(staleTopics({ events: [{ type: "account.updated" }] })).toContain("accounts");
  expect(staleTopics({ reload: ["events", "deliveries", "endpoints", "requests"] }).sort()).toEqual([
    "accounts",
    "clock",
    "deliveries",
    "endpoints",
    "events",
    "requests",
  ]);
});
