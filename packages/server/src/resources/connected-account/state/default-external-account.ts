import { type AccountWorld, externalAccountsIn } from "./account-world.ts";
import type { ExternalAccount } from "./external-account-state.ts";

/**
 * The default payout destination of an account for a currency; undefined when there is none. `currency` is in lower
 * case.
 */
export function defaultExternalAccount(
  world: Pick<AccountWorld, "externalAccounts">,
  livemode: boolean,
  currency: string,
): ExternalAccount | undefined {
  return externalAccountsIn(world, livemode).find(({ state }) => state.defaultForCurrency && state.currency === currency);
}
