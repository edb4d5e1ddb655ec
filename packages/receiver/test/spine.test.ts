import { expect, test } from "vitest";
import { memoryInbox } from "../src/inbox/memory-inbox.ts";
import { createReceiver, type Report } from "../src/index.ts";
import { CONNECT_SECRET, eventOf, PLATFORM_SECRET, START, webhook } from "./signed-webhook.ts";
import { turnedClock } from "./turned-clock.ts";

function receiver() {
  const reports: Report[] = [];
  const hooks = createReceiver({
    endpoints: { platform: { secret: PLATFORM_SECRET }, connect: { secret: [CONNECT_SECRET, "whsec_old"], connect: true } },
    livemode: false,
    inbox: memoryInbox(),
    clock: turnedClock(),
    log: false,
    onReport: (report) => reports.push(report),
  });
  return { hooks, reports };
}

test("a signed event reaches the handler of its lane, with its account, once", async () => {
  const { hooks, reports } = receiver();
  const seen: unknown[] = [];
  hooks.connect.on("payout.failed", (event, { account, livemode, endpoint, attempt }) => {
    seen.push([event.data.object.failure_code, account, livemode, endpoint, attempt]);
  });
  hooks.platform.on("payout.failed", () => seen.push("the platform's"));
  const event = eventOf("payout.failed", { object: { id: "po_1", object: "payout", failure_code: "no_account" } });

  const first = await hooks.handle(webhook(event));
  expect([first.status, first.body]).toEqual([200, '{"received":true}']);
  expect((await hooks.handle(webhook(event, { secret: "whsec_old" }))).status).toBe(200);
  expect(seen).toEqual([["no_account", "acct_1", false, "connect", 1]]);
  expect(reports.map((report) => ("outcome" in report ? report.outcome : report.kind))).toEqual(["stored", "done", "duplicate"]);
});

test("a handler added later gets the types that arrived before it", async () => {
  const { hooks } = receiver();
  const seen: string[] = [];
  const send = (id: string) => hooks.handle(webhook(eventOf("payout.failed", { id, object: { id: "po_1", object: "payout" } })));
  hooks.unhandled(({ id }) => seen.push(`unhandled ${id}`));
  await send("evt_1");
  hooks.connect.on("payout.failed", ({ id }) => seen.push(`first ${id}`));
  await send("evt_2");
  hooks.connect.on("payout.*", ({ id }) => seen.push(`second ${id}`));
  await send("evt_3");
  expect(seen).toEqual(["unhandled evt_1", "first evt_2", "first evt_3", "second evt_3"]);
});

test("nothing passes without a signature, and the caller does not learn why", async () => {
  const { hooks, reports } = receiver();
  hooks.connect.on("*", () => {
    throw new Error("was called");
  });
  const answer = await hooks.handle(webhook(eventOf("account.updated"), { secret: "whsec_wrong" }));
  expect([answer.status, answer.body]).toEqual([400, '{"error":"The request could not be verified."}']);
  expect(reports).toMatchObject([{ kind: "refused", reason: "signature_mismatch" }]);
  expect((await hooks.depth()).work.pending).toBe(0);
});

test("over fetch and node:http it is the same conversation", async () => {
  const { hooks } = receiver();
  hooks.connect.on("account.updated", () => undefined);
  const incoming = webhook(eventOf("account.updated"), { at: START });
  const request = new Request("http://127.0.0.1/hook", {
    method: "POST",
    headers: { "stripe-signature": incoming.header("stripe-signature") ?? "" },
    body: incoming.body as Uint8Array<ArrayBuffer>,
  });
  const response = await hooks.fetch(request);
  expect([response.status, await response.json()]).toEqual([200, { received: true }]);
});
