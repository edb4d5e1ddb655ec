import type { Claim, Settlement } from "../store/contract/delivery-store.ts";
import type { AttemptPhases, AttemptRow } from "../store/contract/rows.ts";
import type { Phases, Posted } from "../transport/transport.ts";
import { outcomeOf } from "./outcome.ts";
import type { Policy } from "./policy.ts";

/** An attempt that has ended. */
export interface EndedAttempt {
  claim: Claim;
  /** When it began. */
  at: number;
  requestHeaders: Record<string, string>;
  posted: Posted;
  /**
   * How long its answer asked to wait before the next attempt, within the limit; null when it did not ask.
   * Milliseconds.
   */
  waitMs: number | null;
}

/** One array for all attempts: shared values are written once when outcomes are passed between threads. */
const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});

/** What an attempt changes: the delivery is done, will be retried at a given time, or is given up. Pure. */
export function decideSettlement({ claim, at, requestHeaders, posted, waitMs }: EndedAttempt, policy: Policy, now: number): Settlement {
  const outcome = outcomeOf(posted);
  const attempt: AttemptRow = {
    deliveryId: claim.deliveryId,
    number: claim.attempt,
    at,
    durationMs: Math.round(posted.durationMs),
    outcome: outcome.code,
    status: outcome.status,
    reason: waitMs === null ? outcome.reason : `${outcome.reason} It asked not to be tried again for ${inWords(waitMs)}.`,
    retryAfterMs: waitMs,
    phases: posted.phases === undefined ? null : inTenths(posted.phases),
    requestHeaders,
    responseHeaders: posted.kind === "answer" ? posted.headers : NO_HEADERS,
    responseBody: posted.kind === "answer" ? posted.body : "",
  };
  return {
    deliveryId: claim.deliveryId,
    endpointId: claim.endpoint.id,
    token: claim.token,
    attempt,
    next: next(claim, outcome.code, policy, now, waitMs ?? 0),
    ...(claim.attempt === 1 ? { firstAttemptAfterMs: Math.max(0, at - claim.created) } : {}),
  };
}

/** Tenths of a millisecond are precise enough to store. */
function inTenths({ reused, dnsMs, connectMs, tlsMs, firstByteMs }: Phases): AttemptPhases {
  return { reused, dnsMs: tenths(dnsMs), connectMs: tenths(connectMs), tlsMs: tenths(tlsMs), firstByteMs: tenths(firstByteMs) };
}

function tenths(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 10) / 10;
}

/** In whole seconds if it is long. */
function inWords(ms: number): string {
  return ms >= 1_000 ? `${Math.ceil(ms / 1_000).toLocaleString("en-US")} s` : `${ms} ms`;
}

function next(claim: Claim, outcome: string, policy: Policy, now: number, waitMs: number): Settlement["next"] {
  if (outcome === "succeeded") return { state: "succeeded" };
  const dueAt = policy.nextAttemptAt(claim, now, waitMs);
  return dueAt === null ? { state: "exhausted" } : { state: "pending", dueAt };
}

/**
 * Cancels a claim whose endpoint is disabled or deleted at the moment it falls due. Null otherwise: the claim should be
 * sent. Source: https://docs.stripe.com/webhooks#disable-or-delete-an-endpoint
 */
export function cancellation(claim: Claim): Settlement | null {
  if (claim.endpoint.status === "enabled" && !claim.endpoint.deleted) return null;
  return { deliveryId: claim.deliveryId, endpointId: claim.endpoint.id, token: claim.token, attempt: null, next: { state: "cancelled" } };
}

/** Returns the claim unsent while its endpoint is paused; otherwise null. */
export function heldBack(claim: Claim): Settlement | null {
  return claim.endpoint.pausedAt === null ? null : putOff(claim);
}

/**
 * Gives up a claim that would be sent too late to an endpoint that is down. Such an endpoint receives few attempts, but
 * its waiting deliveries must still end in time.
 */
export function giveUp(claim: Claim): Settlement {
  return { deliveryId: claim.deliveryId, endpointId: claim.endpoint.id, token: claim.token, attempt: null, next: { state: "exhausted" } };
}

/** Returns a claim unsent: it is due at the same time as before. */
export function putOff(claim: Claim): Settlement {
  return {
    deliveryId: claim.deliveryId,
    endpointId: claim.endpoint.id,
    token: claim.token,
    attempt: null,
    next: { state: "pending", dueAt: claim.dueAt },
  };
}
