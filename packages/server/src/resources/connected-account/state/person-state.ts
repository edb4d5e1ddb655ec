import type { JsonObject, ObjectRow } from "../../../store/contract/rows.ts";
import { type PersonDerived, underivedPerson } from "./derived.ts";
import { NOTHING_REVIEWED, type Review } from "./review.ts";

/** A person of an account without its id: what its row stores in `data`. */
export interface PersonState {
  /** The person's data, with the parameters' structure, without secrets. */
  given: JsonObject;
  /**
   * Whether the Persons API has ever written this person. Otherwise `person.*` events are recorded only if the server's
   * settings say so.
   */
  throughPersonsApi: boolean;
  /** When its data last changed, in Unix milliseconds; absent if it has not changed since its creation. */
  updated?: number;
  derived: PersonDerived;
  review: Review;
}

/** A person with its row. The row's `data` is the state as read. */
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

/** The row of a person with its current state. */
export function writePerson({ row, state }: Person): ObjectRow {
  return { ...row, data: state as unknown as JsonObject };
}
