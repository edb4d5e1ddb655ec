import type { ReactNode } from "react";
import type { Attempt, DeliveryInFull } from "../src/api/answers.ts";
import { AttemptRecord } from "../src/records/attempt-record.tsx";

const AT = 1_796_007_900;
const V1 = "ab".repeat(32);
const V1_BEFORE = "cd".repeat(32);
const PHASES: Attempt["phases"] = { connection: "new", dns_ms: 8, connect_ms: 12, tls_ms: 25, first_byte_ms: 40, total_ms: 90 };
const HEADERS = {
  "content-type": "application/json; charset=utf-8",
  "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
  "stripe-signature": `t=${AT},v1=${V1}`,
};

const DELIVERED: Attempt = {
  number: 1,
  at: AT,
  duration_ms: 90,
  outcome: "succeeded",
  status: 200,
  reason: null,
  retry_after_ms: null,
  request_headers: HEADERS,
  response_headers: { "content-type": "application/json", "set-cookie": ["a=1", "b=2"] },
  response_body: '{"received": true}',
  phases: PHASES,
  signature: { signatures: [{ value: V1, secret: "whsec_****1234", current: true }] },
};

const REFUSED: Attempt = {
  ...DELIVERED,
  number: 2,
  outcome: "status",
  status: 500,
  reason: "The endpoint answered 500 Internal Server Error. Only an answer from 200 to 299 counts as received.",
  retry_after_ms: 30_000,
  request_headers: { ...HEADERS, "stripe-signature": `t=${AT},v1=${V1},v1=${V1_BEFORE}` },
  response_body: `<script>alert("no")</script> \u202Eturned ${"long".repeat(600)}`,
  signature: {
    signatures: [
      { value: V1, secret: "whsec_****1234", current: true },
      { value: V1_BEFORE, secret: null, current: null },
    ],
  },
};

const UNANSWERED: Attempt = {
  ...DELIVERED,
  number: 3,
  outcome: "timeout",
  status: null,
  reason: "No answer came within 20 s.",
  response_headers: null,
  response_body: null,
  phases: { ...PHASES, first_byte_ms: 19_955, total_ms: 20_000 },
  duration_ms: 20_000,
};

/** A delivery in which the attempt is not the last, so that it says itself what was wrong and what to do. */
const delivery = (attempt: Attempt, url: string | null = "https://hooks.example.com/connect"): DeliveryInFull => ({
  id: "dlv_0VcOyW6o00UyFu",
  object: "delivery",
  event: "evt_0VcOyW6o00UyFu",
  event_type: "payout.failed",
  account: "acct_0VcOyVxP018poGiU",
  livemode: false,
  webhook_endpoint: "we_0VcOyVwA005eVHQRiTxHIlSa",
  state: "pending",
  attempt_count: 4,
  created: AT,
  next_attempt_at: null,
  settled_at: null,
  reason: null,
  last_attempt: DELIVERED,
  request: { method: "POST", url, body: url === null ? null : '{"id": "evt_0VcOyW6o00UyFu", "type": "payout.failed"}' },
  attempts: [attempt, DELIVERED],
  unclean_ends: [],
});

/** One POST, with what was sent and what came back, by what came of it. */
export const ATTEMPTS: Readonly<Record<string, ReactNode>> = {
  "attempt-delivered": <AttemptRecord delivery={delivery(DELIVERED)} attempt={DELIVERED} />,
  // Signed with a secret that was rolled as well, and answered with what tries to be more than text.
  "attempt-refused": <AttemptRecord delivery={delivery(REFUSED)} attempt={REFUSED} />,
  "attempt-unanswered": <AttemptRecord delivery={delivery(UNANSWERED)} attempt={UNANSWERED} />,
  "attempt-gone": <AttemptRecord delivery={delivery(DELIVERED, null)} attempt={{ ...DELIVERED, request_headers: null }} />,
};
