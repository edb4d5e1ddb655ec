import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { listOwn, type ObjectKind, ownRow } from "../../operations/object-kind.ts";
import { operation, type Resource } from "../../operations/operation.ts";
import { optional, pageProperties, params, text } from "../../operations/parameters.ts";
import { seconds } from "../../operations/time-range.ts";
import type { JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import { registerDomain } from "./register-domain.ts";

const DOMAIN: ObjectKind = { object: "apple_pay_domain", name: "apple pay domain", show: renderDomain };

/**
 * Domains on which older code shows Apple Pay. Ownership is not verified here.
 * Source: https://docs.stripe.com/apple-pay?platform=web
 */
export const applePayDomains: Resource = {
  object: DOMAIN.object,
  expandable: {},
  operations: [
    operation({
      method: "POST",
      path: "/v1/apple_pay/domains",
      params: coversStripeParams<Stripe.ApplePayDomainCreateParams>()(params({ domain_name: text(253) })),
      run: async (context, { domain_name }) => renderDomain(await registerDomain(context, DOMAIN, "apple_pay_domain", { domain_name })),
    }),
    operation({
      method: "GET",
      path: "/v1/apple_pay/domains",
      params: coversStripeParams<Stripe.ApplePayDomainListParams>()(params({ ...pageProperties, domain_name: optional(text(253)) })),
      run: (context, { domain_name, expand: _, ...page }) =>
        listOwn(context, DOMAIN, { url: "/v1/apple_pay/domains", page, where: { domain_name: domain_name?.toLowerCase() } }),
    }),
    operation({
      method: "GET",
      path: "/v1/apple_pay/domains/:domain",
      params: params({}),
      run: async (context, _, path) => renderDomain(await ownRow(context, DOMAIN, path.domain ?? "")),
    }),
    operation({
      method: "DELETE",
      path: "/v1/apple_pay/domains/:domain",
      params: params({}),
      async run(context, _, path) {
        const { id } = await ownRow(context, DOMAIN, path.domain ?? "");
        await context.tx.deleteObject(id);
        return asJson({ id, object: "apple_pay_domain", deleted: true } satisfies Stripe.DeletedApplePayDomain);
      },
    }),
  ],
};

/** The object. Source: https://docs.stripe.com/api/payment_method_domains */
function renderDomain({ id, created, livemode, data }: ObjectRow): JsonObject {
  return asJson({
    id,
    object: "apple_pay_domain",
    created: seconds(created),
    domain_name: data.domain_name as string,
    livemode,
  } satisfies Stripe.ApplePayDomain);
}
