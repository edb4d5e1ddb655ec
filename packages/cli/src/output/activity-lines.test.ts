import type { Activity } from "@carabiner/server";
import pc from "picocolors";
import { expect, test } from "vitest";
import { activityLines } from "./activity-lines.ts";

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
const failed = {
  ...attempt,
  outcome: "status",
  status: 500,
  reason: "The endpoint answered 500 Internal Server Error. Only an answer from 200 to 299 counts as received.",
  state: "pending",
} as const;
const ACTIVITIES = [
  { kind: "event", at: 0, owedTo: 1, ...about },
  { kind: "event", at: 0, owedTo: 1, ...about, type: "account.application.deauthorized", livemode: true },
  attempt,
  { ...failed, nextAttemptAt: attempt.at + 12 + 300_000 },
  { ...failed, number: 2, nextAttemptAt: attempt.at + 12 + 3_600_000 },
  {
    ...failed,
    state: "exhausted",
    status: null,
    outcome: "connection_refused",
    reason: "The connection was refused: nothing listens at this address and port.",
  },
  { ...failed, state: "exhausted", deliveryKind: "manual", status: 599, reason: "The endpoint answered 599." },
  { ...attempt, kind: "cancelled" },
  { kind: "omitted", count: 3 },
] as const satisfies readonly Activity[];

/** All of them, printed one after the other. */
function printedAt(width: number | null, activities: readonly Activity[] = ACTIVITIES): string {
  const lineOf = activityLines({ colours: PLAIN, width: () => width });
  return `\n${activities.map((activity) => lineOf(activity)).join("\n")}`;
}

test("where nothing limits them, activities take a line each, with columns below each other, why, and when again", () => {
  expect(printedAt(null)).toMatchInlineSnapshot(`
    "
    event      account.updated                   acct_0VcMF3Fh00EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2
    event      account.application.deauthorized (live)  acct_0VcMF3Fh00EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2
    delivered  account.updated                   acct_0VcMF3Fh00EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2  200     12 ms  http://127.0.0.1:4242/hook
    failed     account.updated                   acct_0VcMF3Fh00EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2  500     12 ms  http://127.0.0.1:4242/hook  Internal Server Error. Only an answer from 200 to 299 counts as received. Try 2 in 5m, at 23:35:00 UTC.
    failed     account.updated                   acct_0VcMF3Fh00EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2  500     12 ms  http://127.0.0.1:4242/hook  Internal Server Error. Try 3 in 1h, at 2026-03-02 00:30:00 UTC.
    exhausted  account.updated                   acct_0VcMF3Fh00EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2    -     12 ms  http://127.0.0.1:4242/hook  The connection was refused: nothing listens at this address and port. Not tried again.
    exhausted  account.updated                   acct_0VcMF3Fh00EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2  599     12 ms  http://127.0.0.1:4242/hook  The endpoint answered 599. Sent by hand, so not tried again.
    cancelled  account.updated                   acct_0VcMF3Fh00EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2  http://127.0.0.1:4242/hook  The endpoint is disabled or deleted.
    3 attempts are not shown: there were too many at once"
  `);
});

test("on a terminal of 140 characters", () => {
  expect(printedAt(140)).toMatchInlineSnapshot(`
    "
    event      account.updated              acct_0VcMF3Fh00EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2
    event      account.appli…orized (live)  acct_0VcMF3Fh00EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2
    delivered  account.updated              acct_0VcMF3Fh00EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2  200     12 ms  127.0.0.1:4242/hook
    failed     account.updated              acct_0VcMF3Fh00EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2  500     12 ms  127.0.0.1:4242/hook
               Internal Server Error. Only an answer from 200 to 299 counts as received. Try 2 in 5m, at 23:35:00 UTC.
    failed     account.updated              acct_0VcMF3Fh00EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2  500     12 ms  127.0.0.1:4242/hook
               Internal Server Error. Try 3 in 1h, at 2026-03-02 00:30:00 UTC.
    exhausted  account.updated              acct_0VcMF3Fh00EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2    -     12 ms  127.0.0.1:4242/hook
               The connection was refused: nothing listens at this address and port. Not tried again.
    exhausted  account.updated              acct_0VcMF3Fh00EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2  599     12 ms  127.0.0.1:4242/hook
               The endpoint answered 599. Sent by hand, so not tried again.
    cancelled  account.updated              acct_0VcMF3Fh00EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2                 127.0.0.1:4242/hook
               The endpoint is disabled or deleted.
    3 attempts are not shown: there were too many at once"
  `);
});

test("of 100 characters", () => {
  expect(printedAt(100)).toMatchInlineSnapshot(`
    "
    event      account.updated             acct_0Vc…0EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2
    event      account.appli…rized (live)  acct_0Vc…0EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2
    delivered  account.updated             acct_0Vc…0EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2  200     12 ms
    failed     account.updated             acct_0Vc…0EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2  500     12 ms
               127.0.0.1:4242/hook: Internal Server Error. Only an answer from 200 to 299 counts as
               received. Try 2 in 5m.
    failed     account.updated             acct_0Vc…0EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2  500     12 ms
               127.0.0.1:4242/hook: Internal Server Error. Try 3 in 1h, at 2026-03-02 00:30:00 UTC.
    exhausted  account.updated             acct_0Vc…0EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2    -     12 ms
               127.0.0.1:4242/hook: The connection was refused: nothing listens at this address and
               port. Not tried again.
    exhausted  account.updated             acct_0Vc…0EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2  599     12 ms
               127.0.0.1:4242/hook: The endpoint answered 599. Sent by hand, so not tried again.
    cancelled  account.updated             acct_0Vc…0EiHNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2
               127.0.0.1:4242/hook: The endpoint is disabled or deleted.
    3 attempts are not shown: there were too many at once"
  `);
});

test("of 80 characters", () => {
  expect(printedAt(80)).toMatchInlineSnapshot(`
    "
    event      account.updated         acct_…HNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2
    event      account.app…zed (live)  acct_…HNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2
    delivered  account.updated         acct_…HNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2  200
    failed     account.updated         acct_…HNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2  500
               127.0.0.1:4242/hook: Internal Server Error. Only an answer from 200
               to 299 counts as received. Try 2 in 5m.
    failed     account.updated         acct_…HNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2  500
               127.0.0.1:4242/hook: Internal Server Error. Try 3 in 1h.
    exhausted  account.updated         acct_…HNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2    -
               127.0.0.1:4242/hook: The connection was refused: nothing listens at
               this address and port. Not tried again.
    exhausted  account.updated         acct_…HNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2  599
               127.0.0.1:4242/hook: The endpoint answered 599. Sent by hand, so not
               tried again.
    cancelled  account.updated         acct_…HNqP  evt_0VcMF3Fh02Yvxs6CtcSkEyv2
               127.0.0.1:4242/hook: The endpoint is disabled or deleted.
    3 attempts are not shown: there were too many at once"
  `);
});

test("no line is longer than a terminal of any usual width, and no id of an event is cut", () => {
  const longest = [...ACTIVITIES, { ...failed, url: `https://example.com/${"x".repeat(300)}` }];
  for (let width = 60; width <= 260; width++) {
    const lines = printedAt(width, longest).split("\n");
    expect([width, lines.filter((line) => [...line].length > width)]).toEqual([width, []]);
    expect(lines.filter((line) => line.includes(about.event))).toHaveLength(longest.length - 1);
  }
});

test("each explanation is given once", () => {
  const many = printedAt(
    null,
    Array.from({ length: 100 }, () => failed),
  );
  expect(many.match(/Only an answer from 200 to 299 counts as received/g)).toHaveLength(1);
});

test("what failed is red, and what could steer the terminal is shown", () => {
  const dressed = activityLines({ colours: pc.createColors(true), width: () => null });
  expect(dressed({ ...failed, nextAttemptAt: attempt.at })).toContain("\u001b[31m");
  for (const width of [null, 140, 80]) {
    const hostile = printedAt(width, [{ ...failed, reason: "\u001b[2J", url: "http://x/\u0007", type: "\u001b[2J", account: "\u0007" }]);
    expect(hostile).toContain("\\u001b[2J");
    expect(hostile).not.toContain("\u001b");
    expect(hostile).not.toContain("\u0007");
  }
});
