import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { listOwn, type ObjectKind, ownRow } from "../../operations/object-kind.ts";
import { operation, type Resource } from "../../operations/operation.ts";
import { flag, optional, pageProperties, params, text } from "../../operations/parameters.ts";
import { seconds } from "../../operations/time-range.ts";
import type { JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import { registerDomain } from "./register-domain.ts";

const DOMAIN: ObjectKind = { object: "payment_method_domain", name: "payment method domain", show: renderDomain };

/**
 * Domains on which wallets are shown. Ownership of a domain is not verified: a wallet is active when its domain is
 * enabled.
 * Source: https://docs.stripe.com/api/payment_method_domains
 */
export const paymentMethodDomains: Resource = {
  object: DOMAIN.object,
  expandable: {},
  operations: [
    operation({
      method: "POST",
      path: "/v1/payment_method_domains",
      params: coversStripeParams<Stripe.PaymentMethodDomainCreateParams>()(params({ domain_name: text(253), enabled: optional(flag()) })),
      async run(context, { domain_name, enabled = true }) {
        return renderDomain(await registerDomain(context, DOMAIN, "payment_method_domain", { domain_name, enabled }));
      },
    }),
    operation({
      method: "GET",
      path: "/v1/payment_method_domains",
      params: coversStripeParams<Stripe.PaymentMethodDomainListParams>()(
        params({ ...pageProperties, domain_name: optional(text(253)), enabled: optional(flag()) }),
      ),
      run: (context, { domain_name, enabled, expand: _, ...page }) =>
        listOwn(context, DOMAIN, {
          url: "/v1/payment_method_domains",
          page,
          where: { domain_name: domain_name?.toLowerCase(), enabled },
        }),
    }),
    operation({
      method: "GET",
      path: "/v1/payment_method_domains/:payment_method_domain",
      params: params({}),
      run: async (context, _, path) => renderDomain(await ownRow(context, DOMAIN, path.payment_method_domain ?? "")),
    }),
    operation({
      method: "POST",
      path: "/v1/payment_method_domains/:payment_method_domain",
      params: coversStripeParams<Stripe.PaymentMethodDomainUpdateParams>()(params({ enabled: optional(flag()) })),
      async run(context, { enabled }, path) {
        const row = await ownRow(context, DOMAIN, path.payment_method_domain ?? "");
        const after: ObjectRow = enabled === undefined ? row : { ...row, data: { ...row.data, enabled } };
        await context.tx.updateObject(after);
        return renderDomain(after);
      },
    }),
    operation({
      method: "POST",
      path: "/v1/payment_method_domains/:payment_method_domain/validate",
      params: params({}),
      run: async (context, _, path) => renderDomain(await ownRow(context, DOMAIN, path.payment_method_domain ?? "")),
    }),
  ],
};

/** The object. Source: https://docs.stripe.com/api/payment_method_domains/object */
function renderDomain({ id, created, livemode, data }: ObjectRow): JsonObject {
  const enabled = data.enabled as boolean;
  const wallet = { status: enabled ? "active" : "inactive" } as const;
  return asJson({
    id,
    object: "payment_method_domain",
    amazon_pay: wallet,
    apple_pay: wallet,
    created: seconds(created),
    domain_name: data.domain_name as string,
    enabled,
    google_pay: wallet,
    klarna: wallet,
    link: wallet,
    livemode,
    paypal: wallet,
  } satisfies Stripe.PaymentMethodDomain);
}
