import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import type { Static } from "typebox";
import { asJson } from "../../operations/as-json.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { CURRENCIES } from "../../operations/currency-codes.ts";
import { mergeChange } from "../../operations/merge-change.ts";
import { operation, type Resource } from "../../operations/operation.ts";
import { choice, clearableHash, clearableInteger, flag, hash, integer, list, optional, params, text } from "../../operations/parameters.ts";
import type { JsonObject } from "../../store/contract/rows.ts";
import { changeAccountWorld } from "../account-changes/change-account-world.ts";
import { renderBalanceSettings } from "../connected-account/rendering/render-balance-settings.ts";
import { readAccountState } from "../connected-account/state/account-state.ts";
import { readAccountWorld } from "../connected-account/state/account-world.ts";
import { isControlled } from "../connected-account/state/controller-properties.ts";
import { readSchedule, refuseShorterDelay } from "../connected-account/state/payout-schedule.ts";

const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday"] as const;

/** The parameter of this call that is an account's `delay_days`. */
const DELAY_PARAM = "payments[settlement_timing][delay_days_override]";

/** An amount for each currency, or the empty string to unset it. */
const amounts = clearableHash(Object.fromEntries(CURRENCIES.map((currency) => [currency, optional(clearableInteger(0))])));

const payoutParameters = coversStripeParams<Stripe.BalanceSettingsUpdateParams.Payments.Payouts>()(
  hash({
    minimum_balance_by_currency: optional(amounts),
    schedule: optional(
      hash({
        interval: optional(choice(["daily", "manual", "monthly", "weekly"])),
        monthly_payout_days: optional(list(integer(1, 31))),
        weekly_payout_days: optional(list(choice(WEEKDAYS))),
      }),
    ),
    statement_descriptor: optional(text(22)),
  }),
  ["automatic_transfer_rules_by_currency"],
);

const timingParameters = coversStripeParams<Stripe.BalanceSettingsUpdateParams.Payments.SettlementTiming>()(
  hash({ delay_days_override: optional(clearableInteger(0, 31)) }),
  ["start_of_day"],
);

const parameters = coversStripeParams<Omit<Stripe.BalanceSettingsUpdateParams, "payments">>()(
  params({
    payments: optional(
      coversStripeParams<Omit<Stripe.BalanceSettingsUpdateParams.Payments, "payouts" | "settlement_timing">>()(
        hash({
          debit_negative_balances: optional(flag()),
          payouts: optional(payoutParameters),
          settlement_timing: optional(timingParameters),
        }),
      ),
    ),
  }),
);

/** An account's payout settings. Source: https://docs.stripe.com/api/balance-settings */
export const balanceSettings: Resource = {
  object: "balance_settings",
  expandable: {},
  operations: [
    operation({
      method: "GET",
      path: "/v1/balance_settings",
      params: params({}),
      run: async ({ account }) => asJson(renderBalanceSettings(readAccountState(account.data))),
    }),
    operation({
      method: "POST",
      path: "/v1/balance_settings",
      params: parameters,
      async run(context, { payments = {} }) {
        const { tx, account, caller, limits } = context;
        const before = await readAccountWorld(tx, account, limits);
        if (account.id !== caller.id && !isControlled(before.state.type))
          throw apiError("account_permission_missing", { account: account.id });
        const told: JsonObject = { settings: { payouts: payoutsTold(payments) } };
        const { country } = before.state;
        if (account.id !== caller.id) refuseShorterDelay(told, country, readAccountState(caller.data), DELAY_PARAM);
        readSchedule(told, country, DELAY_PARAM);
        const given = mergeChange(before.state.given, told);
        const { state } = await changeAccountWorld(context, before, { ...before, state: { ...before.state, given } });
        return asJson(renderBalanceSettings(state));
      },
    }),
  ],
};

/** The same under the names of the account's own settings. */
function payoutsTold({
  debit_negative_balances,
  payouts,
  settlement_timing,
}: NonNullable<Static<typeof parameters>["payments"]>): JsonObject {
  const { minimum_balance_by_currency, schedule, statement_descriptor } = payouts ?? {};
  const delay = settlement_timing?.delay_days_override;
  return {
    ...(debit_negative_balances === undefined ? {} : { debit_negative_balances }),
    ...(minimum_balance_by_currency === undefined ? {} : { minimum_balance_by_currency: minimum_balance_by_currency as JsonObject | null }),
    ...(statement_descriptor === undefined ? {} : { statement_descriptor }),
    schedule: {
      ...(schedule as JsonObject | undefined),
      ...(delay === undefined ? {} : { delay_days: delay === null ? "minimum" : String(delay) }),
    },
  };
}
