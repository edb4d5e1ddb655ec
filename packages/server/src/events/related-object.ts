import { relatedOf, type ThinEventType } from "@carabiner/protocol";
import type { JsonObject } from "../store/contract/rows.ts";

/** Paths of objects that do not follow from the name of their kind. */
const PLACES: Readonly<Record<string, (object: JsonObject) => string>> = {
  balance: () => "/v1/balance",
  balance_settings: () => "/v1/balance_settings",
  capability: ({ id, account }) => `/v1/accounts/${account}/capabilities/${id}`,
  cash_balance: ({ customer }) => `/v1/customers/${customer}/cash_balance`,
  customer_cash_balance_transaction: ({ id, customer }) => `/v1/customers/${customer}/cash_balance_transactions/${id}`,
  discount: ({ customer }) => `/v1/customers/${customer}/discount`,
  fee_refund: ({ id, fee }) => `/v1/application_fees/${fee}/refunds/${id}`,
  person: ({ id, account }) => `/v1/accounts/${account}/persons/${id}`,
  scheduled_query_run: ({ id }) => `/v1/sigma/scheduled_query_runs/${id}`,
  "tax.settings": () => "/v1/tax/settings",
};

/**
 * The `related_object` of a thin event about an object of v1: its kind, its id, and where it can be fetched. Null when
 * events of the type name no object, or when the object has no id.
 */
export function relatedObject(type: ThinEventType, object: JsonObject): JsonObject | null {
  const related = relatedOf(type);
  const { id, object: kind } = object;
  if (related === null || typeof kind !== "string") return null;
  // A published object names its own kind, which may also be the name of a property that every object inherits.
  const url = (Object.hasOwn(PLACES, kind) ? (PLACES[kind] ?? place) : place)(object);
  if (related === "singleton") return { type: kind, url };
  return typeof id === "string" ? { id, type: kind, url } : null;
}

/** For example, `checkout.session` is at `/v1/checkout/sessions/{id}`. */
function place({ id, object }: JsonObject): string {
  return `/v1/${String(object).replaceAll(".", "/")}s/${id}`;
}
