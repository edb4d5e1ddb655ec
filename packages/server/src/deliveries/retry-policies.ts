import { delayPolicy, LIVE_DELAYS_MS, type Policy, TEST_DELAYS_MS } from "./policy.ts";

/** The policy of each mode. The event's own mode decides, not that of its endpoint. */
export interface Policies {
  live: Policy;
  test: Policy;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/**
 * Every retry policy by its name in the options: the delay after each failed attempt, in milliseconds. To add one, add
 * it here; tests name the rest.
 */
export const RETRY_POLICIES = {
  stripe: {
    does: "as Stripe: live, ten attempts within three days; test, four within hours",
    live: LIVE_DELAYS_MS,
    test: TEST_DELAYS_MS,
  },
  quick: {
    does: "for development: five attempts within minutes, in both modes",
    live: [5 * SECOND, 15 * SECOND, MINUTE, 3 * MINUTE],
    test: [5 * SECOND, 15 * SECOND, MINUTE, 3 * MINUTE],
  },
  none: { does: "one attempt", live: [], test: [] },
} as const satisfies Record<string, { does: string; live: readonly number[]; test: readonly number[] }>;

export type RetryPolicyName = keyof typeof RETRY_POLICIES;

/** The policy that applies when none is chosen. */
export const DEFAULT_RETRY_POLICY: RetryPolicyName = "stripe";

/** The policies with this name. `deadlineMs` is the time from the start of an attempt until it times out. */
export function retryPolicies(name: RetryPolicyName, deadlineMs: number): Policies {
  const { live, test } = RETRY_POLICIES[name];
  return { live: delayPolicy(live, deadlineMs), test: delayPolicy(test, deadlineMs) };
}

/** Whether text is the name of a policy. */
export function isRetryPolicyName(name: string): name is RetryPolicyName {
  return Object.hasOwn(RETRY_POLICIES, name);
}
