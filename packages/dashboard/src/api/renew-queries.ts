import type { QueryClient, QueryKey } from "@tanstack/react-query";

/**
 * Makes the data under a key stale, and reads the visible data again. Resolves when that is done.
 *
 * A running query may have been answered before the change, so it is read once more after its answer. It is not
 * restarted at once, as the library would do by default: if changes come faster than answers, none would ever be shown.
 * And if nothing is known yet, the library would leave the query alone and show its answer as the newest. A query that
 * failed and waits for its next try is restarted, because the server may just have come back.
 */
export async function renewQueries(cache: QueryClient, queryKey: QueryKey = []): Promise<void> {
  const renewed = cache
    .getQueryCache()
    .findAll({ queryKey })
    .map(async (query) => {
      if (query.state.fetchStatus !== "idle") {
        if (query.state.fetchFailureCount === 0) await query.fetch().catch(ignoreFailure);
        else void query.cancel({ silent: true, revert: true });
      }
      await cache.invalidateQueries({ queryKey: query.queryKey, exact: true }, { cancelRefetch: false });
    });
  await Promise.all(renewed);
}

/** The component that shows the query reports its failure. */
const ignoreFailure = (): void => undefined;
