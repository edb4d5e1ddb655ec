import fc from "fast-check";
import { expect, it } from "vitest";
import type { TimeRange } from "../store/contract/transaction.ts";
import { seconds, type TimeFilter, timeRange } from "./time-range.ts";

const takesIn = (range: TimeRange, at: number): boolean =>
  (range.gt === undefined || at > range.gt) &&
  (range.gte === undefined || at >= range.gte) &&
  (range.lt === undefined || at < range.lt) &&
  (range.lte === undefined || at <= range.lte);

const asked = (filter: TimeFilter, second: number): boolean =>
  typeof filter === "number"
    ? second === filter
    : (filter.gt === undefined || second > filter.gt) &&
      (filter.gte === undefined || second >= filter.gte) &&
      (filter.lt === undefined || second < filter.lt) &&
      (filter.lte === undefined || second <= filter.lte);

it("takes in a time in milliseconds exactly when the second it is shown as is asked for", () => {
  const second = fc.integer({ min: 0, max: 5 });
  const filter = fc.oneof(second, fc.record({ gt: second, gte: second, lt: second, lte: second }, { requiredKeys: [] }));
  fc.assert(
    fc.property(filter, fc.integer({ min: 0, max: 6_000 }), (given, at) => {
      expect(takesIn(timeRange(given), at)).toBe(asked(given, seconds(at)));
    }),
    { numRuns: 1_000 },
  );
});
