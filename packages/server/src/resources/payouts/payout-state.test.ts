import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { moved, PAYOUT_ARROWS, PAYOUT_STATUSES, type PayoutState, type PayoutStatus } from "./payout-state.ts";
import { nextStep } from "./payout-step.ts";

const state: PayoutState = {
  status: "pending",
  amount: 1_000,
  currency: "usd",
  arrivalDate: 0,
  automatic: false,
  balanceTransaction: "txn_1",
  description: null,
  destination: "ba_1",
  type: "bank_account",
  country: "US",
  failureBalanceTransaction: null,
  failureCode: null,
  metadata: {},
  method: "standard",
  originalPayout: null,
  reconciliation: "not_applicable",
  reversedBy: null,
  sourceType: "card",
  statementDescriptor: null,
  trace: { status: "pending", value: null },
  ending: null,
};

const status = fc.constantFrom(...PAYOUT_STATUSES);

describe("the arrows", () => {
  it("are those of the documentation", () => {
    const arrows = PAYOUT_STATUSES.flatMap((from) => PAYOUT_ARROWS[from].map((to) => `${from} → ${to}`));
    expect(arrows).toEqual(["pending → in_transit", "pending → canceled", "in_transit → paid", "in_transit → failed", "paid → failed"]);
  });

  it("are the only ways a payout moves", () => {
    fc.assert(
      fc.property(status, status, (from, to) => {
        const move = () => moved({ ...state, status: from }, to, { failureCode: "declined" });
        if (PAYOUT_ARROWS[from].includes(to)) expect(move()).toEqual({ ...state, status: to, failureCode: "declined" });
        else expect(move).toThrow(`from ${from} to ${to}`);
      }),
    );
  });
});

describe("the next step", () => {
  const ending = (afterPaid: boolean) => ({ failureCode: "no_account" as const, afterPaid });
  const rows: [PayoutStatus, PayoutState["ending"], ReturnType<typeof nextStep>][] = [
    ["pending", null, "submit"],
    ["pending", ending(false), "submit"],
    ["in_transit", null, "pay"],
    ["in_transit", ending(false), "fail"],
    ["in_transit", ending(true), "pay"],
    ["paid", null, null],
    ["paid", ending(true), "fail"],
    ["failed", null, null],
    ["canceled", null, null],
  ];
  it.each(rows)("of a %s payout with the ending %j is %s", (from, given, step) => {
    expect(nextStep({ status: from, ending: given })).toBe(step);
  });

  it("ends, wherever it starts and whatever the bank does", () => {
    const target = { submit: "in_transit", pay: "paid", fail: "failed" } as const;
    fc.assert(
      fc.property(status, fc.option(fc.boolean().map(ending)), (from, given) => {
        let at: PayoutState = { ...state, status: from, ending: given };
        let steps = 0;
        for (let step = nextStep(at); step !== null; step = nextStep(at)) {
          at = moved(at, target[step], step === "fail" ? { ending: null } : {});
          expect(++steps).toBeLessThanOrEqual(3);
        }
        expect(["paid", "failed", "canceled"]).toContain(at.status);
      }),
    );
  });
});
