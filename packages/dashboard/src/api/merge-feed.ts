/** The rows of a list that grows at its top, newest first. */
export interface Feed<Row> {
  rows: readonly Row[];
  /** Whether the server has older ones. */
  hasMore: boolean;
  /** Whether rows are missing between the newest and those known before, because too many came at once. */
  broken: boolean;
}

/** Rows that are kept while somebody reads far down. Beyond it the oldest are let go; scrolling loads them again. */
const MOST_ROWS = 2_000;

/**
 * A feed with its newest page read anew. Rows on that page replace those known before. When the page and what is known
 * do not meet, what is known is let go, and the feed says that it is broken.
 */
export function mergeHead<Row extends { id: string }>(known: Feed<Row>, head: readonly Row[], headHasMore: boolean): Feed<Row> {
  const last = head.at(-1);
  if (last === undefined || !headHasMore) return { rows: head, hasMore: false, broken: false };
  const meets = known.rows.findIndex(({ id }) => id === last.id);
  if (meets === -1) return { rows: head, hasMore: true, broken: known.rows.length > 0 };
  const older = known.rows.slice(meets + 1);
  const rows = [...head, ...older].slice(0, MOST_ROWS);
  return { rows, hasMore: known.hasMore || rows.length < head.length + older.length, broken: false };
}

/** A feed with older rows after its last. */
export function appendPage<Row extends { id: string }>(known: Feed<Row>, page: readonly Row[], hasMore: boolean): Feed<Row> {
  const ids = new Set(known.rows.map(({ id }) => id));
  return { ...known, rows: [...known.rows, ...page.filter(({ id }) => !ids.has(id))], hasMore };
}
