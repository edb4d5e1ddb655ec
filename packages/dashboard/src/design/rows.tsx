import { measureElement, useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import type { Slot } from "../api/feed.ts";
import { Loading } from "./notice.tsx";
import { useShortcut } from "./shortcuts.ts";

/** One row: its place on the screen is an address. */
export interface RowShape {
  id: string;
}

interface RowsProps<Row extends RowShape> {
  /** The name of the list, for screen readers. */
  label: string;
  /** The class that lays out the cells. */
  layout: string;
  /** A place for each row. Some may not be loaded. */
  slots: readonly Slot<Row>[];
  hrefOf(row: Row): string;
  cells(row: Row): ReactNode;
  /** Buttons beside a row's link. */
  actions?(row: Row): ReactNode;
  /** What `r` does on the focused row. */
  onResend?: ((row: Row) => void) | undefined;
  /** The row that is open in the other pane. */
  isOpen?(row: Row): boolean;
  /** Headings of the columns, on wide screens. */
  head?: ReactNode;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore(): void;
  /** Called with the places that are in view. */
  onLook?(first: number, last: number): void;
  /** Called with whether someone is reading: the list is scrolled down, or has the focus. */
  onReading?(reading: boolean): void;
  foot?: ReactNode;
}

/** Height of a row before it is measured, in pixels. */
const ROW_PX = 32;

/**
 * The height of a row, in pixels. While the list is hidden, for example behind an open record on a narrow screen, it
 * keeps its last height.
 */
const heightOf: typeof measureElement<HTMLLIElement> = (row, entry, list) => {
  const height = measureElement(row, entry, list);
  return height > 0 ? height : (list.measurementsCache[Number(row.dataset.index)]?.size ?? ROW_PX);
};

/** A long list of links. Only the visible rows are in the page. `j` and `k` move, `Enter` opens. */
export function Rows<Row extends RowShape>(props: RowsProps<Row>): ReactNode {
  const { slots, hasMore, isLoadingMore, loadMore, hrefOf, onReading, onLook } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<string | null>(null);
  const [, navigate] = useLocation();
  const virtual = useVirtualizer<HTMLDivElement, HTMLLIElement>({
    count: slots.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => slots[index]?.id ?? index,
    measureElement: heightOf,
    overscan: 10,
  });
  const items = virtual.getVirtualItems();
  const lastIndex = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && !isLoadingMore && lastIndex >= slots.length - 30) loadMore();
  }, [hasMore, isLoadingMore, lastIndex, loadMore, slots.length]);
  const firstIndex = items[0]?.index ?? 0;
  useEffect(() => {
    const last = Math.min(lastIndex, slots.length - 1);
    if (last >= 0) onLook?.(Math.min(firstIndex, last), last);
  }, [firstIndex, lastIndex, onLook, slots]);

  const { isOpen } = props;
  const open = isOpen === undefined ? undefined : (slots.find(({ row }) => row !== null && isOpen(row))?.row ?? undefined);
  const step = (by: number): void => {
    const from = slots.findIndex(({ id }) => id === (at ?? open?.id));
    const to = from === -1 ? 0 : Math.min(Math.max(from + by, 0), slots.length - 1);
    const slot = slots[to];
    if (slot === undefined) return;
    setAt(slot.id);
    virtual.scrollToIndex(to);
    // An open record follows the focus; if no record is open, none is opened.
    const { row } = slot;
    if (open !== undefined && row !== null) navigate(hrefOf(row), { replace: true });
  };
  useShortcut("j", () => step(1));
  useShortcut("k", () => step(-1));
  useShortcut(
    "r",
    () => {
      const row = slots.find(({ id }) => id === at)?.row ?? null;
      if (row !== null) props.onResend?.(row);
    },
    props.onResend !== undefined && at !== null && open === undefined,
  );

  return (
    <div className="rows-scroll" ref={scroller} onScroll={({ currentTarget }) => onReading?.(currentTarget.scrollTop > ROW_PX / 2)}>
      {props.head !== undefined && (
        <div className={`rows-head ${props.layout}`} aria-hidden="true">
          {props.head}
        </div>
      )}
      <ul className="rows" aria-label={props.label} style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, key, start }) => {
          const slot = slots[index];
          if (slot === undefined) return null;
          const { row } = slot;
          return (
            <li
              key={key}
              data-index={index}
              ref={virtual.measureElement}
              style={{ transform: `translateY(${start}px)` }}
              aria-setsize={hasMore ? -1 : slots.length}
              aria-posinset={index + 1}
            >
              {row === null ? (
                <span className="row missing" role="status" aria-label="Loading" />
              ) : (
                <RowLink {...props} row={row} isAt={row.id === at} isOpen={row === open} onAt={setAt} />
              )}
            </li>
          );
        })}
      </ul>
      {isLoadingMore && <Loading rows={2} />}
      {props.foot}
    </div>
  );
}

interface RowLinkProps<Row extends RowShape> extends Pick<RowsProps<Row>, "actions" | "cells" | "hrefOf" | "layout"> {
  row: Row;
  isAt: boolean;
  isOpen: boolean;
  onAt(id: string): void;
}

function RowLink<Row extends RowShape>({ row, isAt, isOpen, onAt, cells, hrefOf, layout, actions }: RowLinkProps<Row>): ReactNode {
  const link = useRef<HTMLAnchorElement>(null);
  const focusAt = useCallback(() => onAt(row.id), [onAt, row.id]);
  useEffect(() => {
    if (isAt && document.activeElement !== link.current) link.current?.focus({ preventScroll: true });
  }, [isAt]);
  return (
    <>
      <Link
        ref={link}
        href={hrefOf(row)}
        className={`row ${layout}${isOpen ? " open" : ""}`}
        aria-current={isOpen ? "true" : undefined}
        onFocus={focusAt}
      >
        {cells(row)}
      </Link>
      {actions !== undefined && <span className="row-actions">{actions(row)}</span>}
    </>
  );
}
