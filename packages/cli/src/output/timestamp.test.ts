import fc from "fast-check";
import { expect, test } from "vitest";
import { formatTimestamp, parseTimestamp } from "./timestamp.ts";

test("a moment reads in UTC; none is a dash", () => {
  expect(formatTimestamp(1_772_366_405)).toBe("2026-03-01 12:00:05");
  expect(formatTimestamp(null)).toBe("-");
});

test.each([
  ["1772366405", 1_772_366_405],
  ["2026-03-01", 1_772_323_200],
  ["2026-03-01T12:00:05", 1_772_366_405],
  ["2026-03-01 12:00:05Z", 1_772_366_405],
  ["2026-03-01T13:00:05+01:00", 1_772_366_405],
])("%s is %d", (text, seconds) => expect(parseTimestamp(text)).toBe(seconds));

test.each(["", "soon", "2026-13-01", "2026-03-01T25:00", "03/01/2026", "-5"])("%j is no moment", (text) =>
  expect(parseTimestamp(text)).toBeNull(),
);

test("a printed time is parsed back", () => {
  fc.assert(fc.property(fc.nat(2_000_000_000), (seconds) => parseTimestamp(formatTimestamp(seconds)) === seconds));
});
