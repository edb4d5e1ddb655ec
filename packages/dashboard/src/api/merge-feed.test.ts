import { expect, test } from "vitest";
import { appendPage, type Feed, mergeHead } from "./merge-feed.ts";

const rows = (...ids: number[]) => ids.map((id) => ({ id: String(id), version: 1 }));
const feed = (ids: number[], hasMore = true): Feed<{ id: string; version: number }> => ({ rows: rows(...ids), hasMore, broken: false });
const ids = ({ rows: known }: Feed<{ id: string }>): string => known.map(({ id }) => id).join(" ");

test("what is new comes on top, what is known takes its new form, and what is older stays", () => {
  const head = rows(7, 6, 5, 4).map((row) => ({ ...row, version: 2 }));
  const merged = mergeHead(feed([5, 4, 3, 2], true), head, true);
  expect(ids(merged)).toBe("7 6 5 4 3 2");
  expect(merged.rows.map(({ version }) => version)).toEqual([2, 2, 2, 2, 1, 1]);
  expect(merged).toMatchObject({ hasMore: true, broken: false });
});

test("a newest page that does not meet what is known replaces it, and says so", () => {
  expect(mergeHead(feed([3, 2, 1]), rows(90, 89), true)).toEqual({ rows: rows(90, 89), hasMore: true, broken: true });
  expect(mergeHead(feed([]), rows(90, 89), true).broken).toBe(false);
});

test("a newest page that is all there is leaves nothing of before", () => {
  expect(mergeHead(feed([3, 2, 1]), rows(3), false)).toEqual({ rows: rows(3), hasMore: false, broken: false });
  expect(mergeHead(feed([3, 2, 1]), [], false)).toEqual({ rows: [], hasMore: false, broken: false });
});

test("rows are bounded, and those that are let go can be loaded again", () => {
  const known = feed(
    Array.from({ length: 2_000 }, (_, index) => 2_000 - index),
    false,
  );
  const merged = mergeHead(known, rows(2_001, 2_000), true);
  expect(merged.rows).toHaveLength(2_000);
  expect(merged.rows.at(-1)?.id).toBe("2");
  expect(merged.hasMore).toBe(true);
});

test("an older page comes below, each row once", () => {
  expect(ids(appendPage(feed([5, 4, 3]), rows(3, 2, 1), false))).toBe("5 4 3 2 1");
});
