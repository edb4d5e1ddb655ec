import { EVENT_TYPES } from "@carabiner/protocol";
import { expect, test } from "vitest";
import { didYouMean, suggestion } from "./did-you-mean.ts";

test.each([
  ["payout.fialed", "payout.failed"],
  ["acount.updated", "account.updated"],
  ["Account.Updated", "account.updated"],
  ["invoice.payed", "invoice.paid"],
])("%s was probably meant to be %s", (typed, meant) => {
  expect(didYouMean(typed, EVENT_TYPES)[0]).toBe(meant);
});

test("at most three are suggested, and none where nothing is near", () => {
  expect(didYouMean("topup", EVENT_TYPES)).toEqual(["topup.canceled", "topup.created", "topup.failed"]);
  expect(suggestion("topup", EVENT_TYPES, "See all.")).toBe("Did you mean topup.canceled, topup.created or topup.failed?");
  expect(suggestion("order.shipped.to.the.moon", EVENT_TYPES, "See all.")).toBe("See all.");
});
