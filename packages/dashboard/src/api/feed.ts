/** A place in a list: its row, or null while that is not loaded. */
export interface Slot<Row> {
  id: string;
  row: Row | null;
}

/** One item of a list of the server's, and the places of what is shown of it. */
export interface Entry<Row> {
  id: string;
  slots: readonly Slot<Row>[];
}

/** Items that follow each other, which are loaded together and let go together. */
interface FeedPage<Row> {
  entries: readonly Entry<Row>[];
  isLoaded: boolean;
}

/**
 * A list that grows at its top, newest first, as far down as it was read. Rows far from what is looked at are let go;
 * their places stay, so that nothing moves, and they are loaded again when they come into view.
 */
export interface Feed<Row> {
  pages: readonly FeedPage<Row>[];
  /** Whether the server has older ones. */
  hasMore: boolean;
  /** The newest page, when so much came at once that it does not meet what is known; null when it does. */
  ahead: { entries: readonly Entry<Row>[]; hasMore: boolean } | null;
}

/** Rows that are kept, at most, beside those of one page and of the newest ones. */
const MOST_ROWS = 1_000;
/** Places that are kept, at most. Those behind are found again by scrolling. */
const MOST_PLACES = 20_000;
/** Items of a page that is put together from several. */
const PAGE_ITEMS = 50;
/** Pages at the top that are always kept: what is new is compared with them. */
const TOP_PAGES = 3;

/** A feed of which nothing is known. */
export const EMPTY_FEED: Feed<never> = { pages: [], hasMore: false, ahead: null };

/**
 * A feed with its newest page read anew. Items on that page replace those known before. When the page and what is known
 * do not meet, what is known stays, and the page waits as `ahead`.
 */
export function mergeHead<Row>(known: Feed<Row>, head: readonly Entry<Row>[], headHasMore: boolean): Feed<Row> {
  if (!headHasMore || known.pages.length === 0) return { pages: paged(head), hasMore: headHasMore, ahead: null };
  for (let last = head.length - 1; last >= 0; last--) {
    const met = placeOf(known, head[last]?.id ?? "");
    if (met === null) continue;
    const rest = known.pages[met.page]?.entries.slice(met.entry + 1) ?? [];
    const next = known.pages[met.page + 1];
    // Small pages would remain of each time that something was new.
    const joined = next?.isLoaded === true && rest.length + next.entries.length <= PAGE_ITEMS;
    const older = joined ? [...rest, ...next.entries] : rest;
    const below = known.pages.slice(met.page + (joined ? 2 : 1));
    return { ...known, pages: [...paged(head), ...paged(older), ...below], ahead: null };
  }
  return { ...known, ahead: { entries: head, hasMore: headHasMore } };
}

/** A feed that begins with the page that is ahead of it. What it had before follows when somebody scrolls there. */
export function catchUp<Row>(known: Feed<Row>): Feed<Row> {
  const { ahead } = known;
  return ahead === null ? known : { pages: paged(ahead.entries), hasMore: ahead.hasMore, ahead: null };
}

/** A feed with older items after its last. */
export function appendPage<Row>(known: Feed<Row>, entries: readonly Entry<Row>[], hasMore: boolean): Feed<Row> {
  const ids = new Set(known.pages.flatMap((page) => page.entries.map(({ id }) => id)));
  return { ...known, pages: [...known.pages, ...paged(entries.filter(({ id }) => !ids.has(id)))], hasMore };
}

/** Which page is loaded again: so many items that follow one, or that come before one. */
export type PageAsked = { items: number } & ({ after: string } | { before: string });

/**
 * A feed with a page loaded again: one that had been let go, or one that is looked at. The same feed when nothing has
 * changed, and when the page is no longer there, because others came or went meanwhile. Items that no longer belong to
 * the list are gone, and those that follow on the next page are left to it.
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
  // Without its last item, the next page would be asked for after one that is not there.
  if (filled.length === 0) return { ...known, pages: known.pages.toSpliced(index, 1) };
  return { ...known, pages: known.pages.with(index, { entries: filled, isLoaded: true }) };
}

/**
 * The loaded pages with places from one to another, except the newest page, which is read anew by itself. The first
 * page is not the newest while that is ahead.
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

/** A feed without the rows that are far from a place, if it has more than are kept. */
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

/** A feed without its end, if it has more places than are kept, and the end is not what is looked at. */
function withoutEnd<Row>(known: Feed<Row>, at: number): Feed<Row> {
  let places = 0;
  const end = known.pages.findIndex((page) => {
    places += rowsOf(page);
    return places > MOST_PLACES;
  });
  return end === -1 || pageAt(known, at) >= end - 1 ? known : { ...known, pages: known.pages.slice(0, end), hasMore: true };
}

/** What is to be asked for to load the page with a place again. Null when it is loaded. */
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

/** The page that has a place; the last one for a place behind all. */
function pageAt<Row>({ pages }: Feed<Row>, at: number): number {
  let before = 0;
  for (const [index, page] of pages.entries()) {
    before += rowsOf(page);
    if (at < before) return index;
  }
  return pages.length - 1;
}
