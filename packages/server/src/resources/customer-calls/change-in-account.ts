import { ApiError, apiError } from "@carabiner/protocol";
import { hashOf } from "../../operations/merge-change.ts";
import type { OperationContext } from "../../operations/operation.ts";
import { readTextFormat, type TextFormat } from "../../operations/text-format.ts";
import type { JsonObject } from "../../store/contract/rows.ts";
import { type AccountChange, changeAccount } from "../accounts/change-account.ts";
import { individualOf } from "../connected-account/requirements/required-fields.ts";
import type { AccountWorld } from "../connected-account/state/account-world.ts";
import { BESIDE } from "../connected-account/v2/correspondence.ts";
import { LOCALES } from "../connected-account/v2/locales.ts";
import { setAt } from "../connected-account/v2/path.ts";

/** Parameters of a customer that belong to its account, if it is an account. */
export const OF_ACCOUNT = ["address", "business_name", "email", "metadata", "name", "phone", "preferred_locales"] as const;

/** The given values that belong to the customer's account. */
export type ToldOfAccount = Partial<Record<(typeof OF_ACCOUNT)[number], unknown>>;

/**
 * An account with the values that were given for the customer that it is, without derived state. Errors name the
 * customer's parameters.
 * Source: https://docs.stripe.com/connect/use-accounts-as-customers (the map of properties)
 */
export function changeInAccount({ ids, now, livemode }: OperationContext, world: AccountWorld, told: ToldOfAccount): AccountWorld {
  const change = changeOf(world, readValues(told as JsonObject));
  try {
    return changeAccount(world, change, { id: ids.newId("person", now), now, livemode });
  } catch (thrown) {
    if (!(thrown instanceof ApiError) || thrown.param === undefined) throw thrown;
    throw thrown.renamed(thrown.param.replace("company[name]", "business_name").replace(/^(?:individual|company)\[(\w+)\]/, "$1"));
  }
}

function changeOf(world: AccountWorld, told: JsonObject): AccountChange {
  const isIndividual = world.state.given.business_type === "individual" || individualOf(world) !== undefined;
  const party = isIndividual ? "individual" : "company";
  const places: Readonly<Record<(typeof OF_ACCOUNT)[number], string>> = {
    address: `${party}.address`,
    business_name: "company.name",
    email: "email",
    metadata: "metadata",
    name: "settings.dashboard.display_name",
    phone: `${party}.phone`,
    preferred_locales: `${BESIDE}.defaults.locales`,
  };
  const change: JsonObject = {};
  for (const name of OF_ACCOUNT) if (told[name] !== undefined) setAt(change, places[name], told[name]);
  return change as AccountChange;
}

/** The values in the account's form. Throws for values that a customer may have, but not an account. */
function readValues(told: JsonObject): JsonObject {
  const { address, phone, preferred_locales: locales } = told;
  for (const [at, locale] of (Array.isArray(locales) ? locales : []).entries())
    if (!LOCALES.some((known) => known === locale))
      throw apiError("parameter_invalid_string", { value: String(locale), param: `preferred_locales[${at}]` });
  const { country } = hashOf(address);
  return {
    ...told,
    ...(typeof phone === "string" ? { phone: read("phone", phone, "phone") } : {}),
    ...(typeof country === "string" ? { address: { ...hashOf(address), country: read("country", country, "address[country]") } } : {}),
  };
}

function read(format: TextFormat, value: string, param: string): string {
  const found = readTextFormat(format, value);
  if ("error" in found) throw apiError(found.error, { value, param });
  return found.text;
}
