import type { SqlValue } from "./connection.ts";
import type { WorkScope } from "./scope.ts";

/** The most rows that one statement writes: 16 at once cost a third less than one by one; more gain nothing. */
const AT_ONCE = 16;

/** An insertion into one table, as prepared statements for one row and for many. */
export interface Insertion {
  one: string;
  many: string;
  /** How many values a row has. */
  width: number;
}

/**
 * `into` names the table and the columns; `row` is the list of a row's values, `(?, 0, …)`; `conflict` is the clause
 * for a row that already exists.
 */
export function insertion(into: string, row: string, conflict: "" | "OR IGNORE" = ""): Insertion {
  // A failed insertion fails its work, whose changes are all undone. The default, which undoes the rows of the
  // statement alone, copies every page before it changes.
  const insert = `INSERT ${conflict === "" ? "OR FAIL" : conflict}`;
  return {
    one: `${insert} INTO ${into} VALUES ${row}`,
    many: `${insert} INTO ${into} VALUES ${Array.from({ length: AT_ONCE }, () => row).join(", ")}`,
    width: row.split("?").length - 1,
  };
}

/** Writes rows, in order. `values` are those of all rows, one row after another. */
export function insertRows(scope: Pick<WorkScope, "run">, { one, many, width }: Insertion, values: readonly SqlValue[]): void {
  if (values.length === width) {
    scope.run(one, ...values);
    return;
  }
  let at = 0;
  for (const step = AT_ONCE * width; at + step <= values.length; at += step) scope.run(many, ...values.slice(at, at + step));
  for (; at < values.length; at += width) scope.run(one, ...values.slice(at, at + width));
}
