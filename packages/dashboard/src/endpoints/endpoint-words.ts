import type { Endpoint } from "../api/answers.ts";
import type { Tone } from "../design/state.tsx";

/** What an endpoint hears of. */
export const scopeOf = ({ application }: Endpoint): string => (application === null ? "Account" : "Connect");

/** Where an endpoint stands. */
export function endpointStanding({ status, paused_at: pausedAt, health }: Endpoint): { tone: Tone; word: string } {
  if (status === "disabled") return { tone: "quiet", word: "Disabled" };
  if (pausedAt !== null) return { tone: "waiting", word: "Paused" };
  return health.status === "failing" ? { tone: "bad", word: "Failing" } : { tone: "good", word: "Healthy" };
}

/** What a list of endpoints can be narrowed to, and what these are called. */
export const STANDINGS = [
  ["healthy", "Healthy"],
  ["failing", "Failing or held back"],
  ["paused", "Paused"],
  ["disabled", "Disabled"],
] as const;

/** Whether an endpoint stands so: one that is held back is failing, too. */
export const standsSo = (endpoint: Endpoint, standing: string | undefined): boolean =>
  standing === undefined || endpointStanding(endpoint).word.toLowerCase() === standing;

/** The types an endpoint selected, in a few words. */
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

/** The types a text names: one on each line, or separated by commas or spaces. */
export const typesIn = (text: string): string[] => text.split(/[\s,]+/).filter((type) => type !== "");
