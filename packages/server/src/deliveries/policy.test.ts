import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JITTER, LAST_ATTEMPT_MS, type Policy, type Tried } from "./policy.ts";
import { RETRY_POLICIES, type RetryPolicyName, retryPolicies } from "./retry-policies.ts";

const HOUR = 3_600_000;
const DEADLINE_MS = 30_000;
const policies = retryPolicies("stripe", DEADLINE_MS);
const first: Tried = { deliveryId: "dlv_1", kind: "automatic", attempt: 1, created: 0 };

/** The times of all attempts when each fails at once. */
function attempts(policy: Policy, deliveryId: string, kind: Tried["kind"] = "automatic"): number[] {
  const times = [0];
  for (;;) {
    const now = times.at(-1) as number;
    const at = policy.nextAttemptAt({ deliveryId, kind, attempt: times.length, created: 0 }, now);
    if (at === null) return times;
    times.push(at);
  }
}

/** Every policy of every name, in both modes. */
const EACH = (Object.keys(RETRY_POLICIES) as RetryPolicyName[]).flatMap((name) =>
  (["live", "test"] as const).map((mode) => ({
    name,
    mode,
    delays: RETRY_POLICIES[name][mode] as readonly number[],
    policy: retryPolicies(name, DEADLINE_MS)[mode],
  })),
);

describe.each(EACH)("the policy $name in $mode mode", ({ delays, policy }) => {
  test("attempts once more for each delay, within its jitter, and never after three days", () => {
    fc.assert(
      fc.property(fc.string(), (deliveryId) => {
        const times = attempts(policy, deliveryId);
        expect(times).toHaveLength(delays.length + 1);
        times.slice(1).forEach((time, n) => {
          const delay = time - (times[n] as number);
          const nominal = delays[n] as number;
          expect(delay).toBeGreaterThanOrEqual(nominal * (1 - JITTER) - 1);
          expect(delay).toBeLessThanOrEqual(nominal * (1 + JITTER) + 1);
        });
        expect(times.at(-1)).toBeLessThanOrEqual(LAST_ATTEMPT_MS);
      }),
    );
  });

  test("plans the same times for a delivery each time it is asked, and others for another delivery", () => {
    expect(attempts(policy, "dlv_1")).toEqual(attempts(policy, "dlv_1"));
    if (delays.length > 0) expect(attempts(policy, "dlv_1")).not.toEqual(attempts(policy, "dlv_2"));
  });

  test("tries a manual delivery once", () => {
    expect(attempts(policy, "dlv_1", "manual")).toEqual([0]);
  });
});

describe("Stripe's policy", () => {
  test("makes ten attempts in live mode and four in test mode", () => {
    expect([attempts(policies.live, "dlv_1").length, attempts(policies.test, "dlv_1").length]).toEqual([10, 4]);
  });

  test("live mode retries for more than two days, test mode ends within a few hours", () => {
    expect(attempts(policies.live, "dlv_1").at(-1)).toBeGreaterThan(56 * HOUR);
    expect(attempts(policies.test, "dlv_1").at(-1)).toBeLessThan(5 * HOUR);
  });

  test("a late attempt is moved to the end of the three days, and none follows it", () => {
    const late = LAST_ATTEMPT_MS - HOUR;
    expect(policies.live.nextAttemptAt({ ...first, attempt: 9 }, late)).toBe(LAST_ATTEMPT_MS);
    expect(policies.live.nextAttemptAt({ ...first, attempt: 3 }, LAST_ATTEMPT_MS)).toBeNull();
  });
});

test.each([
  ["automatic", true],
  ["resent", true],
  ["manual", false],
] as const)("an attempt later than any planned one is over: %s %s", (kind, over) => {
  const tried = { ...first, kind, created: 5 };
  for (const policy of [policies.live, policies.test]) {
    expect(policy.isOver(tried, 5 + LAST_ATTEMPT_MS)).toBe(false);
    expect(policy.isOver(tried, 6 + LAST_ATTEMPT_MS)).toBe(over);
  }
});

test.each(EACH.filter(({ delays }) => delays.length > 0))(
  "no retry of $name, $mode, is sooner than its shortest delay",
  ({ delays, policy }) => {
    const soonest = Array.from({ length: 1_000 }, (_, number) =>
      Math.min(
        ...delays.map((_delay, place) => policy.nextAttemptAt({ ...first, deliveryId: `dlv_${number}`, attempt: place + 1 }, 0) ?? 0),
      ),
    );
    expect(Math.min(...soonest)).toBeGreaterThanOrEqual(policy.shortestDelayMs);
    expect(Math.min(...soonest)).toBeLessThan(policy.shortestDelayMs * 1.01);
  },
);

test("what an endpoint asks to wait puts a retry off, never brings it nearer, and never past the last attempt", () => {
  const planned = policies.live.nextAttemptAt(first, 0) as number;
  expect(policies.live.nextAttemptAt(first, 0, planned - 1)).toBe(planned);
  expect(policies.live.nextAttemptAt(first, 0, planned + 1)).toBe(planned + 1);
  expect(policies.live.nextAttemptAt(first, 0, LAST_ATTEMPT_MS + 1)).toBe(LAST_ATTEMPT_MS);
});
