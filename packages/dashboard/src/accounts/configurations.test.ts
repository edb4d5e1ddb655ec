import { expect, test } from "vitest";
import { configurationsOf } from "./configurations.ts";

test("a configuration shows its capabilities by their whole names, and why they are not active", () => {
  const status_details = [{ code: "requirements_past_due", resolution: "provide_info" }];
  const configuration = {
    customer: { applied: false },
    merchant: {
      applied: true,
      capabilities: {
        card_payments: { status: "restricted", status_details },
        stripe_balance: { payouts: { status: "active", status_details: [] } },
      },
    },
    recipient: null,
  };
  expect(configurationsOf({ configuration } as unknown as Parameters<typeof configurationsOf>[0])).toEqual([
    {
      name: "merchant",
      isApplied: true,
      capabilities: [
        { name: "card_payments", status: "restricted", tone: "bad", why: "something that it needs is past due" },
        { name: "stripe_balance.payouts", status: "active", tone: "good", why: null },
      ],
    },
    { name: "customer", isApplied: false, capabilities: [] },
  ]);
});
