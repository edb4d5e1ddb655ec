import { expect, test } from "vitest";
import { NewestEntries } from "./newest-entries.ts";

test("the newest entries are kept, and never more than twice as many", () => {
  const kept = new NewestEntries<number>(3);
  for (let n = 0; n < 100; n++) {
    kept.set(`k${n}`, n);
    for (let newest = Math.max(0, n - 2); newest <= n; newest++) expect(kept.get(`k${newest}`)).toBe(newest);
    expect(kept.entries().length).toBeLessThanOrEqual(6);
  }
  expect(kept.get("k0")).toBeUndefined();
});

test("an entry that is written again is new, and there once", () => {
  const kept = new NewestEntries<number>(2);
  for (const [key, value] of [
    ["a", 1],
    ["b", 2],
    ["c", 3],
    ["a", 4],
    ["d", 5],
  ] as const)
    kept.set(key, value);
  expect(kept.get("a")).toBe(4);
  expect(kept.entries().filter(([key]) => key === "a")).toEqual([["a", 4]]);
  kept.delete("a");
  expect(kept.get("a")).toBeUndefined();
});
