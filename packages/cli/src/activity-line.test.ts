import type { Activity } from "@carabiner/server";
import pc from "picocolors";
import { expect, test } from "vitest";
import { activityLine } from "./activity-line.ts";

const PLAIN = pc.createColors(false);
const about = {
  event: "evt_0VcMF3Fh02Yvxs6CtcSkEyv2",
  type: "account.updated",
  account: "acct_0VcMF3Fh00EiHNqP",
  livemode: false,
};
const attempt: Extract<Activity, { kind: "attempt" }> = {
  kind: "attempt",
  at: Date.UTC(2026, 2, 1, 23, 30),
  ...about,
  delivery: "dlv_1",
  deliveryKind: "automatic",
  endpoint: "we_1",
  url: "http://127.0.0.1:4242/hook",
  number: 1,
  durationMs: 12,
  outcome: "succeeded",
  status: 200,
  reason: "The endpoint answered 200 OK.",
  state: "succeeded",
  nextAttemptAt: null,
};
const failed = { ...attempt, outcome: "status", status: 500, reason: "The endpoint answered 500.", state: "pending" } as const;

test("lines of activities have their columns below each other, and say in words why and when again", () => {
  const lines = [
    { kind: "event", at: 0, owedTo: 1, ...about },
    { kind: "event", at: 0, owedTo: 1, ...about, type: "payout.failed", livemode: true },
    attempt,
    { ...failed, nextAttemptAt: attempt.at + 12 + 300_000 },
    { ...failed, number: 2, nextAttemptAt: attempt.at + 12 + 3_600_000 },
    { ...failed, state: "exhausted", status: null, outcome: "refused", reason: "The connection was refused." },
    { ...failed, state: "exhausted", deliveryKind: "manual" },
    { ...attempt, kind: "cancelled" },
    { kind: "omitted", count: 3 },
  ] as const satisfies readonly Activity[];
  expect(`\n${lines.map((line) => activityLine(line, PLAIN)).join("\n")}`).toMatchInlineSnapshot(`
    "
    event      account.updated                   acct_0VcMF3Fh00EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2
    event      payout.failed (live)              acct_0VcMF3Fh00EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2
    delivered  account.updated                   acct_0VcMF3Fh00EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2  200     12 ms  http://127.0.0.1:4242/hook
    failed     account.updated                   acct_0VcMF3Fh00EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2  500     12 ms  http://127.0.0.1:4242/hook  The endpoint answered 500. Try 2 in 5m, at 23:35:00 UTC.
    failed     account.updated                   acct_0VcMF3Fh00EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2  500     12 ms  http://127.0.0.1:4242/hook  The endpoint answered 500. Try 3 in 1h, at 2026-03-02 00:30:00 UTC.
    exhausted  account.updated                   acct_0VcMF3Fh00EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2    -     12 ms  http://127.0.0.1:4242/hook  The connection was refused. Not tried again.
    exhausted  account.updated                   acct_0VcMF3Fh00EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2  500     12 ms  http://127.0.0.1:4242/hook  The endpoint answered 500. Sent by hand, so not tried again.
    cancelled  account.updated                   acct_0VcMF3Fh00EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2  http://127.0.0.1:4242/hook  The endpoint is disabled or deleted.
    3 attempts are not shown: there were too many at once"
  `);
});

test("what failed is red, and what could steer the terminal is shown", () => {
  expect(activityLine({ ...failed, nextAttemptAt: attempt.at }, pc.createColors(true))).toContain("\u001b[31m");
  const hostile = activityLine({ ...failed, reason: "\u001b[2J", url: "http://x/\u0007" }, PLAIN);
  expect(hostile).toContain("\\u001b[2J");
  expect(hostile).not.toContain("\u001b");
  expect(hostile).not.toContain("\u0007");
});
