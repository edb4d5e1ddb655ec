import { type FetchQueryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Page } from "./answers.ts";
import type { Client } from "./client.ts";
import { useClient } from "./client-context.ts";
import { isPassing } from "./failure.ts";
import { useFailure } from "./failure-of.ts";
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
  type PageAsked,
  pagesBetween,
  type Slot,
  slotsOf,
} from "./feed.ts";
import type { Parameters } from "./form.ts";
import { renewQueries } from "./renew-queries.ts";

/** How many items the newest page has, which is read often. */
const HEAD_ITEMS = 50;
/** How many items an older page has: the most that one call lists. */
const PAGE_ITEMS = 100;

/** A list as a page shows it: what is loaded, and how to load more. */
export interface LoadedFeed<Row> {
  /** A place for each row as far down as the list was read. */
  slots: readonly Slot<Row>[];
  /** Whether the server has older items. */
  hasMore: boolean;
  /** The least number of rows on a newest page that does not connect to the known items; 0 when it connects. */
  ahead: number;
  /** Nothing is known yet. */
  isPending: boolean;
  error: Error | null;
  isLoadingMore: boolean;
  loadMore(): void;
  /** Called with the visible places: released rows there are loaded again, and all of them are kept up to date. */
  lookAt(first: number, last: number): void;
  /** Starts the list with the page that is ahead. */
  catchUp(): void;
  retry(): void;
}

interface Asked<Item, Row> {
  path: string;
  parameters: Parameters;
  topic: string;
  /** The rows of an item. */
  rowsOf(item: Item): readonly Row[];
  /** Identifies what else `rowsOf` depends on. */
  shown?: string | undefined;
  /** Why the list cannot be requested; null when it can. */
  wrong?: Error | null;
}

/** The query for the newest page of a list. */
export function headQuery<Item>(
  client: Client,
  { path, parameters, topic }: { path: string; parameters: Parameters; topic: string },
): FetchQueryOptions<Page<Item>, Error> & { queryKey: readonly unknown[] } {
  return {
    queryKey: [client.mode, topic, "feed", path, parameters],
    queryFn: ({ signal }) => client.get<Page<Item>>(path, { ...parameters, limit: HEAD_ITEMS }, { signal }),
  };
}

/** The rows of an item that is itself a row. */
export const one = <Item>(item: Item): readonly Item[] => [item];

/**
 * A server's list, newest first. Its newest page and the visible rows are read again whenever something has happened.
 * Older pages are loaded as the user scrolls, and released when they are far away.
 */
export function useFeed<Item extends { id: string }, Row extends { id: string }>(asked: Asked<Item, Row>): LoadedFeed<Row> {
  const { path, parameters, topic, wrong = null } = asked;
  const client = useClient();
  const cache = useQueryClient();
  const name = JSON.stringify([client.mode, path, parameters, asked.shown]);
  const rowsOf = useRef(asked.rowsOf);
  rowsOf.current = asked.rowsOf;
  const head = useQuery({ ...headQuery<Item>(client, asked), enabled: wrong === null });
  const headError = useFailure(headQuery<Item>(client, asked).queryKey, head);
  const [state, setState] = useState<{ name: string; feed: Feed<Row> | null; moreError: Error | null }>({
    name,
    feed: null,
    moreError: null,
  });
  /** The visible places. */
  const seen = useRef({ first: 0, last: 0 });
  /**
   * Pages that are being loaded, by the item that they follow; true for pages that are requested again when they have
   * arrived.
   */
  const loading = useRef(new Map<string, boolean>());
  /** The list whose older items are being loaded. */
  const [loadingMore, setLoadingMore] = useState<string | null>(null);

  useEffect(() => {
    const page = head.data;
    if (page === undefined) return;
    setState((before) => {
      const known = before.name === name && before.feed !== null ? before.feed : EMPTY_FEED;
      return {
        name,
        feed: letGo(mergeHead(known, entriesOf(page.data, rowsOf.current), page.has_more), seen.current.first),
        moreError: null,
      };
    });
  }, [head.data, name]);

  // If the server now refuses to show the list, the page does not show the earlier one either.
  const isRefused = headError !== null && !isPassing(headError);
  const feed = state.name === name && wrong === null && !isRefused ? state.feed : null;
  const slots = useMemo(() => (feed === null ? [] : slotsOf(feed)), [feed]);

  /**
   * Loads the items after one, unless they are already being loaded, and updates the feed. `failed` receives the reason
   * if that fails. If something happens meanwhile, the answer may be outdated: then the items are updated once more.
   */
  const load = useCallback(
    async (
      asked: PageAsked,
      change: (feed: Feed<Row>, entries: readonly Entry<Row>[], hasMore: boolean) => Feed<Row>,
      failed: (error: Error) => void,
    ): Promise<void> => {
      const cursor = "after" in asked ? { starting_after: asked.after } : { ending_before: asked.before };
      const key = `${name} ${JSON.stringify(cursor)}`;
      if (loading.current.has(key)) return;
      loading.current.set(key, false);
      let got = asked;
      try {
        const page = await client.get<Page<Item>>(path, { ...parameters, limit: Math.min(asked.items, PAGE_ITEMS), ...cursor });
        got = { ...asked, items: page.data.length };
        setState((before) => {
          if (before.name !== name || before.feed === null) return before;
          const changed = change(before.feed, entriesOf(page.data, rowsOf.current), page.has_more);
          return changed === before.feed && before.moreError === null ? before : { ...before, feed: changed, moreError: null };
        });
      } catch (error) {
        failed(error as Error);
      } finally {
        const again = loading.current.get(key);
        loading.current.delete(key);
        if (again) void load(got, (known, entries) => fillPage(known, got, entries), ignoreFailure);
      }
    },
    [client, name, parameters, path],
  );

  const tellFailure = useCallback(
    (error: Error) => setState((before) => (before.name === name ? { ...before, moreError: error } : before)),
    [name],
  );

  const loadMore = useCallback(() => {
    const last = feed?.pages.at(-1)?.entries.at(-1);
    if (last === undefined || !feed?.hasMore) return;
    setLoadingMore(name);
    const append = (known: Feed<Row>, entries: readonly Entry<Row>[], hasMore: boolean): Feed<Row> =>
      letGo(appendPage(known, entries, hasMore), seen.current.first);
    void load({ after: last.id, items: PAGE_ITEMS }, append, tellFailure).finally(() =>
      setLoadingMore((current) => (current === name ? null : current)),
    );
  }, [feed, load, name, tellFailure]);

  const lookAt = useCallback(
    (first: number, last: number) => {
      seen.current = { first, last };
      // Upper pages are requested after lower ones: the page that was released last is visible now.
      for (const place of [last, first]) {
        const missing = feed === null ? null : missingAt(feed, place);
        if (missing !== null) void load(missing, (known, entries) => letGo(fillPage(known, missing, entries), place), tellFailure);
      }
    },
    [feed, load, tellFailure],
  );

  const latest = useRef(feed);
  latest.current = feed;
  const { dataUpdatedAt } = head;
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever the newest page was read, whatever it says.
  useEffect(() => {
    if (latest.current === null) return;
    // Requests again what could not be loaded before.
    setState((before) => (before.moreError === null ? before : { ...before, moreError: null }));
    for (const key of loading.current.keys()) loading.current.set(key, true);
    // A failure of one of these calls does not end the list: the newest page is read again, and these calls with it.
    for (const page of pagesBetween(latest.current, seen.current.first, seen.current.last))
      void load(page, (known, entries) => fillPage(known, page, entries), ignoreFailure);
  }, [dataUpdatedAt]);

  return {
    slots,
    hasMore: feed?.hasMore === true && feed.pages.length > 0,
    ahead: feed?.ahead?.entries.reduce((sum, entry) => sum + entry.slots.length, 0) ?? 0,
    isPending: feed === null && headError === null && wrong === null,
    error: wrong ?? (feed === null ? headError : state.moreError),
    isLoadingMore: loadingMore === name,
    loadMore,
    lookAt,
    catchUp: useCallback(
      () => setState((before) => (before.feed === null ? before : { ...before, feed: catchUp(before.feed), moreError: null })),
      [],
    ),
    retry: useCallback(() => {
      void renewQueries(cache, [client.mode, topic, "feed", path]);
    }, [cache, client.mode, path, topic]),
  };
}

function entriesOf<Item extends { id: string }, Row extends { id: string }>(
  items: readonly Item[],
  rowsOf: (item: Item) => readonly Row[],
): Entry<Row>[] {
  return items.map((item) => ({ id: item.id, slots: rowsOf(item).map((row) => ({ id: row.id, row })) }));
}

/** A page whose update failed keeps its rows. */
const ignoreFailure = (): void => undefined;
