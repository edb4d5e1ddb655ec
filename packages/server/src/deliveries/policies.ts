import { delayPolicy, LIVE_DELAYS_MS, type Policy, TEST_DELAYS_MS } from "./policy.ts";

/** The policy of each mode; an event's own mode decides, not its endpoint's. */
export interface Policies {
  live: Policy;
  test: Policy;
}

/** The policies deliveries follow unless told otherwise. */
export function defaultPolicies(timeoutMs: number): Policies {
  return { live: delayPolicy(LIVE_DELAYS_MS, timeoutMs), test: delayPolicy(TEST_DELAYS_MS, timeoutMs) };
}
