import { type Command, InvalidArgumentError, Option } from "commander";
import { printAnswer, type ServerOptions, withServerOptions } from "../options/server-options.ts";
import { type TableOptions, tableText, withTableOptions } from "../options/table-options.ts";
import type { Column } from "../output/table.ts";
import type { Terminal } from "../output/terminal.ts";
import type { List } from "./api-client.ts";

/** The options of every command that lists. */
export interface ListOptions extends ServerOptions, TableOptions {
  limit: number;
  startingAfter?: string;
}

/** How `--account` works on a list: the call acts for the account, or the list shows only what happened on it. */
const NARROWS = "only what happened on this account, instead of on all that are connected";

/** Adds to a command the options of a list. */
export function withListOptions(command: Command, { account }: { account?: "acts" | "narrows" } = {}): Command {
  return withServerOptions(
    withTableOptions(
      command
        .addOption(new Option("--limit <count>", "how many at most, 1 to 100").default(20).argParser(parseLimit))
        .option("--starting-after <id>", "the page after this one"),
    ),
    account === "narrows" ? { account: NARROWS } : {},
  );
}

/** The parameters of a list call for these options. */
export function pageOf({ limit, startingAfter }: ListOptions): { limit: number; starting_after: string | undefined } {
  return { limit, starting_after: startingAfter };
}

/** Prints a page as a table of the columns that the options choose. */
export function printList<Item extends { id: string }>(
  terminal: Terminal,
  options: ListOptions,
  answer: List<Item>,
  columns: readonly Column<Item>[],
  nothing: string,
): void {
  printPage(terminal, options, answer, (items) => tableText(terminal, options, columns, items), nothing);
}

/** Prints a page as `tableOf` draws it. Says `nothing` when it is empty, and how to continue when there is more. */
export function printPage<Item extends { id: string }>(
  terminal: Terminal,
  options: { json?: true },
  answer: List<Item>,
  tableOf: (items: readonly Item[]) => string,
  nothing: string,
): void {
  if (options.json !== true && answer.data.length === 0) {
    // Rejects an unknown column even if the list is empty.
    tableOf([]);
    terminal.tell(nothing);
    return;
  }
  printAnswer(terminal, options, answer, () => tableOf(answer.data));
  const last = answer.data.at(-1);
  if (options.json !== true && answer.has_more && last !== undefined)
    terminal.tell(terminal.colours.err.dim(`There is more: --starting-after ${last.id}`));
}

/** The options that narrow a list, as typed, for the message about an empty list. */
export function filterWords(filters: Readonly<Record<string, string | true | undefined>>): string {
  return Object.entries(filters)
    .flatMap(([flag, value]) => (value === undefined ? [] : [value === true ? flag : `${flag} ${value}`]))
    .join(" ");
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) throw new InvalidArgumentError("It must be a whole number from 1 to 100.");
  return limit;
}
