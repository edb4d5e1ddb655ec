import { apiError, LATEST_API_VERSION } from "@carabiner/protocol";
import type { ChangeContext } from "../../operations/operation.ts";
import type { AccountRow } from "../../store/contract/rows.ts";
import { createAccountWorld } from "../account-changes/change-account-world.ts";
import { type AccountChange, changeAccount } from "../accounts/change-account.ts";
import type { AccountWorld } from "../connected-account/state/account-world.ts";
import { currencyOf } from "../connected-account/state/countries.ts";
import { newAccount } from "../connected-account/state/new-account.ts";

/** An account that its user creates, not yet connected to any platform. */
export interface OpenedAccount {
  /** `express` for an account controlled by the platform in `createdBy`. */
  type: "standard" | "express";
  createdBy?: string;
  /** Two letters of ISO 3166-1. */
  country: string;
  told: AccountChange;
}

/** Creates an account for its user. Throws `country_unsupported`, and the errors of account updates. */
export async function openAccount(context: ChangeContext, { type, createdBy, country, told }: OpenedAccount): Promise<AccountRow> {
  const { now, ids, livemode } = context;
  if (currencyOf(country) === undefined) throw apiError("country_unsupported", { value: country, param: "country" });
  const row: AccountRow = { id: ids.newId("account", now), created: now, apiVersion: LATEST_API_VERSION, deleted: false, data: {} };
  const state = newAccount({ country, type, livemode, ...(createdBy === undefined ? {} : { createdBy }) });
  const blank: AccountWorld = { row, state, persons: [], externalAccounts: [], customer: null };
  const made = changeAccount(blank, told, { id: ids.newId("person", now), now, livemode });
  return (await createAccountWorld(context, made, null)).row;
}
