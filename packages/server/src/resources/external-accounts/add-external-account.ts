import { apiError } from "@carabiner/protocol";
import type { Limits } from "../../limits.ts";
import { type AccountWorld, externalAccountsIn } from "../connected-account/state/account-world.ts";
import { defaultCurrencyOf } from "../connected-account/state/default-currency.ts";
import { defaultExternalAccount } from "../connected-account/state/default-external-account.ts";
import { EXTERNAL_ACCOUNT, type ExternalAccount, type ExternalAccountState } from "../connected-account/state/external-account-state.ts";
import { makeDefault } from "./change-external-account.ts";
import type { JudgedExternalAccount } from "./judged-external-account.ts";

/** A bank account or card to be added to an account. */
export interface AddedExternalAccount {
  judged: JudgedExternalAccount;
  id: string;
  livemode: boolean;
  /** Unix milliseconds. */
  now: number;
  limits: Pick<Limits, "externalAccountsPerMode" | "ownershipCheckMs">;
  metadata: Record<string, string>;
  /** Whether it replaces an existing default for its currency. */
  makeDefault: boolean;
  /** The parameter it was given in, for errors. */
  param: string;
}

/** A new external account of an account, not yet the default for its currency. */
export function newExternalAccount(
  accountId: string,
  { judged, id, livemode, now, limits, metadata }: Omit<AddedExternalAccount, "makeDefault" | "param">,
): ExternalAccount {
  const { payable: _, ownership, ...kept } = judged;
  const state: ExternalAccountState = {
    ...kept,
    defaultForCurrency: false,
    status: "new",
    metadata,
    ...(ownership === null ? {} : { ownership: { stage: "checking", dueAt: now + limits.ownershipCheckMs, result: ownership } }),
  };
  return { row: { id, object: EXTERNAL_ACCOUNT, accountId, livemode, parent: null, created: now, data: {} }, state };
}

/**
 * The world with an added external account. The first of a currency becomes its default. Throws `invalid_card_type`,
 * `bank_account_unusable` for a bank account that a payout failed to, and `external_account_limit`.
 * Source: https://docs.stripe.com/api/external_account_bank_accounts/create
 */
export function addExternalAccount(world: AccountWorld, added: AddedExternalAccount): AccountWorld {
  const { judged, livemode, limits, param } = added;
  if (!judged.payable) throw apiError("invalid_card_type", { param });
  const others = externalAccountsIn(world, livemode);
  if (others.some(({ state }) => state.status === "errored" && state.shown.fingerprint === judged.shown.fingerprint))
    throw apiError("bank_account_unusable", { param });
  if (others.length >= limits.externalAccountsPerMode)
    throw apiError("external_account_limit", { limit: limits.externalAccountsPerMode, mode: livemode ? "live" : "test", param });
  const one = newExternalAccount(world.row.id, added);
  const isDefault = added.makeDefault || defaultExternalAccount(world, livemode, judged.currency) === undefined;
  const after = { ...world, externalAccounts: [...world.externalAccounts, one] };
  return isDefault ? makeDefault(after, one.row.id) : after;
}

/**
 * The world with an external account that replaces the default of its currency, if there is one.
 * Source: https://docs.stripe.com/api/accounts/update (`external_account`)
 */
export function replaceExternalAccount(world: AccountWorld, added: Omit<AddedExternalAccount, "makeDefault">): AccountWorld {
  const old = defaultExternalAccount(world, added.livemode, added.judged.currency);
  return addExternalAccount(
    { ...world, externalAccounts: world.externalAccounts.filter((one) => one !== old) },
    { ...added, makeDefault: true },
  );
}

/**
 * The world without one of its external accounts. Throws `external_account_delete_refused` for a default, unless it is
 * the only one of a currency other than the account's own.
 * Source: https://docs.stripe.com/api/external_account_bank_accounts/delete
 */
export function removeExternalAccount(world: AccountWorld, gone: ExternalAccount): AccountWorld {
  const { currency, defaultForCurrency } = gone.state;
  const left = world.externalAccounts.filter((one) => one !== gone);
  if (defaultForCurrency) {
    if (currency === defaultCurrencyOf(world.state))
      throw apiError("external_account_delete_refused", { what: "your default currency", param: "id" });
    if (left.some(({ row, state }) => row.livemode === gone.row.livemode && state.currency === currency))
      throw apiError("external_account_delete_refused", { what: `${currency} while there are others`, param: "id" });
  }
  return { ...world, externalAccounts: left };
}
