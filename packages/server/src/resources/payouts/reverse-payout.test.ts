import { describe, expect, it } from "vitest";
import { DAY_MS } from "../connected-account/state/utc-day.ts";
import type { PayoutState } from "./payout-state.ts";
import { notReversible } from "./reverse-payout.ts";

const ARRIVAL = Date.parse("2026-11-02T00:00:00Z");
const PAID = {
  status: "paid",
  amount: 1_000,
  arrivalDate: ARRIVAL,
  automatic: false,
  country: "US",
  method: "standard",
  reversedBy: null,
  type: "bank_account",
} as PayoutState;

const refusal = (change: Partial<PayoutState>, now = ARRIVAL) => notReversible({ state: { ...PAID, ...change } }, now);

describe("a reversal", () => {
  it("is for payouts to banks of the United States and Canada, on their way or paid", () => {
    expect(refusal({})).toBeNull();
    expect(refusal({ country: "CA", status: "in_transit" })).toBeNull();
    expect(refusal({ automatic: true, status: "pending" })).toBeNull();
  });

  it("is possible until 90 days have passed since the payout arrived", () => {
    expect(refusal({}, ARRIVAL + 90 * DAY_MS - 1)).toBeNull();
    expect(refusal({}, ARRIVAL + 90 * DAY_MS)).toContain("90 days");
  });

  it.each([
    [{ reversedBy: "po_2" }, "already"],
    [{ amount: -1_000 }, "took money"],
    [{ method: "instant" as const }, "instant"],
    [{ country: "DE" }, "United States"],
    [{ type: "card" as const }, "bank accounts"],
    [{ status: "failed" as const }, "failed"],
    [{ status: "canceled" as const }, "canceled"],
    [{ status: "pending" as const }, "cancel it"],
  ])("is refused for %j", (change, says) => {
    expect(refusal(change)).toContain(says);
  });
});
