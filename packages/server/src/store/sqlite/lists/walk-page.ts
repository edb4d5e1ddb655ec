import type { Page, PageOf } from "../../contract/transaction.ts";
import type { Pace } from "../../pace.ts";
import { boundsOf, directionOf, pageOf, valuesOf, whereOf } from "../../page-of.ts";
import { BOUND_LIMIT } from "../database/bound-limit.ts";
import type { SqlRow, SqlValue } from "../database/connection.ts";
import type { WorkScope } from "../database/scope.ts";
import { type Condition, readPage } from "./read-page.ts";

/** A list whose rows are examined one after another, in its order, until a page of them fits. */
export interface IndexWalk<Row> {
  /** The account that it is for. */
  owner: string;
  /** The table that is walked, with an index in the list's order: `objects INDEXED BY objects_listed`. */
  walked: string;
  /** What rows are read from, if that is more: a join that is driven by the walk. */
  from?: string;
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
  scope: Pick<WorkScope, "get" | "all">,
  pace: Pace | null,
  { owner, walked, from = walked, columns = "*", order, cursor = "?", searched, fitting, row }: IndexWalk<Row>,
  page: Page,
): Promise<PageOf<Row>> {
  if (fitting.length === 0 || pace === null) {
    const select = `SELECT ${columns} FROM ${from}`;
    return readPage(scope, { select, order, cursor, conditions: [...searched, ...fitting], row }, page);
  }
  const direction = directionOf(page);
  const [beyond, upTo] = direction === "ASC" ? [">", "<="] : ["<", ">="];
  const bounds = boundsOf(page, order, cursor);
  const found: SqlRow[] = [];
  let past: readonly Condition[] = [];
  for (;;) {
    const rest = [...searched, ...bounds, ...past];
    const last = await pace.slice(owner, () => {
      const end = endOf(
        scope.get(
          `SELECT ${order} AS end FROM ${walked} WHERE ${whereOf(rest)} ORDER BY ${order} ${direction} LIMIT 1 OFFSET ${pace.rows - 1}`,
          ...valuesOf(rest),
        ),
      );
      const slice = end === null ? rest : [...rest, [`${order} ${upTo} ?`, end] satisfies Condition];
      const all = [...slice, ...fitting];
      found.push(
        ...scope.all(
          `SELECT ${columns} FROM ${from} WHERE ${whereOf(all)} ORDER BY ${order} ${direction} ${BOUND_LIMIT}`,
          ...valuesOf(all),
          page.limit + 1 - found.length,
        ),
      );
      return end;
    });
    if (last === null || found.length > page.limit) break;
    past = [[`${order} ${beyond} ?`, last]];
  }
  return pageOf(found, page, row);
}

const endOf = (row: SqlRow | undefined): SqlValue => (row?.end ?? null) as SqlValue;
