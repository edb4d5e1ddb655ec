import { expect, test } from "vitest";
import { byteWords } from "./byte-words.ts";

test.each([
  [0, "0 B"],
  [812, "812 B"],
  [4_096, "4.1 kB"],
  [999_800, "1.0 MB"],
  [32_400_000, "32 MB"],
  [7_000_000_000_000_000, "7000 TB"],
])("%d bytes are %s", (bytes, words) => {
  expect(byteWords(bytes)).toBe(words);
});
