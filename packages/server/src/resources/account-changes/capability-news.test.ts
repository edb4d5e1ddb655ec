import { describe, expect, it } from "vitest";
import { type CapabilityDerived, nothingDue } from "../connected-account/state/derived.ts";
import { hasNews } from "./capability-news.ts";

type Requirements = Partial<CapabilityDerived["requirements"]>;
const capability = (requirements: Requirements = {}, more: Partial<CapabilityDerived> = {}): CapabilityDerived => ({
  requested: true,
  requestedAt: 0,
  status: "inactive",
  requirements: { ...nothingDue(), ...requirements },
  futureRequirements: nothingDue(),
  ...more,
});
const error = (code: string) => ({ requirement: "company.tax_id", code, reason: "" }) as Required<Requirements>["errors"][number];

describe("a capability", () => {
  it.each<[string, CapabilityDerived, CapabilityDerived]>([
    ["has another status", capability(), capability({}, { status: "active" })],
    ["is not requested any more", capability(), capability({}, { requested: false })],
    ["is disabled for another reason", capability(), capability({ disabled_reason: "platform_paused" })],
    ["is asked for more", capability({ currently_due: ["a"] }), capability({ currently_due: ["a", "b"] })],
    [
      "is asked now for what was due later",
      capability({ eventually_due: ["a"] }),
      capability({ eventually_due: ["a"], currently_due: ["a"] }),
    ],
    ["is asked too late", capability({ currently_due: ["a"] }), capability({ currently_due: ["a"], past_due: ["a"] })],
    [
      "is asked again for another reason",
      capability({ errors: [error("invalid_tax_id")] }),
      capability({ errors: [error("invalid_tax_id_format")] }),
    ],
    ["will be asked for more", capability(), capability({}, { futureRequirements: { ...nothingDue(), eventually_due: ["a"] } })],
  ])("tells that it %s", (_, was, is) => {
    expect(hasNews(was, is)).toBe(true);
  });

  it.each<[string, CapabilityDerived, CapabilityDerived]>([
    ["what it is asked for is given", capability({ currently_due: ["a", "b"] }), capability({ currently_due: ["b"] })],
    ["what was given is verified", capability({ currently_due: ["a"] }), capability({ pending_verification: ["a"] })],
    ["a fault is mended", capability({ errors: [error("invalid_tax_id")] }), capability()],
    ["the time for it is longer", capability({ current_deadline: 1 }), capability({ current_deadline: 2 })],
  ])("tells nothing when %s", (_, was, is) => {
    expect(hasNews(was, is)).toBe(false);
  });
});
