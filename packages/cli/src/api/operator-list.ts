import { type Column, formatTable } from "../output/table.ts";
import type { Terminal } from "../output/terminal.ts";
import type { List } from "./api-client.ts";
import { printPage } from "./list-answer.ts";

/** Prints a page of an operator's list as a table, as wide as necessary. Prints `nothing` when it is empty. */
export function printOperatorList<Item extends { id: string }>(
  terminal: Terminal,
  options: { json?: true },
  answer: List<Item>,
  columns: readonly Column<Item>[],
  nothing: string,
): void {
  const head = terminal.colours.out.dim;
  printPage(terminal, options, answer, (items) => formatTable(columns, items, { width: null, head }), nothing);
}
