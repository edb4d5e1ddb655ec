import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { operation, type Resource } from "../../operations/operation.ts";
import { choice, hash, optional, params, text } from "../../operations/parameters.ts";
import { seconds } from "../../operations/time-range.ts";
import { type GivenUrl, makeAccountLink } from "./make-account-link.ts";

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
        const { expiresAt, url } = await makeAccountLink(context, {
          account: id,
          purpose: type,
          refresh,
          returned,
          fields: options?.fields ?? collect ?? "currently_due",
          future: options?.future_requirements === "include",
        });
        return asJson({
          object: "account_link",
          created: seconds(context.now),
          expires_at: seconds(expiresAt),
          url,
        } satisfies Stripe.AccountLink);
      },
    }),
  ],
};

type LinkType = "account_onboarding" | "account_update";
type OlderType = keyof typeof OLDER_TYPES;

/**
 * A parameter by its current or older name. Throws `parameter_missing` when neither is given, and
 * `parameters_exclusive` for both.
 */
function oneOf<Name extends string, Older extends string>(
  given: Partial<Record<Name | Older, string>>,
  name: Name,
  older: Older,
): GivenUrl {
  const [value, byOlder] = [given[name], given[older]];
  if (value !== undefined && byOlder !== undefined) throw apiError("parameters_exclusive", { param: older, other: name });
  if (value !== undefined) return { value, param: name };
  if (byOlder === undefined) throw apiError("parameter_missing", { param: name });
  return { value: byOlder, param: older };
}
