import { type ReactNode, useEffect, useState } from "react";
import type { LoadedFeed } from "../api/use-feed.ts";
import { Failed, Loading } from "./notice.tsx";
import { type RowShape, Rows } from "./rows.tsx";
import { useQueued } from "./use-queued.ts";

interface ListPaneProps<Row extends RowShape> {
  label: string;
  layout: string;
  /** Where the rows come from. */
  feed: LoadedFeed<Row>;
  hrefOf(row: Row): string;
  cells(row: Row): ReactNode;
  isOpen(row: Row): boolean;
  /** Whether something is open beside the list: then someone is reading. */
  detailShown: boolean;
  onResend?: (row: Row) => void;
  /** Buttons beside a row. */
  actions?(row: Row): ReactNode;
  head?: ReactNode;
  /** Shown when the list is empty. */
  empty: ReactNode;
}

/** A list that grows at its top, in each of its states. New rows are held back while someone is reading. */
export function ListPane<Row extends RowShape>(props: ListPaneProps<Row>): ReactNode {
  const { feed, detailShown, empty, ...rest } = props;
  const [scrolled, setScrolled] = useState(false);
  const reading = scrolled || detailShown;
  const { shown, waiting, admit } = useQueued(feed.slots, reading);
  const { ahead, catchUp } = feed;
  useEffect(() => {
    if (!reading && ahead > 0) catchUp();
  }, [ahead, catchUp, reading]);
  const looksFurther = feed.slots.length === 0 && feed.hasMore && feed.error === null;
  const { isLoadingMore, loadMore } = feed;
  useEffect(() => {
    if (looksFurther && !isLoadingMore) loadMore();
  }, [isLoadingMore, loadMore, looksFurther]);
  if (feed.isPending) return <Loading rows={12} />;
  if (feed.error !== null && feed.slots.length === 0) return <Failed error={feed.error} retry={feed.retry} />;
  // Rows that pass a filter of the page may be further down.
  if (feed.slots.length === 0) return looksFurther ? <Loading rows={12} /> : empty;
  return (
    <>
      {waiting + ahead > 0 && reading && (
        <button
          type="button"
          className="new-rows"
          onClick={() => {
            catchUp();
            admit();
            document.querySelector(".rows-scroll")?.scrollTo({ top: 0 });
          }}
        >
          ↑ {waiting + ahead}
          {ahead > 0 && "+"} new
        </button>
      )}
      <Rows
        {...rest}
        slots={shown}
        hasMore={feed.hasMore}
        isLoadingMore={feed.isLoadingMore}
        // Rows that could not be loaded are requested when the user wants them, or after the list was read again, but
        // not in an endless loop.
        loadMore={feed.error === null ? feed.loadMore : doNothing}
        onLook={(first, last) => feed.lookAt(waiting + first, waiting + last)}
        onReading={setScrolled}
        foot={
          feed.error === null ? (
            !feed.hasMore && <p className="rows-end">That is all there is.</p>
          ) : (
            <Failed error={feed.error} retry={feed.loadMore} />
          )
        }
      />
    </>
  );
}

const doNothing = (): void => undefined;
