import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import type { AccountRow, JsonObject } from "../../store/contract/rows.ts";
import { readAccountState } from "../connected-account/state/account-state.ts";
import { currencyOf } from "../connected-account/state/countries.ts";
import { type BalanceState, type Funds, instantlyAvailable, pendingOf, SOURCE_TYPES } from "./balance-state.ts";

/**
 * The Balance object, with one row per currency, the account's own first.
 * Source: https://docs.stripe.com/api/balance/balance_object
 */
export function renderBalance(account: AccountRow, balance: BalanceState): JsonObject {
  const currencies = [...new Set([defaultCurrency(account), ...Object.keys(balance.funds).sort()])];
  const rows = (amountOf: (funds: Funds) => number) =>
    currencies.map((currency) => {
      const ofTypes = balance.funds[currency] ?? {};
      const source_types: Stripe.Balance.Available.SourceTypes = {};
      let amount = 0;
      for (const sourceType of SOURCE_TYPES) {
        const funds = ofTypes[sourceType];
        if (funds === undefined) continue;
        source_types[sourceType] = amountOf(funds);
        amount += amountOf(funds);
      }
      return { amount, currency, source_types: Object.keys(source_types).length === 0 ? { card: 0 } : source_types };
    });
  return asJson({
    object: "balance",
    available: rows(({ available }) => available),
    // Only a platform has accounts to reserve funds for, and no funds are reserved here for negative balances.
    ...(readAccountState(account.data).exempt ? { connect_reserved: currencies.map((currency) => ({ amount: 0, currency })) } : {}),
    instant_available: currencies.map((currency) => {
      const amount = instantlyAvailable(balance, currency);
      return { amount, currency, source_types: { card: amount } };
    }),
    livemode: balance.livemode,
    pending: rows(pendingOf),
  } satisfies Stripe.Balance);
}

/** An account's default currency. */
function defaultCurrency({ data }: AccountRow): string {
  const { given, country } = readAccountState(data);
  return typeof given.default_currency === "string" ? given.default_currency.toLowerCase() : (currencyOf(country) ?? "usd");
}
