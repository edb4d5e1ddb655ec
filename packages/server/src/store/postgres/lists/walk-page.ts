import type { Page, PageOf } from "../../contract/transaction.ts";
import type { Pace } from "../../pace.ts";
import { boundsOf, directionOf, pageOf, valuesOf, whereOf } from "../../page-of.ts";
import type { Session, SqlRow, SqlValue } from "../database/session.ts";
import { type Condition, numbered, readPage } from "./read-page.ts";

/** A list whose rows are examined one after another, in its order, until a page of them fits. */
export interface TableWalk<Row> {
  /** The account that it is for. */
  owner: string;
  /** The table, which is walked through an index in the list's order. */
  walked: string;
  /** Its name in the conditions, if that is different, and the tables joined to it. */
  alias?: string;
  joined?: string;
  columns?: string;
  /** The column whose descending order is the order of the list. */
  order: string;
  /** What a cursor's id means in that column, if not the id itself: an expression with one `?`. */
  cursor?: string;
  /** The conditions for the index; none for a walk through the whole table. */
  searched: readonly Condition[];
  /** The conditions on every row. */
  fitting: readonly Condition[];
  row(row: SqlRow): Row;
}

/** One page of a list, like `readPage`, but in slices of few rows, because many rows may not fit. */
export async function walkPage<Row>(
  session: Session,
  pace: Pace | null,
  { owner, walked, alias = walked, joined = "", columns = "*", order, cursor = "?", searched, fitting, row }: TableWalk<Row>,
  page: Page,
): Promise<PageOf<Row>> {
  if (fitting.length === 0 || pace === null) {
    const select = `SELECT ${columns} FROM ${walked} ${alias} ${joined}`;
    return readPage(session, { select, order, cursor, conditions: [...searched, ...fitting], row }, page);
  }
  const direction = directionOf(page);
  const beyond = direction === "ASC" ? ">" : "<";
  const bounds = boundsOf(page, order, cursor);
  const found: SqlRow[] = [];
  let past: readonly Condition[] = [];
  for (;;) {
    const rest = [...searched, ...bounds, ...past];
    const next = (what: string, limit: string): string =>
      `SELECT ${what} FROM ${walked} ${alias} WHERE ${whereOf(rest)} ORDER BY ${order} ${direction} ${limit}`;
    const last = await pace.slice(owner, async () => {
      const slice = `(${next("*", `LIMIT ${pace.rows}`)}) ${alias} ${joined}`;
      const sql = `SELECT ${columns} FROM ${slice} WHERE ${whereOf(fitting)} ORDER BY ${order} ${direction} LIMIT ?`;
      found.push(...(await session.all(numbered(sql), ...valuesOf(rest), ...valuesOf(fitting), page.limit + 1 - found.length)));
      if (found.length > page.limit) return undefined;
      return session.get(numbered(next(`${order} AS last`, `OFFSET ${pace.rows - 1} LIMIT 1`)), ...valuesOf(rest));
    });
    if (last === undefined) break;
    past = [[`${order} ${beyond} ?`, last.last as SqlValue]];
  }
  return pageOf(found, page, row);
}
