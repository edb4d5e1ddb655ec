import { WEBHOOK_HEADERS } from "@carabiner/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Claim, Settlement } from "../store/contract/delivery-store.ts";
import type { AttemptRow } from "../store/contract/rows.ts";
import { packClaims, packSettlements, unpackClaims, unpackSettlements } from "./engine-messages.ts";

const headers = fc.dictionary(
  fc.constantFrom("stripe-signature", "user-agent", "x-other").map((name) => name),
  fc.string(),
);

const claims = fc.array(
  fc.record<Claim>(
    {
      deliveryId: fc.string(),
      kind: fc.constantFrom("automatic", "manual"),
      token: fc.nat(),
      leaseUntil: fc.nat(),
      dueAt: fc.nat(),
      created: fc.nat(),
      attempt: fc.nat(),
      event: fc.record({ id: fc.string(), type: fc.string(), livemode: fc.boolean() }),
      endpoint: fc.record({
        id: fc.string(),
        accountId: fc.string(),
        livemode: fc.boolean(),
        url: fc.string(),
        status: fc.constantFrom("enabled", "disabled"),
        deleted: fc.boolean(),
        secrets: fc.array(fc.record({ secret: fc.string(), expiresAt: fc.option(fc.nat()) })),
        firstFailureAt: fc.option(fc.nat()),
        toldOf: fc.constantFrom(null, "failing" as const, "disabled" as const),
        rateLimit: fc.option(fc.nat()),
        pausedAt: fc.option(fc.nat()),
      }),
      body: fc.uint8Array(),
      traceparent: fc.string(),
    },
    { requiredKeys: ["deliveryId", "kind", "token", "leaseUntil", "dueAt", "created", "attempt", "event", "endpoint", "body"] },
  ),
);

const attempts = fc.record<AttemptRow>({
  deliveryId: fc.string(),
  number: fc.nat(),
  at: fc.nat(),
  durationMs: fc.nat(),
  outcome: fc.string(),
  status: fc.option(fc.nat()),
  reason: fc.string({ unit: "binary" }),
  retryAfterMs: fc.option(fc.nat()),
  phases: fc.option(
    fc.record({
      reused: fc.boolean(),
      dnsMs: fc.option(fc.nat()),
      connectMs: fc.option(fc.nat()),
      tlsMs: fc.option(fc.nat()),
      firstByteMs: fc.option(fc.nat()),
    }),
  ),
  requestHeaders: headers.map((own) => ({ ...WEBHOOK_HEADERS, ...own })),
  responseHeaders: headers,
  responseBody: fc.string({ unit: "binary" }),
});

const settlements = fc.array(
  fc.record<Settlement>(
    {
      deliveryId: fc.string(),
      endpointId: fc.string(),
      token: fc.nat(),
      attempt: fc.option(attempts),
      next: fc.oneof(
        fc.constantFrom<Settlement["next"]>({ state: "succeeded" }, { state: "exhausted" }, { state: "cancelled" }),
        fc.record({ state: fc.constant("pending" as const), dueAt: fc.nat() }),
      ),
      firstAttemptAfterMs: fc.nat(),
    },
    { requiredKeys: ["deliveryId", "endpointId", "token", "attempt", "next"] },
  ),
);

test("claims come out unchanged, each with its own body", () => {
  fc.assert(
    fc.property(claims, (given) => {
      const packed = packClaims(given);
      const taken = unpackClaims(structuredClone(packed));
      expect(taken.map((claim) => ({ ...claim, body: [...claim.body] }))).toEqual(
        given.map((claim) => ({ ...claim, body: [...claim.body] })),
      );
      for (const { body } of taken) expect(body.buffer).not.toBe(packed.bodies.buffer);
    }),
  );
});

test("claims of one endpoint carry it once, and share it where they come out", () => {
  fc.assert(
    fc.property(claims, (given) => {
      const [first] = given;
      if (first === undefined) return;
      const packed = packClaims(given.map((claim) => ({ ...claim, endpoint: first.endpoint })));
      expect((JSON.parse(packed.json) as { endpoints: unknown[] }).endpoints).toHaveLength(1);
      for (const { endpoint } of unpackClaims(packed)) expect(endpoint).toEqual(first.endpoint);
    }),
  );
});

test("settlements come out as they went in, and what all attempts send is not carried", () => {
  fc.assert(
    fc.property(settlements, (given) => {
      const packed = packSettlements(given);
      const owed = ({ deliveryId, attempt, ...rest }: Settlement) => ({
        deliveryId,
        ...rest,
        attempt: attempt && { ...attempt, deliveryId },
      });
      expect(unpackSettlements(packed)).toEqual(given.map(owed));
    }),
  );
  const attempt: AttemptRow = {
    deliveryId: "dlv_1",
    number: 1,
    at: 1,
    durationMs: 1,
    outcome: "succeeded",
    status: 200,
    reason: "",
    retryAfterMs: null,
    phases: null,
    requestHeaders: { ...WEBHOOK_HEADERS, "stripe-signature": "t=1" },
    responseHeaders: {},
    responseBody: "",
  };
  const shared: AttemptRow = { ...attempt, responseHeaders: { server: "of-one-receiver" } };
  const two = ["dlv_1", "dlv_2"].map(
    (deliveryId): Settlement => ({ deliveryId, endpointId: "we_1", token: 1, attempt: shared, next: { state: "succeeded" } }),
  );
  const once = packSettlements(two);
  expect(once.json.split("of-one-receiver")).toHaveLength(2);
  const [one, other] = unpackSettlements(once);
  expect(one?.attempt?.responseHeaders).toBe(other?.attempt?.responseHeaders);
  const { json } = packSettlements([{ deliveryId: "dlv_1", endpointId: "we_1", token: 1, attempt, next: { state: "succeeded" } }]);
  expect(json).toContain("stripe-signature");
  expect(json).not.toContain(WEBHOOK_HEADERS["user-agent"]);
});
