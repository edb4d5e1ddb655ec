import { expect, test } from "vitest";
import { resendManyOf } from "./resend-many.ts";

test("a job gets the filters of the list of deliveries", () => {
  expect(resendManyOf({})).toEqual({});
  expect(resendManyOf({ since: "24h", endpoint: "we_1", account: "acct_1", type: "payout.*" })).toEqual({
    endpoint: "we_1",
    account: "acct_1",
    type: "payout.*",
  });
  for (const state of ["cancelled", "exhausted", "succeeded"]) expect(resendManyOf({ state })).toEqual({ state });
});

test("what has not ended, and what no job can tell from others, is not sent again as a whole", () => {
  for (const state of ["pending", "retrying", "quarantined", "nonsense"]) expect(resendManyOf({ state })).toBeNull();
  expect(resendManyOf({ event: "evt_1" })).toBeNull();
  expect(resendManyOf({ status: "5xx", endpoint: "we_1" })).toBeNull();
});
