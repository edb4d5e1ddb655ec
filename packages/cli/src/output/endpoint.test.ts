import pc from "picocolors";
import { expect, test } from "vitest";
import { describeEndpoint, type EndpointAnswer } from "./endpoint.ts";

const FAILING: EndpointAnswer = {
  id: "we_1",
  url: "https://example.com/hooks",
  status: "enabled",
  application: null,
  api_version: null,
  enabled_events: ["*"],
  description: null,
  created: 1_796_000_000,
  livemode: false,
  health: {
    status: "failing",
    failing_since: 1_796_000_000,
    failed_attempts: 9,
    last_failure: { at: 1_796_000_060, outcome: "status", status: 500, reason: "The endpoint answered 500." },
    disabled_after: null,
    held_until: 1_796_000_070,
    held_by: "breaker",
  },
};

test("an endpoint that is held back shows until when, why, and how to continue", () => {
  const told = (held: object) =>
    describeEndpoint(
      { ...FAILING, health: { ...(FAILING.health as NonNullable<EndpointAnswer["health"]>), ...held } },
      pc.createColors(false),
    )
      .split("\n")
      .find((line) => line.includes("held back"));
  expect(told({})).toMatch(/until 2026-11-30 00:54:30 UTC: it failed too often in a row\. `carabiner endpoints resume` ends that$/);
  expect(told({ held_by: "retry_after" })).toMatch(/it asked for that/);
  expect(told({ held_until: null, held_by: null })).toBeUndefined();
});
