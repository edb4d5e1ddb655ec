import { apiError } from "@carabiner/protocol";
import { browserUrl } from "../../operations/browser-url.ts";
import type { OperationContext } from "../../operations/operation.ts";
import type { AccountRow } from "../../store/contract/rows.ts";
import { accessibleAccount } from "../access/accessible-account.ts";
import { letUserOnboard } from "../account-changes/let-user-onboard.ts";
import { type AccountState, readAccountState } from "../connected-account/state/account-state.ts";
import { type LinkState, makeLink } from "./page-link.ts";

/** A URL that a call gives, and the name of its parameter. */
export interface GivenUrl {
  value: string;
  param: string;
}

/** The link that a call asks for, to the pages that complete or update an account. */
export interface AskedLink extends Pick<LinkState, "fields" | "future" | "inV2"> {
  account: string;
  purpose: "account_onboarding" | "account_update";
  refresh: GivenUrl;
  /** Null to stay on this server at the end. */
  returned: GivenUrl | null;
}

/**
 * Makes a link for the user of an account. Throws `account_invalid`, `account_link_refused`, `url_invalid` and
 * `redirect_https_required`.
 */
export async function makeAccountLink(
  context: OperationContext,
  { account: id, purpose, refresh, returned, ...asked }: AskedLink,
): Promise<{ account: string; expiresAt: number; url: string }> {
  const row = await accessibleAccount(context, id);
  const state = readAccountState(row.data);
  const refusal = await linkRefusal(context, row, state, purpose);
  if (refusal !== null) throw apiError("account_link_refused", { reason: refusal, param: "account" });
  checkUrl(refresh, context.livemode);
  if (returned !== null) checkUrl(returned, context.livemode);
  const { secret, expiresAt } = await makeLink(context, {
    ...asked,
    accountId: row.id,
    platformId: context.account.id,
    purpose,
    returnUrl: returned?.value ?? null,
    refreshUrl: refresh.value,
  });
  await letUserOnboard(context, row);
  const url = `${context.settings.publicUrl()}/setup/${LETTERS[state.controller.dashboard]}/${row.id}/${secret}`;
  return { account: row.id, expiresAt, url };
}

/** The URL segment for the account's kind. */
const LETTERS: Readonly<Record<AccountState["controller"]["dashboard"], string>> = { express: "e", full: "s", none: "c" };

/** Why a platform cannot send an account's user to these pages; null when it can. */
async function linkRefusal(
  { tx, account: platform, caller }: OperationContext,
  row: AccountRow,
  { createdBy, controller }: AccountState,
  type: "account_onboarding" | "account_update",
): Promise<string | null> {
  if (row.id === platform.id || row.id === caller.id) return "it is your own";
  const connections = await tx.connections(platform.id, row.id);
  if (createdBy !== platform.id && !connections.some((connection) => connection.controller))
    return "your platform neither made nor controls it";
  if (type === "account_update" && controller.requirementCollection !== "application")
    return "account_update is for accounts whose requirements your platform collects, such as Custom ones; use account_onboarding";
  return null;
}

/** Throws for an invalid URL, and in live mode for one without https. */
function checkUrl({ value, param }: { value: string; param: string }, livemode: boolean): void {
  const url = browserUrl(value);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) throw apiError("url_invalid", { param });
  if (livemode && url.protocol !== "https:") throw apiError("redirect_https_required", { param });
}
