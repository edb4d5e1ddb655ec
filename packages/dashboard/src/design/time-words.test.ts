import { expect, test } from "vitest";
import { durationWords, millisecondWords, relativeTime } from "./time-words.ts";

test.each([
  [0, "now"],
  [-1, "now"],
  [-12, "12 s ago"],
  [-59, "59 s ago"],
  [-61, "1 min ago"],
  [34 * 60, "in 34 min"],
  [2 * 3_600 + 300, "in 2 h 05"],
  [-30 * 3_600, "30 h ago"],
  [-3 * 86_400, "3 d ago"],
  [-800 * 86_400, "2 y ago"],
])("%i seconds from now are “%s”", (seconds, words) => {
  expect(relativeTime(1_000_000 + seconds, 1_000_000)).toBe(words);
});

test("lengths of time", () => {
  expect([durationWords(59), durationWords(3_599), durationWords(3_600)]).toEqual(["59 s", "59 min", "1 h 00"]);
  expect([millisecondWords(41.4), millisecondWords(1_234), millisecondWords(30_000)]).toEqual(["41 ms", "1.2 s", "30 s"]);
});
