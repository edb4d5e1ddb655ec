import { ENDPOINT_EVENT_TYPES, EVENT_TYPES } from "@carabiner/protocol";
import { CommandFailure } from "./command-failure.ts";
import { suggestion } from "./did-you-mean.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { printable } from "./printable.ts";

/** What a person reads who typed an event type that there is not: those that may be meant, instead of all. */
export function unknownType(type: string, cause?: unknown): CommandFailure {
  return new CommandFailure(`There is no event type "${printable(type)}".`, {
    advice: suggestion(type, [...EVENT_TYPES, ...ENDPOINT_EVENT_TYPES], "List every type with `carabiner trigger --list`."),
    exitCode: EXIT_CODES.usage,
    cause,
  });
}
