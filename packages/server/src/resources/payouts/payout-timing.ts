import { businessDayAfter } from "../connected-account/state/business-days.ts";

/** How fast a payout is. */
export type PayoutMethod = "standard" | "instant";

/**
 * How long a payout takes. `docs/payouts.md` shows the same figures. According to Stripe, a standard payout takes some
 * business days, depending on country and bank, and an instant one usually less than 30 minutes. These are the
 * minimums.
 * Source: https://docs.stripe.com/payouts and https://docs.stripe.com/payouts/instant-payouts
 */
export const PAYOUT_TIMES = {
  standard: {
    /** Milliseconds from creation to submission to the bank. It can be cancelled until then. */
    submitted: 3_600_000,
    /** Business days in the bank's country from the day of creation to arrival, at the start of the day. */
    arrivesOnBusinessDay: 2,
  },
  instant: {
    submitted: 60_000,
    /** Milliseconds from creation to arrival. */
    arrives: 30 * 60_000,
  },
  /** Business days from the day of payment to a return, at the start of the day. */
  returnedOnBusinessDay: 1,
} as const;

/** When a payout made at `created` is submitted to the bank. All times here are Unix milliseconds. */
export function submittedAt(method: PayoutMethod, created: number): number {
  return created + PAYOUT_TIMES[method].submitted;
}

/** When it arrives. `country` is the bank's. */
export function arrivesAt(method: PayoutMethod, country: string, created: number): number {
  if (method === "instant") return created + PAYOUT_TIMES.instant.arrives;
  return businessDayAfter(country, created, PAYOUT_TIMES.standard.arrivesOnBusinessDay);
}

/** When a bank that was paid at `paid` would return the payout. */
export function returnedAt(country: string, paid: number): number {
  return businessDayAfter(country, paid, PAYOUT_TIMES.returnedOnBusinessDay);
}
