import type { Limits } from "../limits.ts";
import type { Claim, EndpointCheck, Settlement } from "../store/contract/delivery-store.ts";

/**
 * The endpoints whose health a batch of settlements may change: those with an attempt that failed, and those with any
 * attempt among the `troubled`, for whom a success changes something. The others cost the store nothing.
 */
export function endpointChecks(
  settlements: readonly Settlement[],
  troubled: ReadonlySet<string>,
  { endpointWarningMs: warningMs, endpointFailingMs: failingMs }: Pick<Limits, "endpointWarningMs" | "endpointFailingMs">,
): EndpointCheck[] {
  const checked = new Set<string>();
  for (const { endpointId, attempt } of settlements)
    if (attempt !== null && (attempt.outcome !== "succeeded" || troubled.has(endpointId))) checked.add(endpointId);
  return [...checked].map((endpointId) => ({ endpointId, warningMs, failingMs }));
}

/** Whether the owner of an endpoint is told of this attempt: it has failed for long, or answers again after that. */
export function tellsOwner(
  { endpoint: { firstFailureAt, toldOf } }: Claim,
  { attempt }: Settlement,
  { endpointWarningMs, endpointFailingMs }: Pick<Limits, "endpointWarningMs" | "endpointFailingMs">,
): boolean {
  if (attempt === null) return false;
  if (attempt.outcome === "succeeded") return toldOf !== null;
  const failedMs = firstFailureAt === null ? 0 : attempt.at - firstFailureAt;
  return failedMs >= endpointFailingMs || (failedMs >= endpointWarningMs && toldOf !== "failing");
}
