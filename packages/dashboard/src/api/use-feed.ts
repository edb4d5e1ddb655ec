import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Page } from "./answers.ts";
import { useClient } from "./client-context.ts";
import {
  appendPage,
  catchUp,
  EMPTY_FEED,
  type Entry,
  type Feed,
  fillPage,
  letGo,
  mergeHead,
  missingAt,
  type Slot,
  slotsOf,
} from "./feed.ts";
import type { Parameters } from "./form.ts";

/** Items of the newest page, which is read often. */
const HEAD_ITEMS = 50;
/** Items of an older page: as many as a call lists, at most. */
const PAGE_ITEMS = 100;

/** A list as a page shows it: what is loaded, and how to go on. */
export interface LoadedFeed<Row> {
  /** A place for each row as far down as the list was read. */
  slots: readonly Slot<Row>[];
  /** Whether the server has older ones. */
  hasMore: boolean;
  /** Rows of a newest page that does not meet what is known, at least; 0 when it does. */
  ahead: number;
  /** Nothing is known yet. */
  isPending: boolean;
  error: Error | null;
  isLoadingMore: boolean;
  loadMore(): void;
  /** Told which place is looked at: its row is loaded again, if it was let go. */
  lookAt(place: number): void;
  /** Begins the list with what is ahead. */
  catchUp(): void;
  retry(): void;
}

interface Asked<Item, Row> {
  path: string;
  parameters: Parameters;
  topic: string;
  /** What is shown of an item. */
  rowsOf(item: Item): readonly Row[];
  /** Names what else `rowsOf` depends on. */
  shown?: string | undefined;
  /** Why the list cannot be asked for; null when it can. */
  wrong?: Error | null;
}

/** What is shown of an item that is a row itself. */
export const one = <Item>(item: Item): readonly Item[] => [item];

/**
 * A list of the server's, newest first, whose newest page is read anew whenever something happened. Older pages are
 * loaded as somebody scrolls, and let go when they are far away.
 */
export function useFeed<Item extends { id: string }, Row extends { id: string }>(asked: Asked<Item, Row>): LoadedFeed<Row> {
  const { path, parameters, topic, wrong = null } = asked;
  const client = useClient();
  const cache = useQueryClient();
  const name = JSON.stringify([client.mode, path, parameters, asked.shown]);
  const rowsOf = useRef(asked.rowsOf);
  rowsOf.current = asked.rowsOf;
  const head = useQuery({
    queryKey: [client.mode, topic, "feed", path, parameters],
    enabled: wrong === null,
    queryFn: ({ signal }) => client.get<Page<Item>>(path, { ...parameters, limit: HEAD_ITEMS }, { signal }),
  });
  const [state, setState] = useState<{ name: string; feed: Feed<Row> | null; moreError: Error | null }>({
    name,
    feed: null,
    moreError: null,
  });
  /** The place that was looked at last. */
  const seen = useRef(0);
  /** Pages that are on their way, by the item that they follow. */
  const loading = useRef(new Set<string>());
  const [isLoadingMore, setLoadingMore] = useState(false);

  useEffect(() => {
    const page = head.data;
    if (page === undefined) return;
    setState((before) => {
      const known = before.name === name && before.feed !== null ? before.feed : EMPTY_FEED;
      return { name, feed: letGo(mergeHead(known, entriesOf(page.data, rowsOf.current), page.has_more), seen.current), moreError: null };
    });
  }, [head.data, name]);

  const feed = state.name === name && wrong === null ? state.feed : null;
  const slots = useMemo(() => (feed === null ? [] : slotsOf(feed)), [feed]);

  /** Loads items after one, and changes the feed with them. */
  const load = useCallback(
    async (after: string, items: number, change: (feed: Feed<Row>, entries: readonly Entry<Row>[], hasMore: boolean) => Feed<Row>) => {
      const key = `${name} ${after}`;
      if (loading.current.has(key)) return;
      loading.current.add(key);
      try {
        const page = await client.get<Page<Item>>(path, { ...parameters, limit: Math.min(items, PAGE_ITEMS), starting_after: after });
        setState((before) =>
          before.name === name && before.feed !== null
            ? { ...before, feed: change(before.feed, entriesOf(page.data, rowsOf.current), page.has_more), moreError: null }
            : before,
        );
      } catch (error) {
        setState((before) => (before.name === name ? { ...before, moreError: error as Error } : before));
      } finally {
        loading.current.delete(key);
      }
    },
    [client, name, parameters, path],
  );

  const loadMore = useCallback(() => {
    const last = feed?.pages.at(-1)?.entries.at(-1);
    if (last === undefined || !feed?.hasMore) return;
    setLoadingMore(true);
    void load(last.id, PAGE_ITEMS, (known, entries, hasMore) => letGo(appendPage(known, entries, hasMore), seen.current)).finally(() =>
      setLoadingMore(false),
    );
  }, [feed, load]);

  const lookAt = useCallback(
    (place: number) => {
      seen.current = place;
      const missing = feed === null ? null : missingAt(feed, place);
      if (missing === null) return;
      void load(missing.after, missing.items, (known, entries) => {
        // Pages may have come on top meanwhile.
        const index = known.pages.findIndex((page, at) => !page.isLoaded && known.pages[at - 1]?.entries.at(-1)?.id === missing.after);
        return index === -1 ? known : letGo(fillPage(known, index, entries), place);
      });
    },
    [feed, load],
  );

  return {
    slots,
    hasMore: feed?.hasMore ?? false,
    ahead: feed?.ahead?.entries.reduce((sum, entry) => sum + entry.slots.length, 0) ?? 0,
    isPending: feed === null && head.error === null && wrong === null,
    error: wrong ?? (feed === null ? head.error : state.moreError),
    isLoadingMore,
    loadMore,
    lookAt,
    catchUp: useCallback(
      () => setState((before) => (before.feed === null ? before : { ...before, feed: catchUp(before.feed), moreError: null })),
      [],
    ),
    retry: useCallback(() => {
      void cache.invalidateQueries({ queryKey: [client.mode, topic, "feed", path] });
    }, [cache, client.mode, path, topic]),
  };
}

function entriesOf<Item extends { id: string }, Row extends { id: string }>(
  items: readonly Item[],
  rowsOf: (item: Item) => readonly Row[],
): Entry<Row>[] {
  return items.map((item) => ({ id: item.id, slots: rowsOf(item).map((row) => ({ id: row.id, row })) }));
}
