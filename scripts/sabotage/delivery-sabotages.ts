import type { Sabotage } from "./sabotage.ts";

const DELIVERIES = "packages/server/src/deliveries";

/** What an attempt must not do to anyone, and what a receiver must not do to us. */
export const DELIVERY_SABOTAGES: readonly Sabotage[] = [
  {
    name: "no-jitter",
    does: "deliveries that failed together are tried again together",
    edits: [{ file: `${DELIVERIES}/policy.ts`, old: "JITTER * jitterOf(", new: "0 * jitterOf(" }],
    tests: [`${DELIVERIES}/policy.test.ts`],
  },
  {
    name: "take-a-redirect-for-success",
    does: "an answer from 300 to 399 counts as received",
    edits: [{ file: `${DELIVERIES}/outcome.ts`, old: "posted.status < 300", new: "posted.status < 400" }],
    tests: [`${DELIVERIES}/decide-settlement.test.ts`],
  },
  {
    name: "sign-with-the-time-of-the-event",
    does: "an attempt is signed with the time its delivery was due, not with its own",
    edits: [
      {
        file: `${DELIVERIES}/engine.ts`,
        old: "webhookHeaders(claim, at, clock.wallNow())",
        new: "webhookHeaders(claim, at, claim.created)",
      },
    ],
    tests: ["packages/server/test/deliveries/retry-signature.test.ts"],
  },
  {
    name: "send-to-an-endpoint-as-it-was",
    does: "what was being claimed when its endpoint was changed goes to the old URL",
    edits: [{ file: `${DELIVERIES}/claim-loop.ts`, old: "this.#changed?.add(endpointId);", new: "" }],
    tests: ["packages/server/test/deliveries/engine.test.ts"],
  },
  {
    name: "forget-the-rolled-secret",
    does: "only the newest secret signs, though an older one is still valid",
    edits: [{ file: `${DELIVERIES}/webhook-headers.ts`, old: "secrets,\n", new: "secrets: secrets.slice(0, 1),\n" }],
    tests: ["packages/server/test/resources/resources.test.ts", "packages/server/test/spine.test.ts"],
  },
  {
    name: "loose-signature-comparison",
    does: "the receiver takes a signature whose first bytes are right",
    edits: [
      {
        file: "packages/receiver/src/verify/signing-keys.ts",
        old: "timingSafeEqual(given, right)",
        new: "timingSafeEqual(given.subarray(0, 4), right.subarray(0, 4))",
      },
    ],
    tests: ["packages/receiver/src/verify/signing-keys.test.ts"],
  },
  {
    name: "any-signature-without-node",
    does: "the receiver takes any signature where it has no cryptography but WebCrypto",
    edits: [
      {
        file: "packages/receiver/src/verify/signing-keys.ts",
        old: "await crypto.subtle.verify(HMAC, key, bytesOf(signature), signed)",
        new: "(await crypto.subtle.verify(HMAC, key, bytesOf(signature), signed)) || signed.length > 0",
      },
    ],
    tests: ["packages/receiver/src/verify/signing-keys.test.ts"],
  },
  {
    name: "take-old-signatures",
    does: "the receiver takes a request that was recorded and is sent again days later",
    edits: [
      {
        file: "packages/receiver/src/verify/verify.ts",
        old: "Math.abs(skewSeconds) > toleranceSeconds",
        new: "-skewSeconds > toleranceSeconds",
      },
    ],
    tests: ["packages/receiver/src/verify/verify.test.ts"],
  },
  {
    name: "handle-a-duplicate-again",
    does: "the receiver's inbox keeps an event each time it arrives, and its handlers run each time (SQLite)",
    edits: [
      {
        file: "packages/receiver/src/inbox/sqlite/store-arrival.ts",
        old: "INSERT INTO carabiner_events (",
        new: "INSERT OR REPLACE INTO carabiner_events (",
      },
      {
        file: "packages/receiver/src/inbox/sqlite/store-arrival.ts",
        old: ") ON CONFLICT DO NOTHING RETURNING number",
        new: ") RETURNING number",
      },
    ],
    tests: ["packages/receiver/test/inboxes.test.ts"],
  },
];
