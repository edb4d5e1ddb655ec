import { isHash, mergeChange } from "../../operations/merge-change.ts";
import type { Json, JsonObject } from "../../store/contract/rows.ts";
import type { OnlyInV2 } from "../connected-account/rendering/render-account-person.ts";
import { reviewPerson } from "../connected-account/requirements/review-submission.ts";
import type { Submission } from "../connected-account/requirements/submission.ts";
import type { AccountWorld } from "../connected-account/state/account-world.ts";
import { underivedPerson } from "../connected-account/state/derived.ts";
import type { Person } from "../connected-account/state/person-state.ts";
import { NOTHING_REVIEWED } from "../connected-account/state/review.ts";

/** The parameters of a person. */
export type ChangedPerson = Readonly<Record<string, unknown>>;

/**
 * Secrets that are accepted and never shown. Only the fact that they were given is stored.
 * Source: https://docs.stripe.com/api/accounts/object and https://docs.stripe.com/api/persons/object (`*_provided`)
 */
const SECRET = new Set(["tax_id", "vat_id", "id_number", "id_number_secondary", "ssn_last_4", "password"]);

/** A new, empty person, in the account's own mode. `now` is in Unix milliseconds. */
export function newPerson({ row, state }: Pick<AccountWorld, "row" | "state">, { id, now }: { id: string; now: number }): Person {
  return {
    row: { id, object: "person", accountId: row.id, livemode: state.livemode, parent: null, created: now, data: {} },
    state: { given: {}, throughPersonsApi: false, derived: underivedPerson(), review: NOTHING_REVIEWED },
  };
}

/**
 * A person with parameters applied. Given keys are set, null keys are unset, others stay. Values are judged here, on
 * arrival, and secrets are not stored.
 */
export function changePerson(before: Person, change: ChangedPerson, telling: Submission): Person {
  const told = withoutOldTypes(change as JsonObject);
  const given = mergeChange(before.state.given, withoutSecrets(told));
  const review = reviewPerson(before.state.review, { told, before: before.state.given, after: given }, telling);
  return { ...before, state: { ...before.state, given, updated: telling.now, review } };
}

/** The v1 API sets a number without its type, so the type that v2 set with the previous number is dropped. */
function withoutOldTypes(told: JsonObject): JsonObject {
  const tells = (number: string) => told[number] !== undefined || told[`${number}_provided`] !== undefined;
  if (told.v2 !== undefined || !(tells("id_number") || tells("ssn_last_4"))) return told;
  const forgotten: OnlyInV2 = {
    ...(tells("id_number") ? { number_type: null } : {}),
    ...(tells("ssn_last_4") ? { last_4_type: null } : {}),
  };
  return { ...told, v2: { ...forgotten } };
}

/** The given values, with secrets replaced by flags. */
export function withoutSecrets(given: JsonObject): JsonObject {
  const kept: JsonObject = {};
  for (const [key, value] of Object.entries(given)) {
    if (SECRET.has(key)) kept[`${key}_provided`] = value !== null;
    else if (key === "metadata") kept[key] = value;
    else kept[key] = isHash(value) ? withoutSecrets(value) : copied(value);
  }
  return kept;
}

/** A copied value. Empty items are dropped from lists. */
function copied(value: Json): Json {
  return Array.isArray(value) ? value.filter((item) => item !== null) : value;
}
