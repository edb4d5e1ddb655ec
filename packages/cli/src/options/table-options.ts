import type { Command } from "commander";
import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { type Column, formatTable, UnknownColumn } from "../output/table.ts";
import type { Terminal } from "../output/terminal.ts";

/** The options of every command that prints a table. */
export interface TableOptions {
  columns?: string;
  wide?: true;
}

/** Adds `--columns` and `--wide`. */
export function withTableOptions(command: Command): Command {
  return command
    .option("--columns <names>", "show these columns alone, with commas between them, such as id,state")
    .option("--wide", "show all columns in full, however wide the terminal is");
}

/**
 * A table in the form that the options select, within the terminal's width. Throws a usage error for an unknown column.
 */
export function tableText<Row>(
  terminal: Pick<Terminal, "colours" | "width">,
  { columns, wide }: TableOptions,
  all: readonly Column<Row>[],
  rows: readonly Row[],
): string {
  try {
    return formatTable(all, rows, {
      width: wide === true ? null : terminal.width(),
      head: terminal.colours.out.dim,
      ...(columns === undefined ? {} : { columns: columns.split(",") }),
    });
  } catch (error) {
    if (!(error instanceof UnknownColumn)) throw error;
    throw new CommandFailure(`--columns: ${error.message}`, { exitCode: EXIT_CODES.usage, cause: error });
  }
}
