import type { Limits } from "../limits.ts";
import type { EndpointCheck, Settlement } from "../store/contract/delivery-store.ts";

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
