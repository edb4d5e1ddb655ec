import type { AccountState } from "./account-state.ts";
import { currencyOf } from "./countries.ts";

/** The currency an account is paid out in unless told otherwise: what it was told, or its country's. */
export function defaultCurrencyOf({ given, country }: Pick<AccountState, "given" | "country">): string {
  return (given.default_currency as string | undefined) ?? currencyOf(country) ?? "usd";
}
