import { type AccountWorld, externalAccountsIn } from "./account-world.ts";
import type { ExternalAccount } from "./external-account-state.ts";

/** Where an account is paid out to in a currency unless told otherwise; undefined when it has nothing for that currency. `currency` is in lower case. */
export function defaultExternalAccount(
  world: Pick<AccountWorld, "externalAccounts">,
  livemode: boolean,
  currency: string,
): ExternalAccount | undefined {
  return externalAccountsIn(world, livemode).find(({ state }) => state.defaultForCurrency && state.currency === currency);
}
