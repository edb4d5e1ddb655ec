import { describe, expect, it } from "vitest";
import { automaticAmount } from "./automatic-payouts.ts";

describe("the amount of an automatic payout", () => {
  const pending = (amount: number) => [[1, amount] as const];

  it("is all that is available, whatever is still to come", () => {
    expect(automaticAmount({ available: 500, pending: pending(300) }, true)).toBe(500);
    expect(automaticAmount({ available: 0, pending: pending(300) }, true)).toBe(0);
  });

  it("leaves the least that stays", () => {
    expect(automaticAmount({ available: 500, pending: [] }, true, 200)).toBe(300);
    expect(automaticAmount({ available: 100, pending: [] }, true, 200)).toBe(0);
    expect(automaticAmount({ available: -500, pending: [] }, true, 200)).toBe(-500);
  });

  it("is a debit of what is owed beyond what is to come, where debits are allowed", () => {
    expect(automaticAmount({ available: -500, pending: pending(300) }, true)).toBe(-200);
    expect(automaticAmount({ available: -500, pending: pending(500) }, true)).toBe(0);
    expect(automaticAmount({ available: -500, pending: [] }, false)).toBe(0);
  });
});
