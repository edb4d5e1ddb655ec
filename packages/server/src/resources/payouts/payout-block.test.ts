import { describe, expect, it } from "vitest";
import { nothingDue, underivedAccount } from "../connected-account/state/derived.ts";
import type { ExternalAccountState } from "../connected-account/state/external-account-state.ts";
import { payoutBlock } from "./payout-block.ts";

const account = (payoutsEnabled: boolean, past_due: string[] = []) => ({
  derived: { ...underivedAccount(), payoutsEnabled, requirements: { ...nothingDue(), past_due } },
});
const destination = (status: ExternalAccountState["status"]) => ({ state: { status } as ExternalAccountState });

describe("what stands in the way of a payout", () => {
  it("is nothing while payouts are enabled and the destination is in order", () => {
    for (const named of [true, false]) expect(payoutBlock(account(true), destination("new"), named)).toBeNull();
  });

  it("is a destination that is not, by schedule or by hand", () => {
    for (const named of [true, false]) {
      expect(payoutBlock(account(true), destination("errored"), named)).toBe("destination");
      expect(payoutBlock(account(true), destination("verification_failed"), named)).toBe("destination");
    }
  });

  it("is the account when its payouts are disabled", () => {
    for (const named of [true, false]) expect(payoutBlock(account(false), destination("new"), named)).toBe("account");
    expect(payoutBlock(account(false, ["external_account", "individual.id_number"]), destination("new"), true)).toBe("account");
  });

  it("is not the account for a destination that is named, when another one is all that is wrong with it", () => {
    expect(payoutBlock(account(false, ["external_account"]), destination("new"), true)).toBeNull();
    expect(payoutBlock(account(false, ["external_account"]), destination("new"), false)).toBe("account");
  });
});
