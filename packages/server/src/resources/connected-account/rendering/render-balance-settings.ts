import type Stripe from "stripe";
import { hashOf } from "../../../operations/merge-change.ts";
import type { AccountState } from "../state/account-state.ts";
import { debitsNegativeBalances, minimumBalances, payoutSchedule } from "../state/payout-schedule.ts";

/**
 * An account's payout settings for newer integrations, with the same content as the account's `settings.payouts`.
 * Source: https://docs.stripe.com/api/balance-settings/object
 */
export function renderBalanceSettings(state: AccountState): Stripe.BalanceSettings {
  const payouts = hashOf(hashOf(state.given.settings).payouts);
  const { interval, delay_days, weekly_anchor, weekly_payout_days, monthly_anchor, monthly_payout_days } = payoutSchedule(state);
  const told = hashOf(payouts.schedule).delay_days;
  const minimums = minimumBalances(state);
  return {
    object: "balance_settings",
    payments: {
      debit_negative_balances: debitsNegativeBalances(state),
      payouts: {
        // No rules. Stripe's sample has null here, which its SDK for Python cannot parse.
        automatic_transfer_rules_by_currency: {},
        minimum_balance_by_currency: Object.keys(minimums).length === 0 ? null : minimums,
        schedule: {
          interval,
          ...(interval === "weekly"
            ? { weekly_payout_days: weekly_payout_days ?? (weekly_anchor === undefined ? [] : [weekly_anchor]) }
            : {}),
          ...(interval === "monthly"
            ? { monthly_payout_days: monthly_payout_days ?? (monthly_anchor === undefined ? [] : [monthly_anchor]) }
            : {}),
        },
        statement_descriptor: (payouts.statement_descriptor as string | undefined) ?? null,
        status: state.exempt || state.derived.payoutsEnabled ? "enabled" : "disabled",
      },
      settlement_timing: {
        delay_days,
        ...(typeof told === "number" ? { delay_days_override: told } : {}),
        start_of_day: null,
      },
    },
  };
}
