import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JITTER, LAST_ATTEMPT_MS, LIVE_DELAYS_MS, TEST_DELAYS_MS, type Tried } from "./policy.ts";
import { retryPolicies } from "./retry-policies.ts";

const HOUR = 3_600_000;
const policies = retryPolicies("stripe", 30_000);
const first: Tried = { deliveryId: "dlv_1", kind: "automatic", attempt: 1, created: 0 };

/** The times of all attempts when each fails at once. */
function attempts(mode: "live" | "test", deliveryId: string, kind: Tried["kind"] = "automatic"): number[] {
  const times = [0];
  for (;;) {
    const now = times.at(-1) as number;
    const at = policies[mode].nextAttemptAt({ deliveryId, kind, attempt: times.length, created: 0 }, now);
    if (at === null) return times;
    times.push(at);
  }
}

describe("each policy", () => {
  test.each([
    { mode: "live", delays: LIVE_DELAYS_MS, count: 10 },
    { mode: "test", delays: TEST_DELAYS_MS, count: 4 },
  ] as const)("$mode: $count attempts, each delay within its jitter, none after three days", ({ mode, delays, count }) => {
    fc.assert(
      fc.property(fc.string(), (deliveryId) => {
        const times = attempts(mode, deliveryId);
        expect(times).toHaveLength(count);
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

  test("live goes on for more than two days, test ends within a few hours", () => {
    expect(attempts("live", "dlv_1").at(-1)).toBeGreaterThan(56 * HOUR);
    expect(attempts("test", "dlv_1").at(-1)).toBeLessThan(5 * HOUR);
  });

  test("the same delivery gets the same times, another gets others", () => {
    expect(attempts("live", "dlv_1")).toEqual(attempts("live", "dlv_1"));
    expect(attempts("live", "dlv_1")).not.toEqual(attempts("live", "dlv_2"));
  });

  test("a manual delivery is tried once", () => {
    expect(attempts("live", "dlv_1", "manual")).toEqual([0]);
  });

  test("a late attempt is moved to the end of the three days, and none follows it", () => {
    const late = LAST_ATTEMPT_MS - HOUR;
    expect(policies.live.nextAttemptAt({ ...first, attempt: 9 }, late)).toBe(LAST_ATTEMPT_MS);
    expect(policies.live.nextAttemptAt({ ...first, attempt: 3 }, LAST_ATTEMPT_MS)).toBeNull();
  });
});
