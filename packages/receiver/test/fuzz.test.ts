import fc from "fast-check";
import { expect, test } from "vitest";
import { memoryInbox } from "../src/inbox/memory-inbox.ts";
import { createReceiver } from "../src/index.ts";
import { readEvent } from "../src/verify/read-event.ts";
import { parseSignatureHeader } from "../src/verify/signature-header.ts";
import { bodyOf, CONNECT_SECRET, eventOf, signatureOf } from "./signed-webhook.ts";
import { turnedClock } from "./turned-clock.ts";

// Whatever comes from outside: an answer, never an exception, and never a handler that runs unsigned.

function receiver() {
  let calls = 0;
  const hooks = createReceiver({
    endpoints: { connect: { secret: CONNECT_SECRET, connect: true } },
    livemode: false,
    inbox: memoryInbox(),
    clock: turnedClock(),
    log: false,
  });
  hooks.connect.on("*", () => {
    calls++;
  });
  const post = (header: string | null, body: Uint8Array) =>
    hooks.handle({ method: "POST", header: (name) => (name === "stripe-signature" ? header : null), body });
  return { post, calls: () => calls };
}

const hex = fc.stringMatching(/^[0-9a-fA-F]{0,70}$/);
const part = fc.oneof(
  fc.string(),
  hex.map((digits) => `v1=${digits}`),
  fc.stringMatching(/^[0-9]{0,14}$/).map((digits) => `t=${digits}`),
  fc.constantFrom("t", "=", "v1", "v0=00", " t = 1 ", "t=1e3", "t=-1", "v1=", ",", "\u0000"),
);
const anyHeader = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(part, { maxLength: 20 }).map((parts) => parts.join(",")),
);

test("a header is read, or is none: whatever stands in it", () => {
  fc.assert(
    fc.property(anyHeader, (value) => {
      const parsed = parseSignatureHeader(value);
      if (parsed === null) return;
      expect(Number.isSafeInteger(parsed.timestamp)).toBe(true);
      expect(value).toContain(parsed.writtenTimestamp);
      expect(parsed.signatures.length).toBeGreaterThan(0);
      expect(parsed.signatures.length).toBeLessThanOrEqual(10);
      for (const signature of parsed.signatures) expect(signature).toMatch(/^[0-9a-f]{64}$/);
    }),
    { numRuns: 2_000 },
  );
});

test("a body is read as an event, or is none: whatever bytes it has", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.json().map((text) => new TextEncoder().encode(text)),
      ),
      (body) => {
        const read = readEvent(body);
        if (read.ok) expect(read.event).toMatchObject({ id: expect.any(String), type: expect.any(String), livemode: expect.any(Boolean) });
        else expect(["not_json", "not_an_event"]).toContain(read.reason);
      },
    ),
    { numRuns: 1_000 },
  );
});

test("nothing that is unsigned passes: 400 for every header and body", async () => {
  const { post, calls } = receiver();
  await fc.assert(
    fc.asyncProperty(fc.option(anyHeader), fc.uint8Array({ maxLength: 200 }), async (header, body) => {
      expect((await post(header, body)).status).toBe(400);
    }),
    { numRuns: 500 },
  );
  expect(calls()).toBe(0);
});

test("one changed bit, in body or signature, and it does not pass", async () => {
  const { post, calls } = receiver();
  const body = bodyOf(eventOf("payout.failed"));
  const header = signatureOf(body, { secret: CONNECT_SECRET });
  const digits = header.indexOf("v1=") + 3;
  await fc.assert(
    fc.asyncProperty(fc.nat(body.length - 1), fc.nat(7), fc.nat(63), fc.integer({ min: 1, max: 15 }), async (byte, bit, digit, by) => {
      const changed = Uint8Array.from(body);
      changed[byte] = (changed[byte] ?? 0) ^ (1 << bit);
      expect((await post(header, changed)).status).toBe(400);
      const at = digits + digit;
      const other = ((Number.parseInt(header.charAt(at), 16) + by) % 16).toString(16);
      expect((await post(header.slice(0, at) + other + header.slice(at + 1), body)).status).toBe(400);
    }),
    { numRuns: 200 },
  );
  expect(calls()).toBe(0);
  expect((await post(header, body)).status).toBe(200);
  expect(calls()).toBe(1);
});

test("what is signed is answered 200 or 400, whatever it says: never with an exception", async () => {
  const { post } = receiver();
  // Events that are almost right: each field may be anything, or missing.
  const event = fc.record(
    {
      id: fc.oneof(fc.constant("evt_1"), fc.jsonValue()),
      object: fc.constantFrom("event", "v2.core.event", 1),
      type: fc.oneof(
        fc.constantFrom("payout.failed", "account.application.deauthorized", "v2.core.account.closed", "__proto__"),
        fc.jsonValue(),
      ),
      account: fc.oneof(fc.constant("acct_1"), fc.jsonValue()),
      livemode: fc.oneof(fc.constant(false), fc.jsonValue()),
      created: fc.oneof(fc.integer(), fc.constant("2026-01-01T00:00:00Z"), fc.jsonValue()),
      data: fc.oneof(fc.record({ object: fc.jsonValue() }), fc.jsonValue()),
      context: fc.jsonValue(),
      related_object: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(event, async (given) => {
      const body = bodyOf(given);
      const { status, settled } = await post(signatureOf(body, { secret: CONNECT_SECRET }), body);
      await settled;
      expect([200, 400]).toContain(status);
    }),
    { numRuns: 1_000 },
  );
});
