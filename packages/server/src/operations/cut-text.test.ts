import { expect, test } from "vitest";
import { cutText } from "./cut-text.ts";

test.each([
  ["ab", 3, "ab"],
  ["abc", 2, "ab"],
  ["a💩", 2, "a"],
  ["a💩", 3, "a💩"],
  ["💩", 1, ""],
])("%j is cut at %d to %j", (text, chars, cut) => {
  expect(cutText(text, chars)).toBe(cut);
});
