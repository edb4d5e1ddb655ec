import { afterEach, expect, test } from "vitest";
import type { Answer } from "../src/http-exchange.ts";
import { InboxUnavailable } from "../src/inbox/inbox.ts";
import { memoryInbox } from "../src/inbox/memory-inbox.ts";
import { arrivalOf, DONE, inboxEvent, LEASE_MS, START as NOW, workFor } from "../src/inbox-contract/inbox-fixture.ts";
import { createReceiver, type Report } from "../src/index.ts";
import { CONNECT_SECRET, eventOf, START, webhook } from "./signed-webhook.ts";
import { turnedClock } from "./turned-clock.ts";

// What happens at once where nothing has to be waited for: an inbox in memory, and handlers that return.

const endpoints = { connect: { secret: CONNECT_SECRET, connect: true } } as const;
const opened: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((hooks) => hooks.stop()));
});

function receiver(given: { concurrency?: number; events?: number; inbox?: ReturnType<typeof memoryInbox> } = {}) {
  const reports: Report[] = [];
  const { concurrency = 8, events = 10_000 } = given;
  const clock = turnedClock(START);
  const hooks = createReceiver({
    endpoints,
    livemode: false,
    inbox: given.inbox ?? memoryInbox({ events }),
    limits: { concurrency },
    clock,
    autoStart: false,
    log: false,
    onReport: (report) => reports.push(report),
  });
  opened.push(hooks);
  return { hooks, clock, reports };
}

test("a handler that returns has handled its event before the next request is read", async () => {
  const { hooks, reports } = receiver();
  hooks.connect.on("payout.paid", () => undefined);
  // The first request prepares the inbox.
  expect((await hooks.handle(webhook(eventOf("payout.paid")))).status).toBe(200);
  reports.length = 0;
  const answers = [hooks.handle(webhook(eventOf("payout.paid"))), hooks.handle(webhook(eventOf("payout.paid")))];
  expect(reports.map((report) => report.kind)).toEqual(["received", "handled", "received", "handled"]);
  for (const { status } of await Promise.all(answers)) expect(status).toBe(200);
});

test("one that throws is tried again, and answered 500", async () => {
  const { hooks, reports } = receiver();
  hooks.connect.on("payout.paid", () => {
    throw new Error("not today");
  });
  const { status } = await hooks.handle(webhook(eventOf("payout.paid")));
  expect(status).toBe(500);
  expect(reports).toContainEqual(expect.objectContaining({ kind: "handled", outcome: "retry" }));
});

test("a request whose event cannot be stored gives its slot back", async () => {
  const kept = memoryInbox();
  let away = false;
  const inbox: typeof kept = {
    ...kept,
    durable: true,
    store(arrival, options) {
      if (away) throw new InboxUnavailable("It is away.");
      return kept.store(arrival, options);
    },
  };
  const { hooks, reports } = receiver({ concurrency: 1, inbox });
  hooks.connect.on("payout.paid", () => undefined);
  const statusOf = async () => (await hooks.handle(webhook(eventOf("payout.paid")))).status;
  expect(await statusOf()).toBe(200);
  away = true;
  // More than it may hold: each had a slot.
  for (let asked = 0; asked < 100; asked++) expect(await statusOf()).toBe(503);
  away = false;
  reports.length = 0;
  expect(await statusOf()).toBe(200);
  expect(reports.map(({ kind }) => kind)).toEqual(["received", "handled"]);
});

test("thousands that waited for a slot are all handled once there is one, though each ends at once", async () => {
  const { hooks, clock, reports } = receiver({ concurrency: 1 });
  const first = Promise.withResolvers<void>();
  let calls = 0;
  hooks.connect.on("payout.paid", () => (++calls === 1 ? first.promise : undefined));
  const answers: Promise<Answer>[] = [];
  for (let n = 0; n < 4_000; n++) answers.push(hooks.handle(webhook(eventOf("payout.paid"))));
  await clock.turn(0);
  expect(reports.filter(({ kind }) => kind === "received").length).toBe(4_000);
  expect(calls).toBe(1);
  first.resolve();
  for (const { status } of await Promise.all(answers)) expect(status).toBe(200);
  expect(calls).toBe(4_000);
});

test("a handler that waits has all of its time, and no more", async () => {
  const { hooks, clock, reports } = receiver();
  hooks.connect.on(
    "payout.paid",
    { timeoutMs: 1_000 },
    (_event, { signal }) => new Promise((resolve) => signal.addEventListener("abort", resolve)),
  );
  const answer = hooks.handle(webhook(eventOf("payout.paid")));
  await clock.turn(0);
  expect(reports.length).toBe(1);
  await clock.turn(999);
  expect(reports.map((report) => report.kind)).toEqual(["received"]);
  await clock.turn(1);
  expect((await answer).status).toBe(500);
  expect(reports[1]).toMatchObject({ kind: "handled", outcome: "retry" });
});

test("a copy of a claim in memory is as good as the claim, until the work changes hands", async () => {
  const inbox = memoryInbox();
  const event = inboxEvent();
  const stored = await inbox.store(arrivalOf(event, [workFor(event)], { lease: { now: NOW, leaseUntil: NOW + LEASE_MS } }));
  const [claim] = stored.outcome === "stored" ? stored.claims : [];
  if (claim === undefined) throw new Error(stored.outcome);
  expect(await inbox.settle({ ...claim, fence: claim.fence + 1 }, DONE)).toBe(false);
  expect(await inbox.settle({ ...claim }, DONE)).toBe(true);
  expect(await inbox.settle(claim, DONE)).toBe(false);
});
