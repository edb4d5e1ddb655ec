import { type Command, InvalidArgumentError, Option } from "commander";
import type { List } from "./api-client.ts";
import { printAnswer, type ServerOptions, withServerOptions } from "./server-options.ts";
import { type Column, formatTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

/** The options of every command that lists. */
export interface ListOptions extends ServerOptions {
  limit: number;
  startingAfter?: string;
}

/** Adds to a command the options of a list. */
export function withListOptions(command: Command): Command {
  return withServerOptions(
    command
      .addOption(new Option("--limit <count>", "how many at most, 1 to 100").default(20).argParser(parseLimit))
      .option("--starting-after <id>", "the page after this one"),
  );
}

/** The parameters a list call takes for these options. */
export function pageOf({ limit, startingAfter }: ListOptions): { limit: number; starting_after: string | undefined } {
  return { limit, starting_after: startingAfter };
}

/** Prints a page as a table; says so when it is empty and how to go on when there is more. */
export function printList<Item extends { id: string }>(
  terminal: Terminal,
  options: ListOptions,
  answer: List<Item>,
  columns: readonly Column<Item>[],
  nothing: string,
): void {
  if (options.json !== true && answer.data.length === 0) {
    terminal.tell(nothing);
    return;
  }
  printAnswer(terminal, options, answer, () => formatTable(columns, answer.data, terminal.colours.out.dim));
  const last = answer.data.at(-1);
  if (options.json !== true && answer.has_more && last !== undefined)
    terminal.tell(terminal.colours.err.dim(`There is more: --starting-after ${last.id}`));
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) throw new InvalidArgumentError("It must be a whole number from 1 to 100.");
  return limit;
}
