import { individualOf } from "../connected-account/requirements/required-fields.ts";
import type { AccountWorld } from "../connected-account/state/account-world.ts";
import type { Person } from "../connected-account/state/person-state.ts";
import { passingValues } from "./passing-values.ts";

/** A parsed requirement name: its person, if any, and its name within the person or the account. */
export interface NamedRequirement {
  person: Person | null;
  field: string;
}

/** Parses a requirement's name as an account's `requirements` contain it; null for an unknown name. */
export function namedRequirement(world: AccountWorld, name: string): NamedRequirement | null {
  if (passingValues(name, world) === null || name === "external_account" || name.startsWith("relationship.")) return null;
  const [subject = "", ...path] = name.split(".");
  const field = path.join(".");
  if (["representative", "owners", "directors", "executives"].includes(subject)) return null;
  if (subject !== "individual") {
    const person = world.persons.find(({ row }) => row.id === subject);
    return person === undefined ? { person: null, field: name } : { person, field };
  }
  const person = individualOf(world);
  return person === undefined ? null : { person, field };
}

/** The world with the review of a person changed, or of the account when no person is given. */
export function withReview(
  world: AccountWorld,
  person: Person | null,
  change: <Kept extends Person["state"]["review"]>(review: Kept) => Kept,
): AccountWorld {
  if (person === null) return { ...world, state: { ...world.state, review: change(world.state.review) } };
  const after = { ...person, state: { ...person.state, review: change(person.state.review) } };
  return { ...world, persons: world.persons.map((one) => (one.row.id === person.row.id ? after : one)) };
}
