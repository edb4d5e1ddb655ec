import { expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../limits.ts";
import { turnTarget } from "./clock.ts";

const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59);
const NOW = LATEST - 60_000;

test("a clock turns to the end of the year 9999, and no further", () => {
  expect(turnTarget({ seconds: 60 }, NOW, DEFAULT_LIMITS)).toBe(LATEST);
  expect(turnTarget({ to: LATEST / 1000 }, NOW, DEFAULT_LIMITS)).toBe(LATEST);
  const refused = (by: Parameters<typeof turnTarget>[0]) => expect(() => turnTarget(by, NOW, DEFAULT_LIMITS));
  refused({ seconds: 61 }).toThrow("Invalid seconds: must be between 0 and 60");
  refused({ to: LATEST / 1000 + 1 }).toThrow(`Invalid to: must be between ${NOW / 1000} and ${LATEST / 1000}`);
});
