import { expect, test } from "vitest";
import { daysOf } from "./days.ts";

test("the figures of a day are those of its hours, and a day without any is there too", () => {
  const hour = (at: number, delivered: number, failed = 0) => ({ hour: at, delivered, failed, waiting: 1 });
  expect(daysOf([hour(3 * 86_400 + 3_600, 5), hour(86_400 + 7_200, 2, 1), hour(86_400, 3)])).toEqual([
    { at: 86_400, delivered: 5, failed: 1, waiting: 2 },
    { at: 2 * 86_400, delivered: 0, failed: 0, waiting: 0 },
    { at: 3 * 86_400, delivered: 5, failed: 0, waiting: 1 },
  ]);
  expect(daysOf([])).toEqual([]);
});
