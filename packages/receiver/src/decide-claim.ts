import { connectionAfter } from "./connection-events.ts";
import type { Claim, Mark } from "./inbox/inbox.ts";
import type { Registration } from "./registration.ts";

/** What to do with claimed work: run it, or end it in one of these states. */
export type ClaimDecision =
  | { run: true; tied: boolean }
  | { run: false; state: "stale" | "cancelled" | "quarantined" | "dead"; says?: string };

/** Decides whether to run a claim, from what the inbox knows of its object and its account. */
export function decideClaim(claim: Claim, { kind, attempts }: Pick<Registration<unknown>, "kind" | "attempts">): ClaimDecision {
  const { event, mark, accountLeftAt } = claim;
  if (claim.attempt > attempts) {
    // It was claimed and never settled: the process ended each time.
    return { run: false, state: "dead", says: `given up: none of ${attempts} tries came to an end. Does it end the process?` };
  }
  if (kind === "deauthorized") {
    // The account left, and has come back since.
    const gone = accountLeftAt !== null && accountLeftAt <= event.created;
    return gone || claim.forced ? { run: true, tied: false } : { run: false, state: "stale" };
  }
  if (claim.forced) return { run: true, tied: false };
  if (accountLeftAt !== null && connectionAfter(event.type) === null) {
    return { run: false, state: event.created <= accountLeftAt ? "cancelled" : "quarantined" };
  }
  if (claim.order !== "latest" || mark === null) return claim.order === "latest" && claim.newerWaits ? STALE : { run: true, tied: false };
  if (event.created < mark.created || claim.newerWaits || (mark.ended && !beginsLife(event, mark))) return STALE;
  // Two events of the same second have no known order: neither is dropped.
  return { run: true, tied: event.created === mark.created };
}

const STALE: ClaimDecision = { run: false, state: "stale" };

/**
 * Whether an event is about an object created after the known end of its id: coupons and plans can be created again.
 */
function beginsLife(event: Claim["event"], mark: Mark): boolean {
  if (event.created <= mark.created) return false;
  if (event.type.endsWith(".created")) return true;
  const { data } = JSON.parse(new TextDecoder().decode(event.body)) as { data?: { object?: { created?: unknown } } };
  const made = data?.object?.created;
  return typeof made === "number" && made * 1_000 > mark.created;
}
