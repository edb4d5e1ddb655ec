import type Stripe from "stripe";
import type { EventDraft } from "../../../events/event-draft.ts";
import { previousAttributes } from "../../../events/previous-attributes.ts";
import { asJson } from "../../../operations/as-json.ts";
import { coversStripeParams } from "../../../operations/covers-stripe-params.ts";
import { mergeChange } from "../../../operations/merge-change.ts";
import { listOwn } from "../../../operations/object-kind.ts";
import { operation, type Resource } from "../../../operations/operation.ts";
import {
  choice,
  clearableText,
  integer,
  mergeMetadata,
  metadata,
  optional,
  pageProperties,
  params,
  text,
} from "../../../operations/parameters.ts";
import type { JsonObject } from "../../../store/contract/rows.ts";
import { withDefaultSource } from "../../customer-state/customer-state.ts";
import { checkExpiry } from "../../external-accounts/judge-card.ts";
import { changeCustomer, expandCustomer, livingCustomer } from "../customer.ts";
import { detachPaymentMethod } from "../payment-methods/attach-payment-method.ts";
import { withState } from "../payment-methods/payment-method.ts";
import { renderSource } from "../payment-methods/render-source.ts";
import { addSource, CUSTOMER_SOURCE, sourceOf } from "./customer-source.ts";

/**
 * A customer's cards in the older API, where payments name them as `source`.
 * Source: https://docs.stripe.com/api/cards
 */
export const customerSources: Resource = {
  object: "card",
  expandable: { customer: expandCustomer },
  operations: [
    operation({
      method: "POST",
      path: "/v1/customers/:customer/sources",
      params: coversStripeParams<Stripe.CustomerCreateSourceParams>()(params({ metadata: optional(metadata()), source: text() }), [
        "validate",
      ]),
      async run(context, { source, metadata }, path) {
        const customer = await livingCustomer(context, path.customer ?? "");
        const drafts: EventDraft[] = [];
        const added = await addSource(context, drafts, customer.id, source, "source", mergeMetadata({}, metadata));
        if (customer.data.default_source === undefined)
          await changeCustomer(context, drafts, context.account, customer, withDefaultSource(customer.data, added.row.id));
        await context.record(drafts);
        return renderSource(added.row);
      },
    }),
    operation({
      method: "GET",
      path: "/v1/customers/:customer/sources",
      params: coversStripeParams<Stripe.CustomerListSourcesParams>()(params({ ...pageProperties, object: optional(choice(["card"])) })),
      async run(context, { object: _, expand: __, ...page }, path) {
        const { id: customer } = await livingCustomer(context, path.customer ?? "");
        return listOwn(context, CUSTOMER_SOURCE, {
          url: `/v1/customers/${customer}/sources`,
          page,
          parent: customer,
          where: { source: true },
        });
      },
    }),
    operation({
      method: "GET",
      path: "/v1/customers/:customer/sources/:id",
      params: coversStripeParams<Stripe.CustomerRetrieveSourceParams>()(params({})),
      async run(context, _, { customer = "", id = "" }) {
        return renderSource((await sourceOf(context, (await livingCustomer(context, customer)).id, id, "id")).row);
      },
    }),
    operation({
      method: "POST",
      path: "/v1/customers/:customer/sources/:id",
      params: coversStripeParams<Stripe.CustomerUpdateSourceParams>()(
        params({
          address_city: optional(clearableText()),
          address_country: optional(clearableText()),
          address_line1: optional(clearableText()),
          address_line2: optional(clearableText()),
          address_state: optional(clearableText()),
          address_zip: optional(clearableText()),
          exp_month: optional(integer()),
          exp_year: optional(integer()),
          metadata: optional(metadata()),
          name: optional(clearableText()),
        }),
        // Parameters of bank accounts, and of sources of the Sources API.
        ["account_holder_name", "account_holder_type", "owner"],
      ),
      async run(context, { exp_month, exp_year, metadata, name, expand: _, ...told }, { customer = "", id = "" }) {
        const { tx, account, livemode, now } = context;
        const source = await sourceOf(context, (await livingCustomer(context, customer)).id, id, "id");
        const { card, billing } = source.state;
        const expiry = { exp_month: exp_month ?? card.expMonth, exp_year: exp_year ?? card.expYear };
        if (exp_month !== undefined || exp_year !== undefined) checkExpiry(expiry, now, null);
        const after = withState(source, {
          billing: mergeChange(billing, { ...(name === undefined ? {} : { name }), address: addressTold(told) }),
          card: { ...card, expMonth: expiry.exp_month, expYear: expiry.exp_year },
          metadata: mergeMetadata(source.state.metadata, metadata),
        });
        await tx.updateObject(after.row);
        const object = renderSource(after.row);
        const previous = previousAttributes(renderSource(source.row), object);
        if (previous !== null)
          await context.record([{ account, livemode, type: "customer.source.updated", object, previousAttributes: previous }]);
        return object;
      },
    }),
    operation({
      method: "DELETE",
      path: "/v1/customers/:customer/sources/:id",
      params: coversStripeParams<Stripe.CustomerDeleteSourceParams>()(params({})),
      async run(context, _, { customer = "", id = "" }) {
        const source = await sourceOf(context, (await livingCustomer(context, customer)).id, id, "id");
        const drafts: EventDraft[] = [];
        await detachPaymentMethod(context, drafts, source);
        await context.record(drafts);
        return asJson({ id: source.row.id, object: "card", deleted: true } satisfies Stripe.DeletedCard);
      },
    }),
  ],
};

/** An address with the field names of billing details. */
function addressTold({ address_zip, ...told }: Record<string, string | null | undefined>): JsonObject {
  const parts = Object.entries({ ...told, address_postal_code: address_zip }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(parts.map(([name, value]) => [name.replace("address_", ""), value ?? null]));
}
