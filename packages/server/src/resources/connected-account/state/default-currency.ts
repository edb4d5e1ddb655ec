import type { AccountState } from "./account-state.ts";
import { currencyOf } from "./countries.ts";

/** An account's default payout currency: the one that was set, or its country's. */
export function defaultCurrencyOf({ given, country }: Pick<AccountState, "given" | "country">): string {
  return (given.default_currency as string | undefined) ?? currencyOf(country) ?? "usd";
}
