import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import type { OnTheWire } from "../../operations/on-the-wire.ts";
import type { OperationContext } from "../../operations/operation.ts";
import { choice, flag, hash, integer, list, mergeMetadata, optional, text } from "../../operations/parameters.ts";
import type { JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import { currencyGiven } from "../balance/currency.ts";
import { type CatalogueKind, changeInCatalogue, createInCatalogue, shownOf, type View } from "./catalogue-object.ts";

export const PRICE_VIEW: View = {
  object: "price",
  show: showPrice,
  events: { created: "price.created", updated: "price.updated", deleted: "price.deleted" },
};

export const PLAN_VIEW: View = {
  object: "plan",
  show: showPlan,
  events: { created: "plan.created", updated: "plan.updated", deleted: "plan.deleted" },
};

/** Prices. A recurring price is also a plan, with the same id. */
export const PRICE: CatalogueKind = { object: "price", name: "price", idKind: "price", views: [PRICE_VIEW, PLAN_VIEW] };

/** Fields that prices, plans and prices described in other calls have in common. */
export const priceFields = {
  billing_scheme: optional(choice(["per_unit", "tiered"])),
  custom_unit_amount: optional(
    hash({ enabled: flag(), maximum: optional(integer(0)), minimum: optional(integer(0)), preset: optional(integer(0)) }),
  ),
  interval: choice(["day", "month", "week", "year"]),
  interval_count: optional(integer(1)),
  tax_behavior: optional(choice(["exclusive", "inclusive", "unspecified"])),
  tiers: optional(
    list(
      hash({
        flat_amount: optional(integer(0)),
        flat_amount_decimal: optional(text(40)),
        unit_amount: optional(integer(0)),
        unit_amount_decimal: optional(text(40)),
        up_to: text(20),
      }),
    ),
  ),
  tiers_mode: optional(choice(["graduated", "volume"])),
  transform: optional(hash({ divide_by: integer(1), round: choice(["down", "up"]) })),
  unit_amount: optional(integer(0)),
  unit_amount_decimal: optional(text(40)),
  usage_type: optional(choice(["licensed", "metered"])),
};

/** The parameters of a new price for an existing product. */
export interface PriceGiven {
  active?: boolean | undefined;
  billing_scheme?: "per_unit" | "tiered" | undefined;
  currency: string;
  custom_unit_amount?: { enabled: boolean; maximum?: number; minimum?: number; preset?: number } | undefined;
  id?: string | undefined;
  lookup_key?: string | undefined;
  metadata?: Record<string, string | null> | null | undefined;
  nickname?: string | undefined;
  product: string;
  recurring?:
    | {
        interval: "day" | "month" | "week" | "year";
        interval_count?: number;
        meter?: string;
        trial_period_days?: number;
        usage_type?: "licensed" | "metered";
      }
    | undefined;
  tax_behavior?: "exclusive" | "inclusive" | "unspecified" | undefined;
  tiers?: TierGiven[] | undefined;
  tiers_mode?: "graduated" | "volume" | undefined;
  transfer_lookup_key?: boolean | undefined;
  transform_quantity?: { divide_by: number; round: "down" | "up" } | undefined;
  unit_amount?: number | undefined;
  unit_amount_decimal?: string | undefined;
}

interface TierGiven {
  flat_amount?: number;
  flat_amount_decimal?: string;
  unit_amount?: number;
  unit_amount_decimal?: string;
  up_to: string;
}

/**
 * Creates a price, and drafts its event; for a recurring price also the plan's. `within` is the parameter that
 * describes it in another call.
 */
export async function createPrice(context: OperationContext, given: PriceGiven, within?: string): Promise<ObjectRow> {
  const shown = priceShown(given, within);
  if (given.lookup_key !== undefined) await takeLookupKey(context, given.lookup_key, given.transfer_lookup_key === true);
  return createInCatalogue(context, PRICE, {
    id: given.id,
    data: (identity) => ({
      ...identity,
      ...shown,
      by_interval: given.recurring?.interval ?? null,
      by_usage_type: given.recurring === undefined ? null : (given.recurring.usage_type ?? "licensed"),
      by_meter: given.recurring?.meter ?? null,
    }),
  });
}

/** The fields of a price without its identity. Throws for missing or conflicting amounts. */
function priceShown(given: PriceGiven, within?: string): JsonObject {
  const inner = (name: string): string => (within === undefined ? name : `${within}[${name}]`);
  const { custom_unit_amount: custom, recurring, tiers } = given;
  const scheme = given.billing_scheme ?? "per_unit";
  const tiered = scheme === "tiered";
  if (given.unit_amount !== undefined && given.unit_amount_decimal !== undefined)
    throw apiError("parameters_exclusive", { param: inner("unit_amount"), other: inner("unit_amount_decimal") });
  if (tiered && (tiers === undefined || tiers.length === 0)) throw apiError("parameter_missing", { param: inner("tiers") });
  if (tiered && given.tiers_mode === undefined) throw apiError("parameter_missing", { param: inner("tiers_mode") });
  if (!tiered && tiers !== undefined) throw apiError("tiers_unneeded", { param: inner("tiers") });
  const amount = given.unit_amount_decimal === undefined ? null : amountOfDecimal(given.unit_amount_decimal, inner("unit_amount_decimal"));
  const unit = given.unit_amount ?? amount?.whole ?? null;
  if (!tiered && custom?.enabled !== true && given.unit_amount === undefined && amount === null)
    throw apiError("parameter_missing_either", { param: inner("unit_amount"), other: inner("unit_amount_decimal") });
  return asJson({
    object: "price",
    active: given.active ?? true,
    billing_scheme: scheme,
    currency: currencyGiven(given.currency, inner("currency")),
    custom_unit_amount:
      custom?.enabled === true ? { maximum: custom.maximum ?? null, minimum: custom.minimum ?? null, preset: custom.preset ?? null } : null,
    lookup_key: given.lookup_key ?? null,
    metadata: mergeMetadata({}, given.metadata),
    nickname: given.nickname ?? null,
    product: given.product,
    recurring:
      recurring === undefined
        ? null
        : {
            interval: recurring.interval,
            interval_count: recurring.interval_count ?? 1,
            meter: recurring.meter ?? null,
            trial_period_days: recurring.trial_period_days ?? null,
            usage_type: recurring.usage_type ?? "licensed",
          },
    tax_behavior: given.tax_behavior ?? "unspecified",
    ...(tiers === undefined ? {} : { tiers: tiers.map((tier, at) => tierShown(tier, `${inner("tiers")}[${at}]`)) }),
    tiers_mode: given.tiers_mode ?? null,
    transform_quantity: given.transform_quantity ?? null,
    type: recurring === undefined ? "one_time" : "recurring",
    unit_amount: tiered || custom?.enabled === true ? null : unit,
    unit_amount_decimal: tiered || custom?.enabled === true ? null : (amount?.text ?? String(unit)),
  } satisfies Omit<OnTheWire<Stripe.Price>, "id" | "created" | "livemode">);
}

/** A decimal amount as text, and as an integer if it is one. Source: https://docs.stripe.com/api/prices/object */
function amountOfDecimal(text: string, param: string): { text: string; whole: number | null } {
  if (!/^\d{1,12}(?:\.\d{1,12})?$/.test(text)) throw apiError("parameter_invalid_number", { value: text, param });
  const plain = text.includes(".") ? text.replace(/\.?(?<!0)0+$/, "") : text;
  return { text: plain, whole: plain.includes(".") ? null : Number(plain) };
}

function tierShown(tier: TierGiven, param: string): OnTheWire<Stripe.Price.Tier> {
  const { up_to, flat_amount, flat_amount_decimal, unit_amount, unit_amount_decimal } = tier;
  if (up_to !== "inf" && !/^[1-9]\d{0,14}$/.test(up_to))
    throw apiError("parameter_invalid_integer", { value: up_to, param: `${param}[up_to]` });
  const flat = flat_amount_decimal === undefined ? null : amountOfDecimal(flat_amount_decimal, `${param}[flat_amount_decimal]`);
  const unit = unit_amount_decimal === undefined ? null : amountOfDecimal(unit_amount_decimal, `${param}[unit_amount_decimal]`);
  return {
    flat_amount: flat_amount ?? flat?.whole ?? null,
    flat_amount_decimal: flat?.text ?? (flat_amount === undefined ? null : String(flat_amount)),
    unit_amount: unit_amount ?? unit?.whole ?? null,
    unit_amount_decimal: unit?.text ?? (unit_amount === undefined ? null : String(unit_amount)),
    up_to: up_to === "inf" ? null : Number(up_to),
  };
}

/** Frees a lookup key: takes it from its current price if the caller allows it, otherwise throws `lookup_key_taken`. */
export async function takeLookupKey(context: OperationContext, key: string, transfer: boolean, except?: string): Promise<void> {
  const { tx, account, livemode } = context;
  const { rows } = await tx.objects({ object: PRICE.object, accountId: account.id, livemode, where: { lookup_key: key } }, { limit: 1 });
  const [holder] = rows;
  if (holder === undefined || holder.id === except) return;
  if (!transfer) throw apiError("lookup_key_taken", { price: String(holder.data.id), param: "lookup_key" });
  await changeInCatalogue(context, PRICE, holder, { lookup_key: null });
}

/** The Price object. Its tiers are shown only when expanded. Source: https://docs.stripe.com/api/prices/object */
function showPrice(row: ObjectRow): JsonObject {
  const { tiers: _, ...shown } = shownOf(row);
  return shown;
}

/** The Plan object: a recurring price in older integrations. Source: https://docs.stripe.com/api/plans/object */
function showPlan({ data }: ObjectRow): JsonObject | null {
  const price = data as unknown as OnTheWire<Stripe.Price>;
  if (price.recurring === null) return null;
  return asJson({
    id: price.id,
    object: "plan",
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: price.billing_scheme,
    created: price.created,
    currency: price.currency,
    interval: price.recurring.interval,
    interval_count: price.recurring.interval_count,
    livemode: price.livemode,
    metadata: price.metadata,
    meter: price.recurring.meter,
    nickname: price.nickname,
    product: price.product as string,
    tiers_mode: price.tiers_mode,
    transform_usage: price.transform_quantity,
    trial_period_days: price.recurring.trial_period_days,
    usage_type: price.recurring.usage_type,
  } satisfies OnTheWire<Stripe.Plan>);
}
