import type { AccountState } from "../connected-account/state/account-state.ts";

/**
 * An account's state without what a platform paused; null when it paused nothing. A pause without a platform counts as
 * any platform's.
 */
export function withoutPausesOf(state: AccountState, platformId: string): AccountState | null {
  const { pause } = state.review;
  const ends = (what: "payments" | "payouts"): boolean => pause[what] && (pause.by?.[what] ?? platformId) === platformId;
  const left = { ...pause, payments: pause.payments && !ends("payments"), payouts: pause.payouts && !ends("payouts") };
  if (left.payments === pause.payments && left.payouts === pause.payouts) return null;
  return { ...state, review: { ...state.review, pause: left } };
}
