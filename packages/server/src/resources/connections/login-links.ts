import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { operation, type Resource } from "../../operations/operation.ts";
import { optional, params, text } from "../../operations/parameters.ts";
import { seconds } from "../../operations/time-range.ts";
import { accessibleAccount } from "../access/accessible-account.ts";
import { readAccountState } from "../connected-account/state/account-state.ts";
import { makeLink } from "./page-link.ts";

/**
 * Links with which the user of an Express account opens its page.
 * Source: https://docs.stripe.com/api/accounts/login_link
 */
export const loginLinks: Resource = {
  object: "login_link",
  expandable: {},
  operations: [
    operation({
      method: "POST",
      path: "/v1/accounts/:account/login_links",
      ownKeysOnly: true,
      // The SDKs dropped `redirect_url` in 2023. Older code, including Stripe's samples, still sends it.
      params: coversStripeParams<Stripe.AccountCreateLoginLinkParams>()(params({ redirect_url: optional(text()) })),
      async run(context, _, path) {
        const row = await accessibleAccount(context, path.account ?? "");
        const { controller, derived } = readAccountState(row.data);
        const refuse = (reason: string) => apiError("login_link_refused", { reason });
        if (controller.dashboard !== "express") throw refuse("does not have access to the Express Dashboard");
        if (!derived.detailsSubmitted) throw refuse("has not completed onboarding");
        const { secret } = await makeLink(context, {
          accountId: row.id,
          platformId: context.account.id,
          purpose: "login",
          returnUrl: null,
          refreshUrl: null,
          fields: "currently_due",
          future: false,
        });
        const url = `${context.settings.publicUrl()}/express/${row.id}/${secret}`;
        return asJson({ object: "login_link", created: seconds(context.now), url } satisfies Stripe.LoginLink);
      },
    }),
  ],
};
