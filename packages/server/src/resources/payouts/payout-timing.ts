import { businessDayAfter } from "../connected-account/state/business-days.ts";

/** How fast a payout goes. */
export type PayoutMethod = "standard" | "instant";

/**
 * How long a payout takes. `docs/payouts.md` shows the same figures. Stripe says that a standard payout takes some
 * business days by country and bank, an instant one usually less than 30 minutes; the figures are the least of these.
 * Source: https://docs.stripe.com/payouts and https://docs.stripe.com/payouts/instant-payouts
 */
export const PAYOUT_TIMES = {
  standard: {
    /** Milliseconds from creation until it is submitted to the bank: until then it can be cancelled. */
    submitted: 3_600_000,
    /** It arrives at the start of this business day of the bank's country after the day of its creation. */
    arrivesOnBusinessDay: 2,
  },
  instant: {
    submitted: 60_000,
    /** Milliseconds from creation until it arrives. */
    arrives: 30 * 60_000,
  },
  /** What comes back after it was paid does so at the start of this business day after the day it was paid. */
  returnedOnBusinessDay: 1,
} as const;

/** When a payout made at `created` is submitted to the bank. Unix milliseconds, as all times here. */
export function submittedAt(method: PayoutMethod, created: number): number {
  return created + PAYOUT_TIMES[method].submitted;
}

/** When it arrives there. `country` is the bank's. */
export function arrivesAt(method: PayoutMethod, country: string, created: number): number {
  if (method === "instant") return created + PAYOUT_TIMES.instant.arrives;
  return businessDayAfter(country, created, PAYOUT_TIMES.standard.arrivesOnBusinessDay);
}

/** When a bank that was paid at `paid` sends it back, if it does. */
export function returnedAt(country: string, paid: number): number {
  return businessDayAfter(country, paid, PAYOUT_TIMES.returnedOnBusinessDay);
}
