import { hashOf } from "../../../operations/merge-change.ts";
import type { JsonObject } from "../../../store/contract/rows.ts";
import type { AccountWorld } from "../state/account-world.ts";
import { IDENTITY, type Judgement, type Review } from "../state/review.ts";

/** The confirmations that all persons of a role were named, with the fields to ask for again when one is wrong. */
const CONFIRMATIONS = {
  directors_provided: "relationship.director",
  owners_provided: "relationship.owner",
} as const;

/**
 * Handles a company that confirms its directors or owners again after a fault: the confirmation is accepted, and
 * verified again. Before a first verification ends, it changes nothing. `now` is in Unix milliseconds.
 * Source: https://docs.stripe.com/api/accounts/update#update_account-company-owners_provided
 */
export function confirmRoles(world: AccountWorld, told: JsonObject, now: number): AccountWorld {
  const { review } = world.state;
  const check = review.checks[IDENTITY];
  if (check === undefined || check.endsAt === null || check.endsAt > now) return world;
  const company = hashOf(told.company);
  return Object.entries(CONFIRMATIONS).reduce(
    (known, [confirmation, field]) => (company[confirmation] === true ? withoutFaults(known, field) : known),
    world,
  );
}

function withoutFaults(world: AccountWorld, field: string): AccountWorld {
  const review = world.state.review;
  const mended = believed(review, field);
  const persons = world.persons.map((person) => {
    const kept = believed(person.state.review, field);
    return kept === person.state.review ? person : { ...person, state: { ...person.state, review: kept } };
  });
  if (mended === review && persons.every((person, position) => person === world.persons[position])) return world;
  const { [IDENTITY]: _, ...checks } = review.checks;
  return { ...world, persons, state: { ...world.state, review: { ...review, judgements: mended.judgements, checks } } };
}

function believed<Kept extends Review>(review: Kept, field: string): Kept {
  const wrong = ({ finding }: Judgement) => finding.kind === "wrong" && finding.fields.includes(field);
  const kept = Object.entries(review.judgements).filter(([, judgement]) => !wrong(judgement));
  return kept.length === Object.keys(review.judgements).length ? review : { ...review, judgements: Object.fromEntries(kept) };
}
