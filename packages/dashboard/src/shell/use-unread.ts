import { notifyManager, useQueryClient } from "@tanstack/react-query";
import { useCallback, useSyncExternalStore } from "react";
import { isPassing } from "../api/failure.ts";
import { failureOf } from "../api/failure-of.ts";
import { isShownFailure, onShownFailures } from "../design/shown-failures.ts";

/**
 * Why something that the page shows could not be read, if nothing else on the page says so: a part is missing or
 * outdated. Empty if everything could be read. Data that the key may not see is left out of pages, and does not count
 * as a failure.
 */
export function useUnread(): string {
  const cache = useQueryClient().getQueryCache();
  const subscribe = useCallback(
    (listener: () => void) => {
      const stops = [cache.subscribe(notifyManager.batchCalls(listener)), onShownFailures(listener)];
      return () => {
        for (const stop of stops) stop();
      };
    },
    [cache],
  );
  return useSyncExternalStore(subscribe, () => {
    for (const query of cache.findAll({ type: "active" })) {
      const { data, error, errorUpdateCount, fetchFailureReason: failureReason } = query.state;
      // A single failed try does not count yet.
      const failure = errorUpdateCount === 0 ? null : failureOf(query, { data, error, failureReason });
      if (isPassing(failure) && !isShownFailure(failure)) return failure.message;
    }
    return "";
  });
}
