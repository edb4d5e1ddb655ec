import type { Page, PageOf, TimeRange } from "../contract/transaction.ts";
import type { Session, SqlRow, SqlValue } from "./session.ts";

/** The parts of a list's query. In SQL, `?` stands for the next value. */
export interface Listing<Row> {
  /** `SELECT … FROM …`, without WHERE. */
  select: string;
  /** The values of its `?`. */
  values?: readonly SqlValue[];
  /** The column whose descending order is the list's. */
  order: string;
  /** What a cursor's id stands for in that column, where that is not the id itself: an expression with one `?`. */
  cursor?: string;
  /** The condition on every row, with the values of its `?`. */
  conditions: readonly Condition[];
  row(row: SqlRow): Row;
}

export type Condition = readonly [sql: string, ...values: SqlValue[]];

/**
 * One page of a list: newest first, from just after or just before a row. Reads one more row, to know if there are
 * more.
 */
export async function readPage<Row>(
  session: Session,
  { select, values = [], order, cursor = "?", conditions, row }: Listing<Row>,
  page: Page,
): Promise<PageOf<Row>> {
  const all = [...conditions, ...boundsOf(page, order, cursor)];
  const sql = numbered(`${select} WHERE ${whereOf(all)} ORDER BY ${order} ${directionOf(page)} LIMIT ?`);
  const found = await session.all(sql, ...values, ...valuesOf(all), page.limit + 1);
  return pageOf(found, page, row);
}

/** The direction in which a page is read, from where it begins. */
export const directionOf = ({ endingBefore }: Page): "ASC" | "DESC" => (endingBefore === undefined ? "DESC" : "ASC");

/** The conditions that a page's cursors set to the column that orders the list. */
export function boundsOf({ startingAfter, endingBefore }: Page, order: string, cursor: string): Condition[] {
  const bounds: Condition[] = [];
  if (startingAfter !== undefined) bounds.push([`${order} < ${cursor}`, startingAfter]);
  if (endingBefore !== undefined) bounds.push([`${order} > ${cursor}`, endingBefore]);
  return bounds;
}

/** The page that rows make, which were read in its direction: one more than it has says that there are more. */
export function pageOf<Row>(found: readonly SqlRow[], page: Page, row: (found: SqlRow) => Row): PageOf<Row> {
  const rows = found.slice(0, page.limit).map(row);
  return { rows: directionOf(page) === "ASC" ? rows.reverse() : rows, hasMore: found.length > page.limit };
}

/** Conditions as SQL, and their values; all rows when there are none. */
export const whereOf = (conditions: readonly Condition[]): string => conditions.map(([sql]) => sql).join(" AND ") || "true";

export const valuesOf = (conditions: readonly Condition[]): SqlValue[] => conditions.flatMap(([, ...values]) => values);

/** The conditions a range of times stands for. */
export function inRange(column: string, range: TimeRange | undefined): Condition[] {
  const conditions: Condition[] = [];
  if (range?.gt !== undefined) conditions.push([`${column} > ?`, range.gt]);
  if (range?.gte !== undefined) conditions.push([`${column} >= ?`, range.gte]);
  if (range?.lt !== undefined) conditions.push([`${column} < ?`, range.lt]);
  if (range?.lte !== undefined) conditions.push([`${column} <= ?`, range.lte]);
  return conditions;
}

/** SQL with `$1`, `$2` … in place of each `?`. */
export function numbered(sql: string): string {
  let n = 0;
  return sql.replaceAll("?", () => `$${++n}`);
}

/** `*` is anything; the signs that LIKE knows stand for themselves. */
export function likeOf(pattern: string): string {
  return pattern.replace(/[\\%_]/g, "\\$&").replace(/\*+/g, "%");
}
