import { type Query, type QueryKey, useQueryClient } from "@tanstack/react-query";

/** The last failure of each query that has never had an answer. */
const last = new WeakMap<Query, Error>();

/** How a query stands: its answer, why it has none, and why it is asked once more. */
interface Standing {
  data: unknown;
  error: Error | null;
  failureReason: Error | null;
}

/**
 * Why a query could not be read, the last time. Of one that was never answered also while it is asked again: what is
 * shown of it would come and go with each try.
 */
export function failureOf(query: Query, { data, error, failureReason }: Standing): Error | null {
  if (data !== undefined) return error;
  const failure = error ?? failureReason ?? last.get(query) ?? null;
  if (failure !== null) last.set(query, failure);
  return failure;
}

/** Why what a component reads could not be read; as `failureOf` says. */
export function useFailure(queryKey: QueryKey, standing: Standing): Error | null {
  const query = useQueryClient().getQueryCache().find({ queryKey, exact: true });
  return query === undefined ? null : failureOf(query, standing);
}
