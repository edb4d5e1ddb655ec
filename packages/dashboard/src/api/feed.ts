/** A place in a list: its row, or null while the row is not loaded. */
export interface Slot<Row> {
  id: string;
  row: Row | null;
}

/** One item of a server's list, and the places of its rows. */
export interface Entry<Row> {
  id: string;
  slots: readonly Slot<Row>[];
}

/** Consecutive items, which are loaded and released together. */
interface FeedPage<Row> {
  entries: readonly Entry<Row>[];
  isLoaded: boolean;
}

/**
 * A list that grows at its top, newest first, as far down as it was read. Rows far from the visible ones are released.
 * Their places stay, so that nothing moves, and they are loaded again when they come into view.
 */
export interface Feed<Row> {
  pages: readonly FeedPage<Row>[];
  /** Whether the server has older items. */
  hasMore: boolean;
  /** The newest page, if so many items came at once that it does not connect to the known ones; null if it does. */
  ahead: { entries: readonly Entry<Row>[]; hasMore: boolean } | null;
}

/** The most rows that are kept, in addition to those of one page and the newest ones. */
const MOST_ROWS = 1_000;
/** The most places that are kept. Later ones are found again by scrolling. */
const MOST_PLACES = 20_000;
/** How many items a page has that is combined from several. */
const PAGE_ITEMS = 50;
/** How many pages at the top are always kept: new items are compared with them. */
const TOP_PAGES = 3;

/** A feed without any known items. */
export const EMPTY_FEED: Feed<never> = { pages: [], hasMore: false, ahead: null };

/**
 * A feed whose newest page was read again. Items on that page replace the known ones. If the page does not connect to
 * the known items, these stay, and the page waits as `ahead`.
 */
export function mergeHead<Row>(known: Feed<Row>, head: readonly Entry<Row>[], headHasMore: boolean): Feed<Row> {
  if (!headHasMore || known.pages.length === 0) return { pages: paged(head), hasMore: headHasMore, ahead: null };
  for (let last = head.length - 1; last >= 0; last--) {
    const met = placeOf(known, head[last]?.id ?? "");
    if (met === null) continue;
    const rest = known.pages[met.page]?.entries.slice(met.entry + 1) ?? [];
    const next = known.pages[met.page + 1];
    // Otherwise each update would leave a small page behind.
    const joined = next?.isLoaded === true && rest.length + next.entries.length <= PAGE_ITEMS;
    const older = joined ? [...rest, ...next.entries] : rest;
    const below = known.pages.slice(met.page + (joined ? 2 : 1));
    return { ...known, pages: [...paged(head), ...paged(older), ...below], ahead: null };
  }
  return { ...known, ahead: { entries: head, hasMore: headHasMore } };
}

/** A feed that begins with the page that is ahead of it. The earlier items follow when the user scrolls there. */
export function catchUp<Row>(known: Feed<Row>): Feed<Row> {
  const { ahead } = known;
  return ahead === null ? known : { pages: paged(ahead.entries), hasMore: ahead.hasMore, ahead: null };
}

/** A feed with older items after its last. */
export function appendPage<Row>(known: Feed<Row>, entries: readonly Entry<Row>[], hasMore: boolean): Feed<Row> {
  const ids = new Set(known.pages.flatMap((page) => page.entries.map(({ id }) => id)));
  return { ...known, pages: [...known.pages, ...paged(entries.filter(({ id }) => !ids.has(id)))], hasMore };
}

/** Which page is loaded again: a number of items that follow one, or that come before one. */
export type PageAsked = { items: number } & ({ after: string } | { before: string });

/**
 * A feed in which a page was loaded again: one that had been released, or one that is visible. It is the same feed if
 * nothing has changed, or if the page no longer exists because other items came or went meanwhile. Items that no longer
 * belong to the list are gone, and items that the next page contains are left to that page.
 */
export function fillPage<Row>(known: Feed<Row>, asked: PageAsked, entries: readonly Entry<Row>[]): Feed<Row> {
  const index = known.pages.findIndex(
    (page, at) =>
      page.entries.length === asked.items &&
      ("after" in asked
        ? known.pages[at - 1]?.entries.at(-1)?.id === asked.after
        : at === 0 && known.pages[1]?.entries[0]?.id === asked.before),
  );
  const page = known.pages[index];
  if (page === undefined) return known;
  const others = new Set(known.pages.flatMap((other, at) => (at === index ? [] : other.entries.map(({ id }) => id))));
  const filled = entries.filter(({ id }) => !others.has(id));
  if (page.isLoaded && JSON.stringify(page.entries) === JSON.stringify(filled)) return known;
  // Without its last item, the next page would be requested after an item that does not exist.
  if (filled.length === 0) return { ...known, pages: known.pages.toSpliced(index, 1) };
  return { ...known, pages: known.pages.with(index, { entries: filled, isLoaded: true }) };
}

/**
 * The loaded pages with places in a range, except the newest page, which is read separately. The first page is not the
 * newest while the newest is ahead.
 */
export function pagesBetween<Row>(known: Feed<Row>, from: number, to: number): PageAsked[] {
  const [first, last] = [pageAt(known, from), pageAt(known, to)];
  return known.pages.flatMap((page, index): PageAsked[] => {
    if (index < first || index > last || !page.isLoaded) return [];
    const items = page.entries.length;
    const after = known.pages[index - 1]?.entries.at(-1)?.id;
    if (after !== undefined) return [{ after, items }];
    const before = known.pages[1]?.entries[0]?.id;
    return known.ahead === null || before === undefined ? [] : [{ before, items }];
  });
}

/** A feed without the rows that are far from a place, if it has more rows than are kept. */
export function letGo<Row>(given: Feed<Row>, at: number): Feed<Row> {
  const known = withoutEnd(given, at);
  let kept = known.pages.reduce((sum, page) => sum + (page.isLoaded ? rowsOf(page) : 0), 0);
  if (kept <= MOST_ROWS) return known;
  const here = pageAt(known, at);
  const farthest = known.pages
    .map((page, index) => ({ page, index, distance: Math.abs(index - here) }))
    .filter(({ page, index, distance }) => page.isLoaded && index >= TOP_PAGES && distance > 1)
    .sort((one, other) => other.distance - one.distance);
  const pages = [...known.pages];
  for (const { page, index } of farthest) {
    if (kept <= MOST_ROWS) break;
    kept -= rowsOf(page);
    const entries = page.entries.map(({ id, slots }) => ({ id, slots: slots.map((slot) => ({ id: slot.id, row: null })) }));
    pages[index] = { entries, isLoaded: false };
  }
  return { ...known, pages };
}

/** A feed without its end, if it has more places than are kept and its end is not visible. */
function withoutEnd<Row>(known: Feed<Row>, at: number): Feed<Row> {
  let places = 0;
  const end = known.pages.findIndex((page) => {
    places += rowsOf(page);
    return places > MOST_PLACES;
  });
  return end === -1 || pageAt(known, at) >= end - 1 ? known : { ...known, pages: known.pages.slice(0, end), hasMore: true };
}

/** The request that loads the page with a place again; null when it is loaded. */
export function missingAt<Row>(known: Feed<Row>, at: number): PageAsked | null {
  const index = pageAt(known, at);
  const page = known.pages[index];
  const after = known.pages[index - 1]?.entries.at(-1)?.id;
  return page === undefined || page.isLoaded || after === undefined ? null : { items: page.entries.length, after };
}

/** All places of a feed. */
export function slotsOf<Row>({ pages }: Feed<Row>): readonly Slot<Row>[] {
  return pages.flatMap(({ entries }) => entries.flatMap(({ slots }) => slots));
}

const rowsOf = <Row>({ entries }: FeedPage<Row>): number => entries.reduce((sum, { slots }) => sum + slots.length, 0);

const paged = <Row>(entries: readonly Entry<Row>[]): FeedPage<Row>[] => (entries.length === 0 ? [] : [{ entries, isLoaded: true }]);

function placeOf<Row>({ pages }: Feed<Row>, id: string): { page: number; entry: number } | null {
  for (const [page, { entries }] of pages.entries()) {
    const entry = entries.findIndex((one) => one.id === id);
    if (entry !== -1) return { page, entry };
  }
  return null;
}

/** The page that contains a place; the last page for a place after all pages. */
function pageAt<Row>({ pages }: Feed<Row>, at: number): number {
  let before = 0;
  for (const [index, page] of pages.entries()) {
    before += rowsOf(page);
    if (at < before) return index;
  }
  return pages.length - 1;
}
