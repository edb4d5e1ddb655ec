import type { Page, PageOf } from "../store/contract/transaction.ts";

/**
 * A page of rows in memory, in the list's order. `idOf` returns the id that cursors use. The page after an unknown
 * cursor is empty.
 */
export function pageOf<Row>(rows: readonly Row[], idOf: (row: Row) => string, { limit, startingAfter, endingBefore }: Page): PageOf<Row> {
  const at = (id: string) => rows.findIndex((row) => idOf(row) === id);
  if (endingBefore !== undefined) {
    const before = rows.slice(0, Math.max(at(endingBefore), 0));
    return { rows: before.slice(-limit), hasMore: before.length > limit };
  }
  const after = startingAfter === undefined ? rows : at(startingAfter) === -1 ? [] : rows.slice(at(startingAfter) + 1);
  return { rows: after.slice(0, limit), hasMore: after.length > limit };
}
