import { useEffect, useState } from "react";

/** Rows to show while someone is reading, and how many newer ones wait above them. */
interface Queued<Row> {
  shown: readonly Row[];
  waiting: number;
  /** Lets the newer ones in. */
  admit(): void;
}

/** Holds back new rows at the top of a list while someone is reading it, so that nothing jumps. */
export function useQueued<Row extends { id: string }>(rows: readonly Row[], reading: boolean): Queued<Row> {
  const [top, setTop] = useState<string | null>(null);
  const first = rows[0]?.id ?? null;
  const at = reading && top !== null ? rows.findIndex(({ id }) => id === top) : 0;
  useEffect(() => {
    if (!reading) setTop(null);
    // Also when the row at the top is gone: from now on, the current rows count as being read.
    else if (top === null || at === -1) setTop(first);
  }, [reading, first, top, at]);
  const waiting = Math.max(at, 0);
  return { shown: waiting === 0 ? rows : rows.slice(waiting), waiting, admit: () => setTop(null) };
}
