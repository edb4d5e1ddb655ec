import { expect, test } from "vitest";
import { suggestionsFor } from "./suggestions.ts";

const ALL = ["account.updated", "payout.failed", "payout.paid", "topup.failed", "transfer.created"].map((value) => ({
  value,
  note: value.split(".")[0] ?? "",
}));
const values = (typed: string) => suggestionsFor(typed, ALL).map(({ value }) => value);

test("suggestions hold every word that was typed, and those that begin with it come first", () => {
  expect(values("")).toHaveLength(5);
  expect(values("failed")).toEqual(["payout.failed", "topup.failed"]);
  expect(values("Failed top")).toEqual(["topup.failed"]);
  expect(values("t")).toEqual(["topup.failed", "transfer.created", "account.updated", "payout.failed", "payout.paid"]);
  expect(values("payout.p")).toEqual(["payout.paid"]);
  expect(values("nothing")).toEqual([]);
});
