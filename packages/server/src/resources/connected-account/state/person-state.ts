import type { JsonObject, ObjectRow } from "../../../store/contract/rows.ts";
import { type PersonDerived, underivedPerson } from "./derived.ts";
import { NOTHING_REVIEWED, type Review } from "./review.ts";

/** A person of an account, beside the id: what its row keeps in `data`. */
export interface PersonState {
  /** What was told of the person, hash by hash as the parameters name it; without what is never shown. */
  given: JsonObject;
  /** Whether the Persons API has ever written this person: only then are `person.*` events recorded, unless the server's settings say otherwise. */
  throughPersonsApi: boolean;
  derived: PersonDerived;
  review: Review;
}

/** A person with its row. The row's `data` is what the state was when it was read. */
export interface Person {
  row: ObjectRow;
  state: PersonState;
}

export function readPerson(row: ObjectRow): Person {
  return {
    row,
    state: {
      given: {},
      throughPersonsApi: false,
      derived: underivedPerson(),
      review: NOTHING_REVIEWED,
      ...(row.data as Partial<PersonState>),
    },
  };
}

/** The row of a person, with the state as it is now. */
export function writePerson({ row, state }: Person): ObjectRow {
  return { ...row, data: state as unknown as JsonObject };
}
