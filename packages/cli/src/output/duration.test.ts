import fc from "fast-check";
import { expect, test } from "vitest";
import { formatDuration, parseDuration } from "./duration.ts";

test.each([
  ["0", 0],
  ["90", 90],
  ["90s", 90],
  ["5m", 300],
  ["2h30m", 9_000],
  ["3d", 259_200],
  ["1w1d", 691_200],
  [" 1h ", 3_600],
])("%j is %d seconds", (text, seconds) => expect(parseDuration(text)).toBe(seconds));

test.each(["", "three days", "3y", "-5m", "1.5h", "5 m", "h"])("%j is no duration", (text) => expect(parseDuration(text)).toBeNull());

test.each([
  [0, "0s"],
  [59, "59s"],
  [60, "1m"],
  [3_661, "1h 1m"],
  [3_601, "1h"],
  [259_200 + 7_200, "3d 2h"],
  [-300, "5m"],
])("%d seconds read %s", (seconds, text) => expect(formatDuration(seconds)).toBe(text));

test("a duration in whole units of two kinds is parsed back unchanged", () => {
  fc.assert(
    fc.property(fc.nat(500), fc.nat(23), (days, hours) => {
      const seconds = days * 86_400 + hours * 3_600;
      expect(parseDuration(formatDuration(seconds).replaceAll(" ", ""))).toBe(seconds);
    }),
  );
});
