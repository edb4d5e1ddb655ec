import { expect, test } from "vitest";
import { everyPage } from "./every-page.ts";

test("a list of several pages is read to its end, each page after the last of the one before", async () => {
  const rows = ["e", "d", "c", "b", "a"].map((id) => ({ id }));
  const asked: (string | undefined)[] = [];
  const all = await everyPage(async (after) => {
    asked.push(after);
    const from = after === undefined ? 0 : rows.findIndex(({ id }) => id === after) + 1;
    return { data: rows.slice(from, from + 2), has_more: from + 2 < rows.length };
  });
  expect(all).toEqual({ data: rows, has_more: false });
  expect(asked).toEqual([undefined, "d", "b"]);
});

test("a page that says there is more and has nothing ends it", async () => {
  expect(await everyPage(async () => ({ data: [], has_more: true }))).toEqual({ data: [], has_more: false });
});
