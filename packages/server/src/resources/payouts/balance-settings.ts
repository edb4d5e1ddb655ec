import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import type { Static } from "typebox";
import { asJson } from "../../operations/as-json.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { mergeChange } from "../../operations/merge-change.ts";
import { operation, type Resource } from "../../operations/operation.ts";
import { choice, clearableInteger, flag, hash, integer, list, optional, params, text } from "../../operations/parameters.ts";
import type { JsonObject } from "../../store/contract/rows.ts";
import { changeAccountWorld } from "../account-changes/change-account-world.ts";
import { renderBalanceSettings } from "../connected-account/rendering/render-balance-settings.ts";
import { readAccountState } from "../connected-account/state/account-state.ts";
import { readAccountWorld } from "../connected-account/state/account-world.ts";
import { isControlled } from "../connected-account/state/controller-properties.ts";
import { readSchedule, refuseShorterDelay } from "../connected-account/state/payout-schedule.ts";

/**
 * Documented payout settings that are not implemented here: minimum balances, transfer rules, and the start of a day.
 */
type Unkept = "automatic_transfer_rules_by_currency" | "minimum_balance_by_currency";

type Payments = Stripe.BalanceSettingsUpdateParams.Payments;

/** The documented parameters that are stored. */
interface Kept {
  expand?: string[];
  payments?: Omit<Payments, "payouts" | "settlement_timing"> & {
    payouts?: Omit<NonNullable<Payments["payouts"]>, Unkept>;
    settlement_timing?: Omit<NonNullable<Payments["settlement_timing"]>, "start_of_day">;
  };
}

const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday"] as const;

/** The parameter of this call that is an account's `delay_days`. */
const DELAY_PARAM = "payments[settlement_timing][delay_days_override]";

const parameters = coversStripeParams<Kept>()(
  params({
    payments: optional(
      hash({
        debit_negative_balances: optional(flag()),
        payouts: optional(
          hash({
            schedule: optional(
              hash({
                interval: optional(choice(["daily", "manual", "monthly", "weekly"])),
                monthly_payout_days: optional(list(integer(1, 31))),
                weekly_payout_days: optional(list(choice(WEEKDAYS))),
              }),
            ),
            statement_descriptor: optional(text(22)),
          }),
        ),
        settlement_timing: optional(hash({ delay_days_override: optional(clearableInteger(0, 31)) })),
      }),
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
  const { schedule, statement_descriptor } = payouts ?? {};
  const delay = settlement_timing?.delay_days_override;
  return {
    ...(debit_negative_balances === undefined ? {} : { debit_negative_balances }),
    ...(statement_descriptor === undefined ? {} : { statement_descriptor }),
    schedule: {
      ...(schedule as JsonObject | undefined),
      ...(delay === undefined ? {} : { delay_days: delay === null ? "minimum" : String(delay) }),
    },
  };
}
