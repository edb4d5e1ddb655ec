import type { AttemptRow, Claim, Settlement } from "../store/store.ts";
import type { Posted } from "../transport/transport.ts";
import { outcomeOf } from "./outcome.ts";
import type { Policy } from "./policy.ts";

/** An attempt that has ended. */
export interface EndedAttempt {
  claim: Claim;
  /** When it began. */
  at: number;
  requestHeaders: Record<string, string>;
  posted: Posted;
}

/** What an attempt changes: done, to be tried again at a time, or given up. Pure. */
export function decideSettlement({ claim, at, requestHeaders, posted }: EndedAttempt, policy: Policy, now: number): Settlement {
  const outcome = outcomeOf(posted);
  const attempt: AttemptRow = {
    deliveryId: claim.deliveryId,
    number: claim.attempt,
    at,
    durationMs: Math.round(posted.durationMs),
    outcome: outcome.code,
    status: outcome.status,
    reason: outcome.reason,
    requestHeaders,
    responseHeaders: posted.kind === "answer" ? { ...posted.headers } : {},
    responseBody: posted.kind === "answer" ? posted.body : "",
  };
  return {
    deliveryId: claim.deliveryId,
    endpointId: claim.endpoint.id,
    token: claim.token,
    attempt,
    next: next(claim, outcome.code, policy, now),
  };
}

function next(claim: Claim, outcome: string, policy: Policy, now: number): Settlement["next"] {
  if (outcome === "succeeded") return { state: "succeeded" };
  const dueAt = policy.nextAttemptAt(claim, now);
  return dueAt === null ? { state: "exhausted" } : { state: "pending", dueAt };
}

/**
 * What becomes of a claim that is not sent: cancelled when its endpoint is disabled or deleted at the moment it falls
 * due, otherwise null: send it. Source: https://docs.stripe.com/webhooks#disable-or-delete-an-endpoint
 */
export function cancellation(claim: Claim): Settlement | null {
  if (claim.endpoint.status === "enabled" && !claim.endpoint.deleted) return null;
  return { deliveryId: claim.deliveryId, endpointId: claim.endpoint.id, token: claim.token, attempt: null, next: { state: "cancelled" } };
}

/** Gives a claim back unsent: it is due again when it was due before. */
export function putOff(claim: Claim): Settlement {
  return {
    deliveryId: claim.deliveryId,
    endpointId: claim.endpoint.id,
    token: claim.token,
    attempt: null,
    next: { state: "pending", dueAt: claim.dueAt },
  };
}
