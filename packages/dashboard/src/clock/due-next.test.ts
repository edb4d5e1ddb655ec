import { expect, test } from "vitest";
import { dueNext, LINE_MARKS, placeOnLine } from "./due-next.ts";

test("an entry links to the object that it is about", () => {
  const attempt = { kind: "attempt", at: 5, account: "acct_1", subject: "dlv_1", event_type: "payout.failed", attempt: 2 };
  const payout = { kind: "payout", at: 9, account: "acct_1", subject: "po_1" };
  expect(dueNext([attempt, payout]).map(({ what, account, href }) => [what, account, href])).toEqual([
    ["payout.failed, attempt 2", "acct_1", "/deliveries/dlv_1"],
    ["payout po_1", "acct_1", "/accounts/acct_1"],
  ]);
});

test("the marks of the line are evenly spaced, and nothing is outside of the line", () => {
  const last = LINE_MARKS.length - 1;
  for (const [index, [seconds]] of LINE_MARKS.entries()) expect(placeOnLine(seconds)).toBeCloseTo(index / last);
  expect([placeOnLine(-5), placeOnLine(1e12)]).toEqual([0, 1]);
  expect(placeOnLine(30)).toBeCloseTo(0.5 / last);
});
