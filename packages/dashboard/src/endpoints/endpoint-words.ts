import type { Endpoint } from "../api/answers.ts";
import type { Tone } from "../design/state.tsx";

/** The events that an endpoint receives. */
export const scopeOf = ({ application }: Endpoint): string => (application === null ? "Account" : "Connect");

/** The state of an endpoint. */
export function endpointStanding({ status, paused_at: pausedAt, health }: Endpoint): { tone: Tone; word: string } {
  if (status === "disabled") return { tone: "quiet", word: "Disabled" };
  if (pausedAt !== null) return { tone: "waiting", word: "Paused" };
  return health.status === "failing" ? { tone: "bad", word: "Failing" } : { tone: "good", word: "Healthy" };
}

/** The states that a list of endpoints can be narrowed to, and their names. */
export const STANDINGS = [
  ["healthy", "Healthy"],
  ["failing", "Failing or held back"],
  ["paused", "Paused"],
  ["disabled", "Disabled"],
] as const;

/** Whether an endpoint is in this state: one that is held back also counts as failing. */
export const standsSo = (endpoint: Endpoint, standing: string | undefined): boolean =>
  standing === undefined || endpointStanding(endpoint).word.toLowerCase() === standing;

/** The types that an endpoint selects, in a few words. */
export function eventsInWords(types: readonly string[]): string {
  if (types.includes("*")) return "all events";
  return types.length === 1 ? (types[0] ?? "") : `${types.length} types`;
}

/** Why an endpoint is disabled. */
export function disabledInWords(reason: string | null): string {
  if (reason === "owner") return "You disabled it.";
  if (reason === null) return "It is disabled.";
  return reason === "operator" ? "The server's operator disabled it." : "The server disabled it: it had only failed for days.";
}

/** The types that a text names: one on each line, or separated by commas or spaces. */
export const typesIn = (text: string): string[] => text.split(/[\s,]+/).filter((type) => type !== "");
