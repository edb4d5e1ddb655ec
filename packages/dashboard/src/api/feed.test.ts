import { describe, expect, test } from "vitest";
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
  pagesBetween,
  slotsOf,
} from "./feed.ts";

interface Numbered {
  id: string;
  version: number;
}

const entries = (ids: readonly number[], version = 1): Entry<Numbered>[] =>
  ids.map((id) => ({ id: String(id), slots: [{ id: String(id), row: { id: String(id), version } }] }));
const feed = (ids: readonly number[], hasMore = true): Feed<Numbered> => mergeHead<Numbered>(EMPTY_FEED, entries(ids), hasMore);
const ids = (known: Feed<Numbered>): string =>
  slotsOf(known)
    .map(({ id }) => id)
    .join(" ");
/** The numbers from one down to another. */
const down = (from: number, to: number): number[] => Array.from({ length: from - to + 1 }, (_, index) => from - index);
const loaded = (known: Feed<Numbered>): number => slotsOf(known).filter(({ row }) => row !== null).length;

describe("the newest page", () => {
  test("comes on top, what is known takes its new form, and what is older stays", () => {
    const merged = mergeHead(feed([5, 4, 3, 2]), entries([7, 6, 5, 4], 2), true);
    expect(ids(merged)).toBe("7 6 5 4 3 2");
    expect(slotsOf(merged).map(({ row }) => row?.version)).toEqual([2, 2, 2, 2, 1, 1]);
    expect(merged).toMatchObject({ hasMore: true, ahead: null });
  });

  test("that does not meet what is known waits ahead of it, and the list goes on from there when it is wanted", () => {
    const behind = mergeHead(feed([3, 2, 1]), entries([90, 89]), true);
    expect(ids(behind)).toBe("3 2 1");
    expect(behind.ahead?.entries).toHaveLength(2);
    const later = mergeHead(behind, entries([95, 94]), true);
    expect(ids(later)).toBe("3 2 1");
    const caught = catchUp(later);
    expect([ids(caught), caught.hasMore, caught.ahead]).toEqual(["95 94", true, null]);
    expect(ids(appendPage(caught, entries([93, 3]), true))).toBe("95 94 93 3");
  });

  test("that meets what is known again is no longer ahead", () => {
    const behind = mergeHead(feed([3, 2, 1]), entries([90, 89]), true);
    expect(mergeHead(behind, entries([4, 3]), true)).toMatchObject({ ahead: null });
  });

  test("whose last row was not in the list before meets it with an earlier one", () => {
    expect(ids(mergeHead(feed([9, 7, 5]), entries([9, 8]), true))).toBe("9 8 7 5");
  });

  test("that is all there is leaves nothing of before", () => {
    expect(ids(mergeHead(feed([3, 2, 1]), entries([3]), false))).toBe("3");
    expect(mergeHead(feed([3, 2, 1]), [], false)).toEqual(EMPTY_FEED);
  });

  test("that is new a hundred times leaves no hundred small pages", () => {
    let known = feed(down(100, 51));
    known = appendPage(known, entries(down(50, 1)), false);
    for (let top = 103; top <= 400; top += 3) known = mergeHead(known, entries(down(top, top - 49)), true);
    expect(ids(known)).toBe(down(400, 1).join(" "));
    expect(known.pages.length).toBeLessThan(20);
  });
});

describe("a long list", () => {
  /** As far down as 5,000 rows, each page as it is scrolled to. */
  const read = (): Feed<Numbered> => {
    let known = feed(down(5_000, 4_951));
    for (let last = 4_951; last > 1; last -= 50)
      known = letGo(appendPage(known, entries(down(last - 1, last - 50)), last > 51), 5_000 - last);
    return known;
  };

  test("keeps a bounded number of rows, and the place of each", () => {
    const known = read();
    expect(ids(known)).toBe(down(5_000, 1).join(" "));
    expect(loaded(known)).toBeLessThanOrEqual(1_000);
    expect(slotsOf(known).at(0)?.row).not.toBeNull();
    expect(slotsOf(known).at(-1)?.row).not.toBeNull();
    expect(slotsOf(known)[2_000]?.row).toBeNull();
  });

  test("loads released rows again when they come into view, and then releases the rows that are far away", () => {
    const known = read();
    const missing = missingAt(known, 2_000);
    if (missing === null) throw new Error("nothing is missing");
    expect(missing).toEqual({ items: 50, after: "3001" });
    const filled = letGo(fillPage(known, missing, entries(down(3_000, 2_951), 2)), 2_000);
    expect(slotsOf(filled)[2_000]?.row).toEqual({ id: "3000", version: 2 });
    expect(missingAt(filled, 2_000)).toBeNull();
    expect(loaded(filled)).toBeLessThanOrEqual(1_000);
    expect(ids(filled)).toBe(ids(known));
  });

  test("stays bounded while thousands of rows arrive above the visible ones", () => {
    for (const at of [0, 400, 4_000]) {
      let known = read();
      for (let top = 5_040; top <= 30_000; top += 40) known = letGo(mergeHead(known, entries(down(top, top - 49)), true), at);
      expect(loaded(known), `read at ${at}`).toBeLessThanOrEqual(1_000);
      expect(slotsOf(known).length, `read at ${at}`).toBeLessThanOrEqual(20_000);
      expect(slotsOf(known).at(0)?.id).toBe("30000");
    }
  });

  test("has its newest rows at hand, so that new ones come on top while its end is read", () => {
    const merged = mergeHead(read(), entries(down(5_010, 4_961)), true);
    expect(merged.ahead).toBeNull();
    expect(ids(merged)).toBe(down(5_010, 1).join(" "));
  });
});

test("an older page comes below, each row once", () => {
  expect(ids(appendPage(feed([5, 4, 3]), entries([3, 2, 1]), false))).toBe("5 4 3 2 1");
});

describe("what is looked at", () => {
  /** Three pages. The first of them is read again separately. */
  const read = (): Feed<Numbered> => appendPage(appendPage(feed([9, 8, 7]), entries([6, 5, 4]), true), entries([3, 2, 1]), false);

  test("is the loaded pages with its places, but for the newest", () => {
    expect(pagesBetween(read(), 0, 2)).toEqual([]);
    expect(pagesBetween(read(), 2, 4)).toEqual([{ after: "7", items: 3 }]);
    expect(pagesBetween(read(), 5, 6)).toEqual([
      { after: "7", items: 3 },
      { after: "4", items: 3 },
    ]);
  });

  test("takes its new form, and is the same feed when there is none", () => {
    const known = read();
    const asked = { after: "7", items: 3 };
    expect(fillPage(known, asked, entries([6, 5, 4]))).toBe(known);
    const changed = fillPage(known, asked, entries([6, 5, 4], 2));
    expect(slotsOf(changed).map(({ row }) => row?.version)).toEqual([1, 1, 1, 2, 2, 2, 1, 1, 1]);
  });

  test("loses what no longer belongs to the list, and repeats nothing of the next page", () => {
    const asked = { after: "7", items: 3 };
    expect(ids(fillPage(read(), asked, entries([6, 4, 3])))).toBe("9 8 7 6 4 3 2 1");
    expect(ids(fillPage(read(), asked, entries([3, 2, 1])))).toBe("9 8 7 3 2 1");
  });

  test("includes the first page while the newest is ahead of it", () => {
    const behind = mergeHead(read(), entries([90, 89]), true);
    const [asked] = pagesBetween(behind, 0, 2);
    expect(asked).toEqual({ before: "6", items: 3 });
    const filled = fillPage(behind, asked ?? { after: "", items: 0 }, entries([9, 8, 7], 2));
    expect(slotsOf(filled).map(({ row }) => row?.version)).toEqual([2, 2, 2, 1, 1, 1, 1, 1, 1]);
  });

  test("stays when its page came apart meanwhile", () => {
    const merged = mergeHead(read(), entries([10, 9]), true);
    expect(fillPage(merged, { after: "8", items: 3 }, entries([7, 6, 5]))).toBe(merged);
  });
});
