import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import type { Page } from "./answers.ts";
import { useClient } from "./client-context.ts";
import type { Parameters } from "./form.ts";
import { appendPage, type Feed, mergeHead } from "./merge-feed.ts";

/** Rows of one call. */
const PAGE_ROWS = 50;

/** A list as a page shows it: what is loaded, and how to go on. */
export interface LoadedFeed<Row> extends Feed<Row> {
  /** Nothing is known yet. */
  isPending: boolean;
  error: Error | null;
  isLoadingMore: boolean;
  loadMore(): void;
  retry(): void;
}

/**
 * A list of the server's, newest first, whose newest page is read anew whenever `live` says that something happened.
 * Older pages are loaded as somebody scrolls.
 */
export function useFeed<Row extends { id: string }>(path: string, parameters: Parameters, topic: string): LoadedFeed<Row> {
  const client = useClient();
  const cache = useQueryClient();
  const name = JSON.stringify([client.mode, path, parameters]);
  const head = useQuery({
    queryKey: [client.mode, topic, "feed", path, parameters],
    queryFn: ({ signal }) => client.get<Page<Row>>(path, { ...parameters, limit: PAGE_ROWS }, { signal }),
  });
  const [state, setState] = useState<{ name: string; feed: Feed<Row> | null; moreError: Error | null }>({
    name,
    feed: null,
    moreError: null,
  });
  const [isLoadingMore, setLoadingMore] = useState(false);

  useEffect(() => {
    const page = head.data;
    if (page === undefined) return;
    setState((before) => {
      const known = before.name === name && before.feed !== null ? before.feed : { rows: [], hasMore: false, broken: false };
      return { name, feed: mergeHead(known, page.data, page.has_more), moreError: null };
    });
  }, [head.data, name]);

  const feed = state.name === name ? state.feed : null;
  const loadMore = useCallback(() => {
    const last = feed?.rows.at(-1);
    if (last === undefined || !feed?.hasMore || isLoadingMore) return;
    setLoadingMore(true);
    client
      .get<Page<Row>>(path, { ...parameters, limit: PAGE_ROWS, starting_after: last.id })
      .then(
        (page) =>
          setState((before) =>
            before.name === name && before.feed !== null
              ? { ...before, feed: appendPage(before.feed, page.data, page.has_more), moreError: null }
              : before,
          ),
        (error: Error) => setState((before) => (before.name === name ? { ...before, moreError: error } : before)),
      )
      .finally(() => setLoadingMore(false));
  }, [client, feed, isLoadingMore, name, parameters, path]);

  const retry = useCallback(() => {
    void cache.invalidateQueries({ queryKey: [client.mode, topic, "feed", path] });
  }, [cache, client.mode, path, topic]);

  return {
    rows: feed?.rows ?? [],
    hasMore: feed?.hasMore ?? false,
    broken: feed?.broken ?? false,
    isPending: feed === null && head.error === null,
    error: feed === null ? head.error : state.moreError,
    isLoadingMore,
    loadMore,
    retry,
  };
}
