import { ENDPOINT_EVENT_TYPES, EVENT_TYPES } from "@carabiner/protocol";
import { asRun } from "./as-run.ts";
import { CommandFailure } from "./command-failure.ts";
import { suggestion } from "./did-you-mean.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { printable } from "./output/printable.ts";
import type { Terminal } from "./output/terminal.ts";

const KNOWN: readonly string[] = [...EVENT_TYPES, ...ENDPOINT_EVENT_TYPES];

/** The failure for an unknown event type: suggests similar types instead of all. */
export function unknownType(type: string, cause?: unknown): CommandFailure {
  return new CommandFailure(`There is no event type "${printable(type)}".`, {
    advice: suggestion(
      type,
      KNOWN,
      "List every type with `carabiner trigger --list`. Types of your own need a server with --custom-events.",
    ),
    exitCode: EXIT_CODES.usage,
    cause,
  });
}

/**
 * Warns of types that the catalogue lacks, and suggests similar ones. They are still requested, because a server may
 * allow custom types. `*` matches anything, as in `payout.*`.
 */
export function warnOfUnknownTypes(types: readonly string[], terminal: Terminal): void {
  for (const type of types) {
    if (type.includes("*") || KNOWN.includes(type)) continue;
    const { advice } = unknownType(type);
    terminal.tell(
      `${terminal.colours.err.yellow("warning:")} The catalogue has no event type "${printable(type)}". ${asRun(advice ?? "", terminal.env)}`,
    );
  }
}
