import type { Page, PageOf, TimeRange } from "../../contract/transaction.ts";
import { boundsOf, directionOf, pageOf, valuesOf, whereOf } from "../../page-of.ts";
import { BOUND_LIMIT } from "../database/bound-limit.ts";
import type { SqlRow, SqlValue } from "../database/connection.ts";
import type { WorkScope } from "../database/scope.ts";

/** The parts of a list's query. */
export interface Listing<Row> {
  /** `SELECT … FROM …`, without WHERE. */
  select: string;
  /** The values of its `?`. */
  values?: readonly SqlValue[];
  /** The column whose descending order is the order of the list. */
  order: string;
  /** What a cursor's id means in that column, if not the id itself: an expression with one `?`. */
  cursor?: string;
  /** The condition on every row, with the values of its `?`. */
  conditions: readonly Condition[];
  row(row: SqlRow): Row;
}

export type Condition = readonly [sql: string, ...values: SqlValue[]];

/**
 * One page of a list: newest first, from just after or just before a row. Reads one extra row, to know if there are
 * more.
 */
export function readPage<Row>(
  scope: Pick<WorkScope, "all">,
  { select, values = [], order, cursor = "?", conditions, row }: Listing<Row>,
  page: Page,
): PageOf<Row> {
  const all = [...conditions, ...boundsOf(page, order, cursor)];
  const found = scope.all(
    `${select} WHERE ${whereOf(all)} ORDER BY ${order} ${directionOf(page)} ${BOUND_LIMIT}`,
    ...values,
    ...valuesOf(all),
    page.limit + 1,
  );
  return pageOf(found, page, row);
}

/** The conditions that express a range of times. */
export function inRange(column: string, range: TimeRange | undefined): Condition[] {
  const conditions: Condition[] = [];
  if (range?.gt !== undefined) conditions.push([`${column} > ?`, range.gt]);
  if (range?.gte !== undefined) conditions.push([`${column} >= ?`, range.gte]);
  if (range?.lt !== undefined) conditions.push([`${column} < ?`, range.lt]);
  if (range?.lte !== undefined) conditions.push([`${column} <= ?`, range.lte]);
  return conditions;
}

/** `*` matches anything; GLOB's other wildcards are escaped. */
export function globOf(pattern: string): string {
  return pattern.replace(/[?[]/g, "[$&]").replace(/\*+/g, "*");
}
