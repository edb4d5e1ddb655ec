import type { Delivery, Endpoint } from "../api/answers.ts";
import type { Tone } from "../design/state.tsx";
import { durationWords } from "../design/time-words.ts";

/** The name of a delivery's state, and how it is shown. */
export interface Standing {
  tone: Tone;
  word: string;
}

/**
 * The displayed state of a delivery. One that failed and will be tried again counts as failing, whatever its stored
 * state.
 */
export function standingOf({ state, last_attempt: last, attempt_count: attempts }: Delivery): Standing {
  switch (state) {
    case "succeeded":
      return { tone: "good", word: "Delivered" };
    case "exhausted":
      return { tone: "bad", word: "Given up" };
    case "cancelled":
      return { tone: "quiet", word: "Cancelled" };
    case "quarantined":
      return { tone: "bad", word: "Quarantined" };
    case "pending":
      return last !== null && attempts > 0 ? { tone: "bad", word: "Failing" } : { tone: "waiting", word: "Pending" };
  }
}

/** The result of an attempt in a word or a number: its status or its outcome, such as `500` or `timeout`. */
export function resultOf({ outcome, status }: { outcome: string; status: number | null }): string {
  return status === null ? outcome.replaceAll("_", " ") : String(status);
}

/** `1st`, `2nd`, `3rd`, `11th`. */
export function ordinal(number: number): string {
  const ten = number % 100;
  const ending = ten >= 11 && ten <= 13 ? "th" : (["th", "st", "nd", "rd"][number % 10] ?? "th");
  return `${number}${ending}`;
}

/** The sentence of a row about why a delivery has not arrived; null when it has, or when nothing has gone wrong yet. */
export function whyNot({ state, reason, last_attempt: last }: Delivery): string | null {
  if (state === "succeeded") return null;
  return reason ?? last?.reason ?? null;
}

/** The fields of an endpoint that decide when its deliveries are tried. */
type TriedEndpoint = Pick<Endpoint, "paused_at" | "health"> | undefined;

/**
 * Why a pending delivery waits although it may be due, and until when: its endpoint is paused or held back. Unix
 * seconds.
 */
export function waitsFor({ state }: Pick<Delivery, "state">, endpoint: TriedEndpoint, now: number): string | null {
  if (state !== "pending" || endpoint === undefined) return null;
  if (endpoint.paused_at !== null) return "waits: the endpoint is paused";
  const until = endpoint.health.held_until ?? 0;
  return until > now ? `next try in ${durationWords(until - now)}: the endpoint is held back` : null;
}

/**
 * When the next attempt happens, in words; null when there is none. A paused endpoint gets no attempt, and an endpoint
 * that is held back gets it later. Unix seconds.
 */
export function nextTry(delivery: Delivery, endpoint: TriedEndpoint, now: number): string | null {
  const { state, next_attempt_at: at } = delivery;
  if (state !== "pending" || at === null) return null;
  const waits = waitsFor(delivery, endpoint, now);
  if (waits !== null && (endpoint?.paused_at != null || (endpoint?.health.held_until ?? 0) > at)) return waits;
  return at <= now ? "next try now" : `next try in ${durationWords(at - now)}`;
}
