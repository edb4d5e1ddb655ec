import type { AccountWorld } from "../state/account-world.ts";
import type { Asked, Stops } from "../state/review.ts";

/** The kinds of threshold that charges can cross. Source: https://docs.stripe.com/connect/testing#trigger-cards */
export type Threshold = (typeof THRESHOLDS)[number];
export const THRESHOLDS = ["next_requirements", "charge_block", "payout_block"] as const;

/** What each threshold blocks at once; null where there is time to meet the requirements. */
const STOPS: Readonly<Record<Threshold, Stops | null>> = { next_requirements: null, charge_block: "charges", payout_block: "payouts" };

/**
 * An account whose charges crossed a threshold: eventual requirements become due now, and past due where the threshold
 * blocks something. Returns the same world when nothing changes: before the first requirements are met, and when
 * nothing more will be due. `now` is in Unix milliseconds.
 * Source: https://docs.stripe.com/connect/testing#trigger-cards
 */
export function crossThreshold(world: AccountWorld, threshold: Threshold, now: number): AccountWorld {
  const { derived, review } = world.state;
  const due = derived.requirements.eventually_due ?? [];
  if (!derived.detailsSubmitted || review.granted.length === 0 || due.length === 0) return world;
  const stops = STOPS[threshold];
  const asked: Record<string, Asked> = { ...review.asked };
  if (stops !== null) for (const field of due) asked[field] = { deadline: now, stops };
  return { ...world, state: { ...world.state, review: { ...review, asked, thresholdCrossed: true } } };
}
