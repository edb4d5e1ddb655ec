import { createIdSource } from "@carabiner/protocol";
import Stripe from "stripe";
import { expect, test } from "vitest";
import { createEngine } from "../../src/deliveries/engine.ts";
import { DEFAULT_RETRY_POLICY, retryPolicies } from "../../src/deliveries/retry-policies.ts";
import { DEFAULT_LIMITS } from "../../src/limits.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { OutgoingRequest } from "../../src/transport/transport.ts";
import { createSimulatedClock } from "../clock/simulated-clock.ts";
import { seededRandom } from "../simulation/seeded-random.ts";
import { deliveryFixture } from "./delivery-fixture.ts";

const START = 1_763_942_400_000;
const SECRET = "whsec_retry";
/** What Stripe's SDKs allow a signature to be old, seconds. */
const TOLERANCE_S = 300;

test("each attempt is signed with its own time, so that a retry of hours later verifies, and its bytes are the same", async () => {
  const clock = createSimulatedClock(START);
  const store = await openStore({ location: "memory", now: START });
  const fixture = await deliveryFixture(store, {
    ids: createIdSource(seededRandom(1).bytes),
    now: () => clock.now(),
    livemode: true,
    secret: SECRET,
    urlOf: () => "http://receiver.test/hook",
  });
  const posts: { at: number; request: OutgoingRequest }[] = [];
  const engine = createEngine({
    store,
    clock,
    transport: {
      async post(request) {
        posts.push({ at: clock.now(), request });
        return { kind: "answer", status: 500, headers: {}, body: "", truncated: false, durationMs: 1 };
      },
      close: async () => undefined,
    },
    policies: retryPolicies(DEFAULT_RETRY_POLICY, DEFAULT_LIMITS.attemptDeadlineMs),
    limits: DEFAULT_LIMITS,
    onTrouble: (error) => {
      throw error;
    },
    onBug: (error) => {
      throw error;
    },
  });
  await fixture.addEndpoint("payout.failed");
  await fixture.publish("payout.failed");
  for (let next = await engine.runOnce(); next !== null; next = await engine.runOnce()) clock.advanceTo(next);
  await engine.stop();
  await store.close();

  expect(posts).toHaveLength(10);
  expect(new Set(posts.map(({ request }) => Buffer.from(request.body).toString("hex"))).size).toBe(1);
  for (const { at, request } of posts) {
    const header = request.headers["stripe-signature"] as string;
    expect(header).toMatch(new RegExp(`^t=${Math.floor(at / 1_000)},v1=`));
    const verified = Stripe.webhooks.constructEvent(Buffer.from(request.body), header, SECRET, TOLERANCE_S, undefined, at / 1_000);
    expect(verified.type).toBe("payout.failed");
  }
});
