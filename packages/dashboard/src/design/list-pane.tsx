import { type ReactNode, useState } from "react";
import type { LoadedFeed } from "../api/use-feed.ts";
import { Failed, Loading } from "./notice.tsx";
import { type RowShape, Rows } from "./rows.tsx";
import { useQueued } from "./use-queued.ts";

interface ListPaneProps<Row extends RowShape> {
  label: string;
  layout: string;
  /** Where the rows come from. */
  feed: Pick<LoadedFeed<{ id: string }>, "broken" | "error" | "hasMore" | "isLoadingMore" | "isPending" | "loadMore" | "retry">;
  rows: readonly Row[];
  hrefOf(row: Row): string;
  cells(row: Row): ReactNode;
  isOpen(row: Row): boolean;
  /** Whether something is open beside the list: then somebody reads. */
  detailShown: boolean;
  onResend?: (row: Row) => void;
  /** Buttons beside a row. */
  actions?(row: Row): ReactNode;
  head?: ReactNode;
  /** Shown when there is nothing. */
  empty: ReactNode;
}

/** A list that grows at its top: in each of its states, and with what is new kept back while somebody reads. */
export function ListPane<Row extends RowShape>(props: ListPaneProps<Row>): ReactNode {
  const { feed, rows, detailShown, empty, ...rest } = props;
  const [scrolled, setScrolled] = useState(false);
  const { shown, waiting, admit } = useQueued(rows, scrolled || detailShown);
  if (feed.isPending) return <Loading rows={12} />;
  if (feed.error !== null && rows.length === 0) return <Failed error={feed.error} retry={feed.retry} />;
  if (rows.length === 0) return empty;
  return (
    <>
      {waiting > 0 && (
        <button
          type="button"
          className="new-rows"
          onClick={() => {
            admit();
            document.querySelector(".rows-scroll")?.scrollTo({ top: 0 });
          }}
        >
          ↑ {waiting} new
        </button>
      )}
      {feed.broken && waiting === 0 && scrolled && <p className="banner">Much has happened: the list begins anew.</p>}
      <Rows
        {...rest}
        rows={shown}
        hasMore={feed.hasMore}
        isLoadingMore={feed.isLoadingMore}
        loadMore={feed.loadMore}
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
