import { type Query, type QueryKey, useQueryClient } from "@tanstack/react-query";

/** The last failure of each query that has never had an answer. */
const last = new WeakMap<Query, Error>();

/** The state of a query: its answer, why it has no answer, and why it is being repeated. */
interface Standing {
  data: unknown;
  error: Error | null;
  failureReason: Error | null;
}

/**
 * Why the last read of a query failed. For a query that was never answered, this includes the time while it is
 * repeated, because otherwise its message would come and go with each try.
 */
export function failureOf(query: Query, { data, error, failureReason }: Standing): Error | null {
  if (data !== undefined) return error;
  const failure = error ?? failureReason ?? last.get(query) ?? null;
  if (failure !== null) last.set(query, failure);
  return failure;
}

/** Why the data of a component could not be read: see `failureOf`. */
export function useFailure(queryKey: QueryKey, standing: Standing): Error | null {
  const query = useQueryClient().getQueryCache().find({ queryKey, exact: true });
  return query === undefined ? null : failureOf(query, standing);
}
