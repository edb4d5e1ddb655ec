import { ENDPOINT_EVENT_TYPES, EVENT_TYPES } from "@carabiner/protocol";
import { CommandFailure } from "./command-failure.ts";
import { suggestion } from "./did-you-mean.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { printable } from "./printable.ts";

const ALL = "List every type with `carabiner trigger --list`. Types of your own need a server with --custom-events.";

/** Which types somebody may have meant who typed one that there is not. */
export function meantType(type: string): string {
  return suggestion(type, [...EVENT_TYPES, ...ENDPOINT_EVENT_TYPES], ALL);
}

/** What a person reads who typed an event type that there is not: those that may be meant, instead of all. */
export function unknownType(type: string, cause?: unknown): CommandFailure {
  return new CommandFailure(`There is no event type "${printable(type)}".`, {
    advice: meantType(type),
    exitCode: EXIT_CODES.usage,
    cause,
  });
}
