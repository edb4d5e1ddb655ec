import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { hashOf, isHash } from "../../../operations/merge-change.ts";
import { pickGiven } from "../../../operations/with-defaults.ts";
import type { JsonObject } from "../../../store/contract/rows.ts";
import type { AccountState } from "./account-state.ts";
import { isBusinessDay, startOfDay } from "./business-days.ts";
import { payoutDelayDays } from "./countries.ts";
import { DAY_MS } from "./utc-day.ts";

type ShownSchedule = Stripe.Account.Settings.Payouts.Schedule;

/** Days of the week in the order of `Date.getUTCDay`. */
const WEEK = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/** The maximum number of days funds can be held. Source: https://docs.stripe.com/connect/manage-payout-schedule */
const LONGEST_DELAY = 31;

/** The parameter of an account that holds the delay. */
const DELAY_PARAM = "settings[payouts][schedule][delay_days]";

/**
 * An account's automatic payout schedule, as shown in `settings.payouts.schedule`. All code uses this function. Anchors
 * show only for their interval. Without a given day, payouts are on Mondays, or on the 1st.
 * Source: https://docs.stripe.com/connect/manage-payout-schedule
 */
export function payoutSchedule({ given: told, country }: Pick<AccountState, "given" | "country">): ShownSchedule {
  const from = toldOfSchedule(told);
  const interval = (from.interval as string | undefined) ?? "daily";
  return {
    delay_days:
      (from.delay_days as number | undefined) ?? payoutDelayDays({ country, recipient: isRecipient(told), manual: interval === "manual" }),
    interval,
    ...(interval === "monthly" ? anchored(from, "monthly_anchor", "monthly_payout_days", 1) : {}),
    ...(interval === "weekly" ? anchored(from, "weekly_anchor", "weekly_payout_days", "monday") : {}),
  };
}

/**
 * Whether an account only receives payouts from its platform abroad.
 * Source: https://docs.stripe.com/connect/service-agreement-types
 */
export function isRecipient({ tos_acceptance }: JsonObject): boolean {
  return hashOf(tos_acceptance).service_agreement === "recipient";
}

/** Whether a negative balance is debited from the account's bank account. */
export function debitsNegativeBalances({ given: told, controller }: Pick<AccountState, "given" | "controller">): boolean {
  const payouts = hashOf(hashOf(told.settings).payouts);
  return (payouts.debit_negative_balances as boolean | undefined) ?? controller.requirementCollection !== "application";
}

/**
 * The amounts that automatic payouts leave in the balance, by currency.
 * Source: https://docs.stripe.com/payouts/minimum-balances-for-automatic-payouts
 */
export function minimumBalances({ given: told }: Pick<AccountState, "given">): Readonly<Record<string, number>> {
  return hashOf(hashOf(hashOf(told.settings).payouts).minimum_balance_by_currency) as Record<string, number>;
}

/**
 * Whether a schedule has an automatic payout on the day of a time: for daily payouts on the country's business days,
 * otherwise on the given days. Days are in UTC.
 */
export function isPayoutDay(schedule: ShownSchedule, country: string, at: number): boolean {
  const day = new Date(at);
  switch (schedule.interval) {
    case "daily":
      return isBusinessDay(country, at);
    case "weekly":
      return [schedule.weekly_anchor, ...(schedule.weekly_payout_days ?? [])].includes(WEEK[day.getUTCDay()]);
    case "monthly": {
      const last = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
      const named = [...(schedule.monthly_anchor === undefined ? [] : [schedule.monthly_anchor]), ...(schedule.monthly_payout_days ?? [])];
      return named.some((wanted) => Math.min(wanted, last) === day.getUTCDate());
    }
    default:
      return false;
  }
}

/**
 * The start of the first payout day after the day of `at`, both in Unix milliseconds; null without automatic payouts.
 */
export function nextPayoutDay(schedule: ShownSchedule, country: string, at: number): number | null {
  if (schedule.interval === "manual") return null;
  let day = startOfDay(at) + DAY_MS;
  while (!isPayoutDay(schedule, country, day)) day += DAY_MS;
  return day;
}

/**
 * Applies schedule parameters, in place. `delay_days` is a number, or `minimum`, which means the country's default and
 * is stored as absent. A day given in one form replaces days given in the other. Throws when `delay_days` is invalid or
 * below the country's default; the error uses the call's name for it.
 */
export function readSchedule(told: JsonObject, country: string, param = DELAY_PARAM): void {
  const schedule = toldOfSchedule(told);
  for (const interval of ["weekly", "monthly"]) {
    const [anchor, days] = [`${interval}_anchor`, `${interval}_payout_days`];
    if (schedule[anchor] !== undefined && schedule[days] === undefined) schedule[days] = null;
    else if (schedule[days] !== undefined && schedule[anchor] === undefined) schedule[anchor] = null;
  }
  const { delay_days: delay } = schedule;
  if (typeof delay !== "string") return;
  if (delay !== "minimum" && !/^\d+$/.test(delay)) throw apiError("parameter_invalid_integer", { value: delay, param });
  const min = payoutDelayDays({ country, recipient: isRecipient(told), manual: false });
  if (delay !== "minimum" && (Number(delay) < min || Number(delay) > LONGEST_DELAY))
    throw apiError("parameter_out_of_range", { param, min, max: LONGEST_DELAY });
  schedule.delay_days = delay === "minimum" ? null : Number(delay);
}

/**
 * Throws if the delay that a platform wants for an account in a country is shorter than the platform's own.
 * Source: https://docs.stripe.com/connect/manage-payout-schedule
 */
export function refuseShorterDelay(told: JsonObject, country: string, platform: AccountState, param = DELAY_PARAM): void {
  const { delay_days: delay } = toldOfSchedule(told);
  const own = payoutSchedule(platform).delay_days;
  if (typeof delay !== "string" || !/^\d+$/.test(delay) || Number(delay) >= own) return;
  const min = Math.max(own, payoutDelayDays({ country, recipient: isRecipient(told), manual: false }));
  throw apiError("parameter_out_of_range", { param, min, max: LONGEST_DELAY });
}

/** A hash within the parameters, empty by default. */
function toldOfSchedule(told: JsonObject): JsonObject {
  const { settings } = told;
  const payouts = isHash(settings) ? settings.payouts : undefined;
  return hashOf(isHash(payouts) ? payouts.schedule : undefined);
}

/** The days given for an interval: one, several, or the default. */
function anchored<Anchor extends "monthly_anchor" | "weekly_anchor">(
  from: JsonObject,
  anchor: Anchor,
  days: "monthly_payout_days" | "weekly_payout_days",
  unnamed: Required<ShownSchedule>[Anchor],
): Partial<ShownSchedule> {
  const named = pickGiven<ShownSchedule>(from, [anchor, days]);
  const none = named[anchor] === undefined && (named[days] ?? []).length === 0;
  return none ? { [anchor]: unnamed } : named;
}
