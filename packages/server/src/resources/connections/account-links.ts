import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { browserUrl } from "../../operations/browser-url.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { type OperationContext, operation, type Resource } from "../../operations/operation.ts";
import { choice, hash, optional, params, text } from "../../operations/parameters.ts";
import { seconds } from "../../operations/time-range.ts";
import type { AccountRow } from "../../store/contract/rows.ts";
import { accessibleAccount } from "../access/accessible-account.ts";
import { type AccountState, readAccountState } from "../connected-account/state/account-state.ts";
import { makeLink } from "./page-link.ts";

/** The link types used before 2021, and their current names. */
const OLDER_TYPES = { custom_account_verification: "account_onboarding", custom_account_update: "account_update" } as const;

/** Links to pages for an account's user. Source: https://docs.stripe.com/api/account_links */
export const accountLinks: Resource = {
  object: "account_link",
  expandable: {},
  operations: [
    operation({
      method: "POST",
      path: "/v1/account_links",
      ownKeysOnly: true,
      params: coversStripeParams<Stripe.AccountLinkCreateParams>()(
        params({
          account: text(),
          type: choice(["account_onboarding", "account_update", ...Object.keys(OLDER_TYPES)] as (LinkType | OlderType)[]),
          collect: optional(choice(["currently_due", "eventually_due"])),
          collection_options: optional(
            hash({
              fields: optional(choice(["currently_due", "eventually_due"])),
              future_requirements: optional(choice(["include", "omit"])),
            }),
          ),
          refresh_url: optional(text()),
          return_url: optional(text()),
          /** Older names of `refresh_url` and `return_url`. */
          failure_url: optional(text()),
          success_url: optional(text()),
        }),
      ),
      async run(context, { account: id, type: asked, collect, collection_options: options, ...urls }) {
        const type = asked in OLDER_TYPES ? OLDER_TYPES[asked as OlderType] : (asked as LinkType);
        const refresh = oneOf(urls, "refresh_url", "failure_url");
        const returned = oneOf(urls, "return_url", "success_url");
        if (collect !== undefined && options !== undefined)
          throw apiError("parameters_exclusive", { param: "collect", other: "collection_options" });
        const row = await accessibleAccount(context, id);
        const state = readAccountState(row.data);
        const refusal = await linkRefusal(context, row, state, type);
        if (refusal !== null) throw apiError("account_link_refused", { reason: refusal, param: "account" });
        checkUrl(refresh, context.livemode);
        checkUrl(returned, context.livemode);
        const { secret, expiresAt } = await makeLink(context, {
          accountId: row.id,
          platformId: context.account.id,
          purpose: type,
          returnUrl: returned.value,
          refreshUrl: refresh.value,
          fields: options?.fields ?? collect ?? "currently_due",
          future: options?.future_requirements === "include",
        });
        return asJson({
          object: "account_link",
          created: seconds(context.now),
          expires_at: seconds(expiresAt),
          url: `${context.settings.publicUrl()}/setup/${LETTERS[state.controller.dashboard]}/${row.id}/${secret}`,
        } satisfies Stripe.AccountLink);
      },
    }),
  ],
};

type LinkType = "account_onboarding" | "account_update";
type OlderType = keyof typeof OLDER_TYPES;

/**
 * A parameter by its current or older name. Throws `parameter_missing` for neither, and `parameters_exclusive` for
 * both.
 */
function oneOf<Name extends string, Older extends string>(
  given: Partial<Record<Name | Older, string>>,
  name: Name,
  older: Older,
): { value: string; param: string } {
  const [value, byOlder] = [given[name], given[older]];
  if (value !== undefined && byOlder !== undefined) throw apiError("parameters_exclusive", { param: older, other: name });
  if (value !== undefined) return { value, param: name };
  if (byOlder === undefined) throw apiError("parameter_missing", { param: name });
  return { value: byOlder, param: older };
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
