import { apiError } from "@carabiner/protocol";
import type { Static } from "typebox";
import type { Json, JsonObject } from "../../store/store.ts";
import { checkEmail } from "../check-email.ts";
import { isHash, mergeChange } from "../merge-change.ts";
import type { updateAccountParameters } from "./account-parameters.ts";
import type { AccountState } from "./account-state.ts";

/** What an account may be told of itself. */
export type AccountChange = Omit<Static<typeof updateAccountParameters>, "expand">;

/**
 * What is taken and never shown, and hence not kept: only that it was given.
 * Source: https://docs.stripe.com/api/accounts/object (`*_provided`)
 */
const SECRET = new Set(["tax_id", "vat_id", "id_number", "id_number_secondary", "ssn_last_4", "password"]);

/**
 * An account after it was told something. Keys given are set, keys given as null are unset, others stay.
 * Throws an error of the table for a value that a schema cannot refuse.
 */
export function changeAccount(before: AccountState, change: AccountChange, individual: { id: string; now: number }): AccountState {
  checkEmail(change.email, "email");
  checkEmail(change.individual?.email, "individual[email]");
  checkEmail(change.business_profile?.support_email, "business_profile[support_email]");
  const told = withoutSecrets({ ...change } as JsonObject);
  readCurrency(told);
  readDelay(told);
  const first = change.individual !== undefined && before.individualId === null;
  return {
    ...before,
    given: mergeChange(before.given, told),
    ...(first ? { individualId: individual.id, individualCreated: individual.now } : {}),
  };
}

/** The currency in lower case, as answers show it. */
function readCurrency(told: JsonObject): void {
  const currency = told.default_currency;
  if (typeof currency !== "string") return;
  if (!/^[a-z]{3}$/i.test(currency)) throw apiError("parameter_invalid_string", { value: currency, param: "default_currency" });
  told.default_currency = currency.toLowerCase();
}

/** `delay_days` is a number, or `minimum`, which stands for the country's own and is kept as nothing. */
function readDelay(told: JsonObject): void {
  const { settings } = told;
  const payouts = isHash(settings) ? settings.payouts : undefined;
  const schedule = isHash(payouts) ? payouts.schedule : undefined;
  if (!isHash(schedule) || typeof schedule.delay_days !== "string") return;
  const param = "settings[payouts][schedule][delay_days]";
  if (schedule.delay_days === "minimum") schedule.delay_days = null;
  else if (!/^\d+$/.test(schedule.delay_days)) throw apiError("parameter_invalid_integer", { value: schedule.delay_days, param });
  else schedule.delay_days = Number(schedule.delay_days);
}

function withoutSecrets(given: JsonObject): JsonObject {
  const kept: JsonObject = {};
  for (const [key, value] of Object.entries(given)) {
    if (SECRET.has(key)) kept[`${key}_provided`] = value !== null;
    else if (key === "metadata") kept[key] = value;
    else kept[key] = isHash(value) ? withoutSecrets(value) : copied(value);
  }
  return kept;
}

function copied(value: Json): Json {
  return Array.isArray(value) ? [...value] : value;
}
