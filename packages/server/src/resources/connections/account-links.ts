import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { answer } from "../../operations/answer.ts";
import { covering } from "../../operations/covering.ts";
import { type OperationContext, operation, type Resource } from "../../operations/operation.ts";
import { choice, hash, optional, params, text } from "../../operations/parameters.ts";
import { seconds } from "../../operations/time-range.ts";
import type { AccountRow } from "../../store/store.ts";
import { accessibleAccount } from "../access/accessible-account.ts";
import { type AccountState, readAccountState } from "../connected-account/state/account-state.ts";
import { browserUrl } from "./browser-url.ts";
import { makeLink } from "./page-link.ts";

/** Links to pages that an account's user is sent to. Source: https://docs.stripe.com/api/account_links */
export const accountLinks: Resource = {
  object: "account_link",
  expandable: {},
  operations: [
    operation({
      method: "POST",
      path: "/v1/account_links",
      ownKeysOnly: true,
      params: covering<Stripe.AccountLinkCreateParams>()(
        params({
          account: text(),
          type: choice(["account_onboarding", "account_update"]),
          collect: optional(choice(["currently_due", "eventually_due"])),
          collection_options: optional(
            hash({
              fields: optional(choice(["currently_due", "eventually_due"])),
              future_requirements: optional(choice(["include", "omit"])),
            }),
          ),
          refresh_url: text(),
          return_url: text(),
        }),
      ),
      async run(context, { account: id, type, collect, collection_options: options, refresh_url: refreshUrl, return_url: returnUrl }) {
        if (collect !== undefined && options !== undefined)
          throw apiError("parameters_exclusive", { param: "collect", other: "collection_options" });
        const row = await accessibleAccount(context, id);
        const state = readAccountState(row.data);
        const refusal = await linkRefusal(context, row, state, type);
        if (refusal !== null) throw apiError("account_link_refused", { reason: refusal, param: "account" });
        checkUrl(refreshUrl, "refresh_url", context.livemode);
        checkUrl(returnUrl, "return_url", context.livemode);
        const { secret, expiresAt } = await makeLink(context, {
          accountId: row.id,
          platformId: context.account.id,
          purpose: type,
          returnUrl,
          refreshUrl,
          fields: options?.fields ?? collect ?? "currently_due",
          future: options?.future_requirements === "include",
        });
        return answer({
          object: "account_link",
          created: seconds(context.now),
          expires_at: seconds(expiresAt),
          url: `${context.settings.publicUrl()}/setup/${LETTERS[state.controller.dashboard]}/${row.id}/${secret}`,
        } satisfies Stripe.AccountLink);
      },
    }),
  ],
};

/** What stands in an address for the account's kind. */
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

/** Both addresses are the platform's own, and https in live mode. */
function checkUrl(value: string, param: string, livemode: boolean): void {
  const url = browserUrl(value);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) throw apiError("url_invalid", { param });
  if (livemode && url.protocol !== "https:") throw apiError("redirect_https_required", { param });
}
