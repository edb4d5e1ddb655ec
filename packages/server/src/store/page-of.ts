import type { Page, PageOf } from "./contract/transaction.ts";

/** A condition in SQL, and the values of its `?`. */
type Condition<Value> = readonly [sql: string, ...values: Value[]];

/**
 * The page made of rows that were read in its direction. One more row than fits on the page shows that there are more.
 */
export function pageOf<Found, Row>(found: readonly Found[], page: Page, row: (found: Found) => Row): PageOf<Row> {
  const rows = found.slice(0, page.limit).map(row);
  return { rows: directionOf(page) === "ASC" ? rows.reverse() : rows, hasMore: found.length > page.limit };
}

/** The direction in which a page is read from its start: lists are newest first. */
export const directionOf = ({ endingBefore }: Page): "ASC" | "DESC" => (endingBefore === undefined ? "DESC" : "ASC");

/**
 * A page's cursors as conditions on the column that orders the list. `cursor` is an expression with one `?` for an id;
 * its value is comparable with that column.
 */
export function boundsOf({ startingAfter, endingBefore }: Page, order: string, cursor: string): Condition<string>[] {
  const bounds: Condition<string>[] = [];
  if (startingAfter !== undefined) bounds.push([`${order} < ${cursor}`, startingAfter]);
  if (endingBefore !== undefined) bounds.push([`${order} > ${cursor}`, endingBefore]);
  return bounds;
}

/** Conditions as SQL. Without conditions, all rows. */
export const whereOf = (conditions: readonly Condition<unknown>[]): string => conditions.map(([sql]) => sql).join(" AND ") || "true";

export const valuesOf = <Value>(conditions: readonly Condition<Value>[]): Value[] => conditions.flatMap(([, ...values]) => values);
