import { isHash, mergeChange } from "../../operations/merge-change.ts";
import type { Json, JsonObject } from "../../store/contract/rows.ts";
import { reviewPerson } from "../connected-account/requirements/review-submission.ts";
import type { Submission } from "../connected-account/requirements/submission.ts";
import type { AccountWorld } from "../connected-account/state/account-world.ts";
import { underivedPerson } from "../connected-account/state/derived.ts";
import type { Person } from "../connected-account/state/person-state.ts";
import { NOTHING_REVIEWED } from "../connected-account/state/review.ts";

/** What a person may be told, as parameters name it. */
export type ChangedPerson = Readonly<Record<string, unknown>>;

/**
 * What is taken and never shown, and hence not kept: only that it was given.
 * Source: https://docs.stripe.com/api/accounts/object and https://docs.stripe.com/api/persons/object (`*_provided`)
 */
const SECRET = new Set(["tax_id", "vat_id", "id_number", "id_number_secondary", "ssn_last_4", "password"]);

/** A person of whom nothing is known yet, of an account's own mode. `now` is in Unix milliseconds. */
export function newPerson({ row, state }: Pick<AccountWorld, "row" | "state">, { id, now }: { id: string; now: number }): Person {
  return {
    row: { id, object: "person", accountId: row.id, livemode: state.livemode, parent: null, created: now, data: {} },
    state: { given: {}, throughPersonsApi: false, derived: underivedPerson(), review: NOTHING_REVIEWED },
  };
}

/**
 * A person after it was told something. Keys given are set, keys given as null are unset, others stay. What is given is
 * judged here, as it arrives, and what must not be kept is not.
 */
export function changePerson(before: Person, change: ChangedPerson, telling: Submission): Person {
  const told = change as JsonObject;
  const given = mergeChange(before.state.given, withoutSecrets(told));
  const review = reviewPerson(before.state.review, { told, before: before.state.given, after: given }, telling);
  return { ...before, state: { ...before.state, given, review } };
}

/** What was given, with secrets replaced by whether they were. */
export function withoutSecrets(given: JsonObject): JsonObject {
  const kept: JsonObject = {};
  for (const [key, value] of Object.entries(given)) {
    if (SECRET.has(key)) kept[`${key}_provided`] = value !== null;
    else if (key === "metadata") kept[key] = value;
    else kept[key] = isHash(value) ? withoutSecrets(value) : copied(value);
  }
  return kept;
}

/** A value of its own. What says nothing is left out of a list. */
function copied(value: Json): Json {
  return Array.isArray(value) ? value.filter((item) => item !== null) : value;
}
