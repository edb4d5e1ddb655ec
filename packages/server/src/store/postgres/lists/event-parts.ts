import type { DeliveryFilter } from "../../contract/transaction.ts";
import { valuesOf, whereOf } from "../../page-of.ts";
import type { Condition } from "./read-page.ts";

/** The events that a filter of deliveries asks for, in parts that one index of `events` lists in their order. */
export interface EventParts {
  /** A row for each part, as in a FROM clause. */
  parts: Condition;
  /** The condition on the events of a part. */
  of: readonly Condition[];
  /** The parts of the filter that every event of the set fits. */
  tells: readonly ("account" | "type")[];
}

/**
 * The smallest set that contains what a filter asks for. `types`: the types that fit the filter; null if it does not
 * name any, or there are too many.
 */
export function eventPartsOf(
  { eventAccountId }: Pick<DeliveryFilter, "eventAccountId">,
  types: readonly string[] | null,
): EventParts | null {
  const ofType: Condition[] = types === null ? [] : [["type = kind.type"]];
  if (eventAccountId === undefined)
    return types === null ? null : { parts: ["unnest(?::text[]) AS kind (type)", [...types]], of: ofType, tells: ["type"] };
  const modes = "unnest('{false,true}'::boolean[]) AS mode (livemode)";
  return {
    parts: types === null ? [modes] : [`${modes} CROSS JOIN unnest(?::text[]) AS kind (type)`, [...types]],
    of: [["account_id = ?", eventAccountId], ["livemode = mode.livemode"], ...ofType],
    tells: types === null ? ["account"] : ["account", "type"],
  };
}

/**
 * A query for the numbers of a set's events as `e.n`: at most `limit` of each part, the newest or the oldest. A plan is
 * made for all values, and the limit makes it use the index.
 */
export function eventsOf(
  { parts: [parts, ...values], of }: EventParts,
  limit: number,
  bounds: readonly Condition[] = [],
  direction: "ASC" | "DESC" = "DESC",
): Condition {
  const all = [...of, ...bounds];
  const sql = `
    SELECT e.n FROM ${parts} CROSS JOIN LATERAL (SELECT n FROM events WHERE ${whereOf(all)} ORDER BY n ${direction} LIMIT ${limit}) e`;
  return [sql, ...values, ...valuesOf(all)];
}

/** The condition that the event of a delivery `d` is in a set. The set's index alone decides it. */
export function isIn({ parts: [parts, ...values], of }: EventParts): Condition {
  return [
    `EXISTS (SELECT 1 FROM ${parts} CROSS JOIN LATERAL (SELECT n FROM events WHERE ${whereOf(of)} AND n = d.event OFFSET 0) e)`,
    ...values,
    ...valuesOf(of),
  ];
}
