import type { Limits } from "../limits.ts";
import type { Claim, EndpointCheck, Settlement } from "../store/contract/delivery-store.ts";
import type { EndpointHold } from "../store/contract/rows.ts";

type NoticeLimits = Pick<Limits, "endpointWarningMs" | "endpointFailingMs">;

/**
 * The endpoints whose health a batch of settlements may change: those with an attempt that failed, and the `troubled`
 * ones with any attempt, because a success changes something for these. The others cost the store nothing. `holdOf`
 * says which of them receive nothing at present.
 */
export function endpointChecks(
  settlements: readonly Settlement[],
  troubled: ReadonlySet<string>,
  { endpointWarningMs: warningMs, endpointFailingMs: failingMs }: NoticeLimits,
  holdOf: (endpointId: string) => EndpointHold | null,
): EndpointCheck[] {
  const checked = new Set<string>();
  for (const { endpointId, attempt } of settlements)
    if (attempt !== null && (attempt.outcome !== "succeeded" || troubled.has(endpointId))) checked.add(endpointId);
  return [...checked].map((endpointId) => ({ endpointId, warningMs, failingMs, held: holdOf(endpointId) }));
}

/**
 * Whether the owner of an endpoint is notified because of this attempt: the endpoint has failed for long, or answers
 * again after that.
 */
export function tellsOwner(claim: Claim, { attempt }: Settlement, limits: NoticeLimits): boolean {
  if (attempt === null) return false;
  return attempt.outcome === "succeeded" ? claim.endpoint.toldOf !== null : failureTellsOwner(claim, attempt.at, limits);
}

/** Whether the owner may be notified of an attempt at this time, depending on its outcome. */
export function mayTellOwner(claim: Claim, at: number, limits: NoticeLimits): boolean {
  return claim.endpoint.toldOf !== null || failureTellsOwner(claim, at, limits);
}

function failureTellsOwner({ endpoint }: Claim, at: number, { endpointWarningMs, endpointFailingMs }: NoticeLimits): boolean {
  const { firstFailureAt, toldOf } = endpoint;
  const failedMs = firstFailureAt === null ? 0 : at - firstFailureAt;
  return failedMs >= endpointFailingMs || (failedMs >= endpointWarningMs && toldOf !== "failing");
}
