import { inspect } from "node:util";
import { expect, test } from "vitest";
import { memoryInbox } from "../src/inbox/memory-inbox.ts";
import { createReceiver, InboxUnavailable, receiverMetrics } from "../src/index.ts";
import { sent } from "./conversation/rows.ts";
import { eventOf, signatureOf } from "./signed-webhook.ts";
import { turnedClock } from "./turned-clock.ts";

// Words that are in secrets, signatures and payloads, and may be in nothing a receiver says.
const SECRET = "whsec_canarysecret111";
const OLD = "whsec_canaryold222";
const PAYLOAD = "canary-payload-333";

function scene(inbox = memoryInbox()) {
  const said: unknown[] = [];
  const metrics = receiverMetrics();
  const hooks = createReceiver({
    endpoints: { connect: { secret: [SECRET, OLD], connect: true }, other: { secret: "whsec_canaryother444" } },
    livemode: false,
    inbox,
    clock: turnedClock(),
    log: (line) => said.push(line),
    onReport(report) {
      said.push(report);
      metrics.report(report);
    },
  });
  hooks.connect
    .on("account.updated", () => {
      throw new Error("the handler's own words");
    })
    .on("payout.paid", () => undefined);
  return { hooks, metrics, said };
}

test("secrets, signatures and payloads are in no log line, report, answer, error or listing", async () => {
  const object = { id: "obj_1", object: "thing", email: PAYLOAD };
  const signatures: string[] = [];
  const heard: unknown[] = [];
  for (const inbox of [memoryInbox(), { ...memoryInbox(), store: () => Promise.reject(new InboxUnavailable("away")) }]) {
    const { hooks, metrics, said } = scene(inbox);
    const event = eventOf("account.updated", { object });
    const signed = (given: unknown, secret: string, at?: number) => sent(given, at === undefined ? { secret } : { secret, at });
    const requests = [
      signed(event, SECRET),
      signed(event, OLD),
      signed(eventOf("payout.paid", { object }), SECRET),
      signed(eventOf("payout.paid", { object, account: null }), SECRET),
      signed(eventOf("account.updated", { object, livemode: true }), SECRET),
      signed(event, "whsec_canaryunknown555"),
      signed(event, SECRET, 0),
      signed([PAYLOAD], SECRET),
      sent(event, { header: `t=1,v1=${PAYLOAD}` }),
      sent(event, {
        header: signatureOf(sent(event).body[0] ?? new Uint8Array(), { secret: SECRET }),
        body: new TextEncoder().encode(JSON.stringify(event)),
      }),
      { ...signed(event, SECRET), body: [new TextEncoder().encode(`{"not json": "${PAYLOAD}"`)] },
      sent(null, { secret: SECRET, body: new TextEncoder().encode(`{"not json": "${PAYLOAD}"`) }),
    ];
    for (const { method, headers, body } of requests) {
      const signature = headers["stripe-signature"] ?? "";
      signatures.push(...(signature.match(/[0-9a-f]{64}/g) ?? []));
      const answer = await hooks.handle({ method, header: (name) => headers[name] ?? null, body: body[0] ?? new Uint8Array() });
      await answer.settled;
      heard.push(answer.body, answer.headers);
    }
    const parsed = await hooks.handle({
      method: "POST",
      header: () => signatures[0] ?? null,
      body: { kind: "consumed", left: event, remedy: "move a line" },
    });
    heard.push(parsed.body, ...said, await hooks.work(), await hooks.endpoints(), await metrics.text(hooks));
    expect(said.length).toBeGreaterThan(requests.length);
  }
  const everything = inspect(heard, { depth: Number.POSITIVE_INFINITY, maxStringLength: null, maxArrayLength: null });
  expect(signatures.length).toBeGreaterThan(20);
  for (const canary of ["canary", ...signatures]) expect(everything.includes(canary), canary).toBe(false);
  // The canary sees: what may be said is there.
  expect(everything).toContain("the handler's own words");
  expect(everything).toContain("signature_mismatch");
});

test.each(["sk_test_canary", "pk_live_canary", "we_canary", " canary "])("an error about the secret %j does not repeat it", (secret) => {
  let message = "";
  try {
    createReceiver({ endpoints: { connect: { secret } }, livemode: false, inbox: memoryInbox() });
  } catch (error) {
    message = inspect(error);
  }
  expect(message).toContain("connect");
  expect(message).not.toContain("canary");
});
