import { expect, test } from "vitest";
import { memoryInbox } from "../src/inbox/memory-inbox.ts";
import { createReceiver, type Log, type Report } from "../src/index.ts";
import { CONNECT_SECRET, eventOf, webhook } from "./signed-webhook.ts";
import { turnedClock } from "./turned-clock.ts";

function receiver(log?: Log) {
  const reports: Report[] = [];
  const clock = turnedClock();
  const hooks = createReceiver({
    endpoints: { connect: { secret: CONNECT_SECRET, connect: true } },
    livemode: false,
    inbox: memoryInbox(),
    clock,
    autoStart: false,
    onReport: (report) => reports.push(report),
    ...(log === undefined ? {} : { log }),
  });
  return { hooks, reports, clock };
}

test("requests that anyone can send get a bounded number of lines, and each is reported", async () => {
  const lines: string[] = [];
  const { hooks, reports, clock } = receiver((line) => lines.push(line));
  const unsigned = () => hooks.handle({ method: "POST", header: () => null, body: new Uint8Array() });
  for (let n = 0; n < 500; n++) await unsigned();
  expect(lines).toHaveLength(10);
  expect(reports).toHaveLength(500);
  // Another reason has its own lines.
  await hooks.handle(webhook(eventOf("payout.paid"), { secret: "whsec_wrong" }));
  expect(lines.at(-1)).toContain("signature_mismatch");
  await clock.turn(60_000);
  await unsigned();
  expect(lines.at(-1)).toContain("(490 earlier requests were refused for the same reason and not logged)");
});

test("a logger is taken as the log, and called as its method", async () => {
  const logger = {
    lines: [] as string[],
    warn(line: string): void {
      this.lines.push(line);
    },
  };
  const { hooks } = receiver(logger);
  await hooks.handle({ method: "GET", header: () => null, body: new Uint8Array() });
  expect(logger.lines).toEqual([expect.stringContaining("refused with 405")]);
});

test.each([
  ["a logger without warn", { info: () => undefined }],
  ["null", null],
  ["a level", "warn"],
  ["true", true],
])("%s is refused when the receiver is made", (_what, log) => {
  expect(() => receiver(log as unknown as Log)).toThrow(/log must be a function that takes a line, a logger with a warn method, or false/);
});

test("a misspelt type causes a warning where no compiler checks, and is still handled", async () => {
  const lines: string[] = [];
  const { hooks } = receiver((line) => lines.push(line));
  const untyped = hooks.connect as unknown as { on(pattern: string, handler: () => void): void };
  let calls = 0;
  untyped.on("payout.faild", () => calls++);
  expect(lines).toEqual([
    expect.stringContaining('"payout.faild" is not a type of event that this version knows. Is "payout.failed" meant?'),
  ]);
  await hooks.handle(webhook(eventOf("payout.faild")));
  expect(calls).toBe(1);
});

test("memory holds so many events and no more: the oldest that are settled make room", async () => {
  const reports: Report[] = [];
  const clock = turnedClock();
  const inbox = memoryInbox({ events: 20 });
  const hooks = createReceiver({
    endpoints: { connect: { secret: CONNECT_SECRET, connect: true } },
    livemode: false,
    inbox,
    clock,
    log: false,
    autoStart: false,
    onReport: (report) => reports.push(report),
  });
  let fails = false;
  hooks.connect.on("payout.updated", () => {
    if (fails) throw new Error("not yet");
  });
  const send = async (n: number): Promise<number> =>
    (await hooks.handle(webhook(eventOf("payout.updated", { id: `evt_${n}`, object: { id: `po_${n}`, object: "payout" } })))).status;
  for (let n = 0; n < 200; n++) expect(await send(n)).toBe(200);
  expect((await hooks.depth({ settled: true })).work.done).toBe(20);
  expect(await inbox.eventsById("evt_0")).toEqual([]);
  fails = true;
  for (let n = 200; n < 220; n++) expect(await send(n)).toBe(500);
  // Now each of them waits to be handled.
  expect(await send(220)).toBe(503);
  expect(reports.at(-1)).toMatchObject({ reason: "inbox_unavailable", says: expect.stringContaining("memory inbox holds 20 events") });
  expect(() => memoryInbox({ events: 0 })).toThrow(/at least 1/);
});
