import type { DeliveryFilter } from "../../contract/transaction.ts";
import type { Condition } from "./read-page.ts";

/** The events that a filter of deliveries asks for, as one index of `events e` finds them. */
export interface EventSet {
  index: string;
  conditions: readonly Condition[];
  /** The same set in parts that the index lists in their order; null when there are too many parts. */
  parts: readonly (readonly Condition[])[] | null;
}

/**
 * The sets of events that contain what a filter asks for, the smallest kind first. `types`: the types that fit its
 * pattern; null if it has no pattern, or there are too many.
 */
export function eventSets({ eventAccountId, eventType, eventTypePattern }: DeliveryFilter, types: readonly string[] | null): EventSet[] {
  const sets: EventSet[] = [];
  const [first, another] = eventType === undefined ? (types ?? []) : [eventType];
  const only = first !== undefined && another === undefined ? first : undefined;
  if (eventAccountId !== undefined) {
    const account: Condition = ["e.account_id = ?", eventAccountId];
    const type: Condition[] = only === undefined ? [] : [["e.type = ?", only]];
    sets.push({
      index: only === undefined ? "events_listed" : "events_of_account_type",
      conditions: [account, ["e.livemode IN (0, 1)"], ...type],
      parts: [0, 1].map((livemode) => [account, [`e.livemode = ${livemode}`], ...type]),
    });
  }
  if (only !== undefined && eventAccountId === undefined)
    sets.push({ index: "events_of_type", conditions: [["e.type = ?", only]], parts: [[["e.type = ?", only]]] });
  if (eventTypePattern !== undefined && types !== null && only === undefined) {
    const anyType: Condition = ["e.type IN (SELECT value FROM json_each(?))", JSON.stringify(types)];
    sets.push(
      eventAccountId === undefined
        ? { index: "events_of_type", conditions: [anyType], parts: null }
        : {
            index: "events_of_account_type",
            conditions: [["e.account_id = ?", eventAccountId], ["e.livemode IN (0, 1)"], anyType],
            parts: null,
          },
    );
  }
  return sets;
}

/** The condition that the event of a delivery `d` is in a set. The set's index alone decides it. */
export function isIn({ index, conditions }: EventSet): Condition {
  const where = conditions.map(([sql]) => sql).join(" AND ");
  return [
    `EXISTS (SELECT 1 FROM events e INDEXED BY ${index} WHERE ${where} AND e.n = d.event)`,
    ...conditions.flatMap(([, ...values]) => values),
  ];
}
