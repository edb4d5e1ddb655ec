import { expect, test } from "vitest";
import { NameCache } from "./name-cache.ts";

test("names are kept until their time, and the oldest makes room for one more", () => {
  const cache = new NameCache<string>(2);
  const keep = (name: string, until: number) => cache.set(name, { value: name }, until);
  const known = (now: number) => ["a", "b", "c"].filter((name) => cache.get(name, now) !== null);
  keep("a", 10);
  keep("b", 20);
  // Looked up again, it is the newest.
  keep("a", 30);
  expect(known(5)).toEqual(["a", "b"]);
  keep("c", 40);
  expect([known(5), cache.size]).toEqual([["a", "c"], 2]);
  expect(known(30)).toEqual(["c"]);
  expect(cache.size).toBe(1);
});
