import { previousAttributes } from "../../events/previous-attributes.ts";
import type { ThinDraft } from "../../events/record-thin-event.ts";
import { asJson } from "../../operations/as-json.ts";
import type { JsonObject } from "../../store/contract/rows.ts";
import { renderAccountPerson } from "../connected-account/rendering/render-account-person.ts";
import type { AccountWorld } from "../connected-account/state/account-world.ts";
import type { Person } from "../connected-account/state/person-state.ts";

type What = "created" | "updated" | "deleted";

/**
 * Drafts the v2 API's events of an account's persons: for each person with a v1 event whose v2 view differs. They
 * happen on the platforms that see the account's persons. Deleted persons come first, then changed, then new ones.
 * Source: https://docs.stripe.com/api/v2/core/persons/event-types
 */
export function accountPersonEvents(
  before: readonly Person[],
  { row, persons, state }: AccountWorld,
  { livemode, isTold }: { livemode: boolean; isTold: (person: Person) => boolean },
): ThinDraft[] {
  const known = new Map(before.map((person) => [person.row.id, person]));
  const left = new Set(persons.map((person) => person.row.id));
  const drafts: ThinDraft[] = before
    .filter((person) => !left.has(person.row.id) && isTold(person))
    .map((person) => draft("deleted", person));
  const made: ThinDraft[] = [];
  for (const person of persons) {
    if (!isTold(person)) continue;
    const was = known.get(person.row.id);
    if (was === undefined) made.push(draft("created", person));
    else if (was.state !== person.state) {
      const changed = changesOf(view(was, state.country), view(person, state.country));
      if (changed !== null) drafts.push({ ...draft("updated", person), changes: changed });
    }
  }
  return [...drafts, ...made];

  function draft(what: What, person: Person): ThinDraft {
    const { id } = person.row;
    return {
      thin: true,
      type: `v2.core.account_person.${what}` as const,
      account: row,
      livemode,
      related: { id, type: "v2.core.account_person", url: `/v2/core/accounts/${row.id}/persons/${id}` },
      data: { account_id: row.id },
      onPlatforms: ({ controller, platformId }) => controller || platformId === state.createdBy,
    };
  }
}

/** What v2 shows of a person, except the time of its last change. */
function view(person: Person, country: string): JsonObject {
  const { updated: _, ...shown } = renderAccountPerson(person, country);
  return asJson(shown);
}

/** The values that differ, before and after; null when nothing differs. */
function changesOf(was: JsonObject, is: JsonObject): { before: JsonObject; after: JsonObject } | null {
  const before = previousAttributes(was, is);
  const after = previousAttributes(is, was);
  return before === null || after === null ? null : { before, after };
}
