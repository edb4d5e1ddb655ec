import type { QueryClient, QueryKey } from "@tanstack/react-query";

/**
 * Makes stale what is known below a key, and reads anew what is shown. Returns when that is read.
 *
 * A query on its way may have been answered before the change, so it is read once more when it has its answer. It is
 * not begun anew at once, as the library does by itself: changes that come faster than answers would never show one.
 * And where nothing is known yet, the library would leave the query as it is, and show its answer as the newest. A
 * query that failed and waits for its next try is begun anew: the server may just be back.
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

/** What is shown of the query tells of its failure. */
const ignoreFailure = (): void => undefined;
