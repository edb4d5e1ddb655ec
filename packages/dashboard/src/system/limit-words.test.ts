import { expect, test } from "vitest";
import { limitWords } from "./limit-words.ts";

test("a limit is shown in the unit that its name ends in", () => {
  expect(limitWords("attemptDeadlineMs", 30_000)).toBe("30 s");
  expect(limitWords("requestsKeptMs", 604_800_000)).toBe("7 d");
  expect(limitWords("requestBodyBytes", 1_000_000)).toBe("1.0 MB");
  expect(limitWords("publishEvents", 1_000)).toBe("1,000");
  expect(limitWords("delays", [1, 2])).toBe("[1,2]");
});
