import type { Endpoint, EndpointFigures } from "../api/answers.ts";

/** How long deliveries may be due before the page says that they wait, in seconds. */
const BEHIND_FROM_S = 15;

/** Until when an endpoint is held back; null when it is not. Unix seconds. */
export function heldNow({ status, paused_at: pausedAt, health }: Endpoint, now: number): number | null {
  if (status === "disabled" || pausedAt !== null || health.held_until === null) return null;
  return health.held_until > now ? health.held_until : null;
}

/** Why an endpoint is held back, as a sentence. */
export function heldWhy(by: Endpoint["health"]["held_by"]): string {
  return by === "retry_after" ? "it asked for that with Retry-After." : "it failed too often in a row.";
}

/** How many deliveries wait, in words. */
export function waitingWords(
  { pending, pending_complete: complete }: Pick<EndpointFigures, "pending" | "pending_complete">,
  count = pending,
): string {
  const more = complete || count < pending ? "" : "+";
  return `${count.toLocaleString("en")}${more} ${count === 1 && more === "" ? "delivery waits" : "deliveries wait"}`;
}

/**
 * Why deliveries wait for an endpoint although they are due and it is not held back; null when no delivery has waited
 * for long.
 */
export function backlogOf(
  { rate_limit: rate, status, paused_at: pausedAt, health }: Endpoint,
  { oldest_due_at: since, p50_ms: p50Ms }: Pick<EndpointFigures, "oldest_due_at" | "p50_ms">,
  now: number,
): string | null {
  if (since === null || now - since < BEHIND_FROM_S || status === "disabled" || pausedAt !== null) return null;
  if (health.status === "failing") return "While it fails, it gets few at once. They follow once it answers.";
  if (rate !== null) return `It gets ${rate} a second at most. Raise its rate limit if the receiver can take more.`;
  if (p50Ms !== null && p50Ms > 1_000)
    return "It answers slowly, and slow endpoints get few at once. Answer first, and do the work afterwards.";
  return "The server sends less than it should: see System, or ask its operator.";
}
