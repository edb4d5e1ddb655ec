import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import type { Static } from "typebox";
import { asJson } from "../../operations/as-json.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { operation, type Resource } from "../../operations/operation.ts";
import { choice, hash, list, optional, text } from "../../operations/parameters.ts";
import { makeAccountLink } from "./make-account-link.ts";

const USE_CASES = ["account_onboarding", "account_update"] as const;

/**
 * The flow of a link. Versions of the API before 2026 require the configurations. Here they are optional in every
 * version.
 */
const flow = hash({
  collection_options: optional(
    hash({
      fields: optional(choice(["currently_due", "eventually_due"])),
      future_requirements: optional(choice(["include", "omit"])),
    }),
  ),
  configurations: optional(list(choice(["customer", "merchant", "recipient"]), 3)),
  refresh_url: text(),
  return_url: optional(text()),
});

const useCase = hash({ account_onboarding: optional(flow), account_update: optional(flow), type: choice(USE_CASES) });

/**
 * The v2 API's links to the pages that v1's account links also lead to.
 * Source: https://docs.stripe.com/api/v2/core/account-links
 */
export const v2AccountLinks: Resource = {
  object: "v2.core.account_link",
  expandable: {},
  operations: [
    operation({
      method: "POST",
      path: "/v2/core/account_links",
      ownKeysOnly: true,
      params: coversStripeParams<Stripe.V2.Core.AccountLinkCreateParams>()(hash({ account: text(), use_case: useCase })),
      async run(context, { account: id, use_case: given }) {
        const { type, options } = flowOf(given);
        const { collection_options: collect, configurations, refresh_url, return_url } = options;
        const param = (name: string) => `use_case[${type}][${name}]`;
        const { account, expiresAt, url } = await makeAccountLink(context, {
          account: id,
          purpose: type,
          refresh: { value: refresh_url, param: param("refresh_url") },
          returned: return_url === undefined ? null : { value: return_url, param: param("return_url") },
          fields: collect?.fields ?? "currently_due",
          future: collect?.future_requirements === "include",
          inV2: { configurations: configurations ?? null },
        });
        return asJson({
          object: "v2.core.account_link",
          account,
          created: new Date(context.now).toISOString(),
          expires_at: new Date(expiresAt).toISOString(),
          livemode: context.livemode,
          url,
          use_case: { ...given, type },
        } satisfies Stripe.V2.Core.AccountLink);
      },
    }),
  ],
};

/**
 * The options of the flow that a call names. Throws `parameter_missing`, or `parameters_exclusive` for options of
 * another flow.
 */
function flowOf({ type, ...given }: Static<typeof useCase>): { type: (typeof USE_CASES)[number]; options: Static<typeof flow> } {
  const options = given[type];
  if (options === undefined) throw apiError("parameter_missing", { param: `use_case[${type}]` });
  const other = USE_CASES.find((name) => name !== type && given[name] !== undefined);
  if (other !== undefined) throw apiError("parameters_exclusive", { param: `use_case[${other}]`, other: `use_case[${type}]` });
  return { type, options };
}
