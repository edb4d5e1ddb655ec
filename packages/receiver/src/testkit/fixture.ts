import type { EventType, Matching } from "../event-pattern.ts";
import { kindOf, newObjectId } from "./object-of-type.ts";

/** The options of a fixture. */
export interface FixtureOptions<Resource> {
  /** `evt_…`; unique unless given. */
  id?: string;
  /** Its connected account; null for the platform's own events. */
  account?: string | null;
  livemode?: boolean;
  /** Unix seconds. */
  created?: number;
  /** The object's fields that the test needs. Other fields are missing: a fixture is as small as its test. */
  object?: Partial<Resource>;
  /** The former values of the fields, for events about a change. */
  previous?: Partial<Resource>;
  apiVersion?: string | null;
}

/** The object of an event's type. */
export type ResourceOf<Type extends EventType> = Matching<Type> extends { data: { object: infer Resource } } ? Resource : never;

/** An event as it is sent, of a type and with the test's fields. `number` makes its ids unique. */
export function fixture<Type extends EventType>(
  type: Type,
  number: number,
  { id, account = null, livemode = false, created = 0, object, previous, apiVersion = null }: FixtureOptions<ResourceOf<Type>>,
): Matching<Type> {
  const subject = type.slice(0, type.lastIndexOf("."));
  const kind = kindOf(subject);
  const objectId = newObjectId(kind, number, account);
  const event = {
    id: id ?? `evt_test_${number}`,
    object: "event",
    ...(account === null ? {} : { account }),
    api_version: apiVersion,
    created,
    data: {
      object: { id: objectId, object: kind, ...object },
      ...(previous === undefined ? {} : { previous_attributes: previous }),
    },
    livemode,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
  };
  // A fixture has only the fields that its test gives: other fields that a handler reads are undefined.
  return event as unknown as Matching<Type>;
}
