import type { List } from "./api-client.ts";
import { printAnswer } from "./server-options.ts";
import { type Column, formatTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

/** Prints a page of an operator's list as a table. Says `nothing` when it is empty, and how to continue when there is more. */
export function printOperatorList<Item extends { id: string }>(
  terminal: Terminal,
  options: { json?: true },
  answer: List<Item>,
  columns: readonly Column<Item>[],
  nothing: string,
): void {
  if (options.json !== true && answer.data.length === 0) {
    terminal.tell(nothing);
    return;
  }
  printAnswer(terminal, options, answer, () => formatTable(columns, answer.data, { width: null, head: terminal.colours.out.dim }));
  const last = answer.data.at(-1);
  if (options.json !== true && answer.has_more && last !== undefined)
    terminal.tell(terminal.colours.err.dim(`There is more: --starting-after ${last.id}`));
}
