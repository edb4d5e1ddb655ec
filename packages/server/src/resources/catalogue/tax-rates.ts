import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { operation, type Resource } from "../../operations/operation.ts";
import {
  choice,
  decimal,
  flag,
  mergeMetadata,
  metadata,
  optional,
  pageProperties,
  params,
  text,
  timeFilter,
} from "../../operations/parameters.ts";
import { timeRange } from "../../operations/time-range.ts";
import {
  type CatalogueKind,
  changeInCatalogue,
  createInCatalogue,
  fieldsGiven,
  listCatalogue,
  ownInCatalogue,
  shownOf,
  showView,
  type View,
} from "./catalogue-object.ts";

const TAX_TYPES = [
  "admissions_tax",
  "amusement_tax",
  "attendance_tax",
  "communications_tax",
  "digital_excise_tax",
  "entertainment_tax",
  "get_fund",
  "gross_receipts_tax",
  "gst",
  "hospitality_tax",
  "hst",
  "igst",
  "jct",
  "lease_tax",
  "luxury_tax",
  "mass_transit_parking_tax",
  "nhil",
  "parking_tax",
  "pst",
  "qst",
  "resort_tax",
  "retail_delivery_fee",
  "rst",
  "sales_tax",
  "service_tax",
  "tourism_tax",
  "utility_users_tax",
  "vat",
] as const;

const VIEW: View = {
  object: "tax_rate",
  show: shownOf,
  events: { created: "tax_rate.created", updated: "tax_rate.updated" },
};

export const TAX_RATE: CatalogueKind = { object: "tax_rate", name: "tax rate", idKind: "tax_rate", views: [VIEW] };

const changeable = {
  active: optional(flag()),
  country: optional(text(2)),
  description: optional(text()),
  jurisdiction: optional(text(200)),
  metadata: optional(metadata()),
  state: optional(text(3)),
  tax_type: optional(choice(TAX_TYPES)),
};

/** Tax rates of line items. Source: https://docs.stripe.com/api/tax_rates */
export const taxRates: Resource = {
  object: "tax_rate",
  expandable: {},
  operations: [
    operation({
      method: "POST",
      path: "/v1/tax_rates",
      params: coversStripeParams<Stripe.TaxRateCreateParams>()(
        params({ ...changeable, display_name: text(100), inclusive: flag(), percentage: decimal() }),
      ),
      async run(context, given) {
        const { percentage } = given;
        if (percentage < 0 || percentage > 100) throw apiError("parameter_out_of_range", { param: "percentage", min: 0, max: 100 });
        const row = await createInCatalogue(context, TAX_RATE, {
          data: (identity) =>
            asJson({
              ...identity,
              object: "tax_rate",
              active: given.active ?? true,
              country: given.country ?? null,
              description: given.description ?? null,
              display_name: given.display_name,
              effective_percentage: null,
              flat_amount: null,
              inclusive: given.inclusive,
              jurisdiction: given.jurisdiction ?? null,
              jurisdiction_level: null,
              metadata: mergeMetadata({}, given.metadata),
              percentage,
              rate_type: "percentage",
              state: given.state ?? null,
              tax_type: given.tax_type ?? null,
            } satisfies Stripe.TaxRate),
        });
        return showView(VIEW, row, context);
      },
    }),
    operation({
      method: "GET",
      path: "/v1/tax_rates",
      params: coversStripeParams<Stripe.TaxRateListParams>()(
        params({ ...pageProperties, active: optional(flag()), created: optional(timeFilter()), inclusive: optional(flag()) }),
      ),
      run: (context, { active, created, inclusive, expand: _, ...page }) =>
        listCatalogue(context, TAX_RATE, VIEW, {
          url: "/v1/tax_rates",
          page,
          created: timeRange(created),
          where: { active, inclusive },
        }),
    }),
    operation({
      method: "GET",
      path: "/v1/tax_rates/:tax_rate",
      params: params({}),
      run: async (context, _, path) => showView(VIEW, await ownInCatalogue(context, TAX_RATE, path.tax_rate ?? ""), context),
    }),
    operation({
      method: "POST",
      path: "/v1/tax_rates/:tax_rate",
      params: coversStripeParams<Stripe.TaxRateUpdateParams>()(params({ ...changeable, display_name: optional(text(100)) })),
      async run(context, given, path) {
        const row = await ownInCatalogue(context, TAX_RATE, path.tax_rate ?? "");
        const after = await changeInCatalogue(context, TAX_RATE, row, {
          ...fieldsGiven(given, ["active", "country", "description", "display_name", "jurisdiction", "state", "tax_type"]),
          metadata: mergeMetadata(row.data.metadata as Record<string, string>, given.metadata),
        });
        return showView(VIEW, after, context);
      },
    }),
  ],
};
