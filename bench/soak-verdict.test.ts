import { describe, expect, test } from "vitest";
import { type Sample, trendOf } from "./soak-verdict.ts";

/** Between -1 and 1, without a trend and the same each time. */
const noise = (n: number): number => (((n * 7_919) % 101) / 50 - 1) * 0.9;
const run = (minutes: number, value: (minute: number) => number, from = 0, number = 0): Sample[] =>
  Array.from({ length: minutes }, (_, n) => ({ minute: from + n, run: number, value: value(n) }));

describe("the trend of a figure", () => {
  test("does not rise while it only scatters", () => {
    expect(trendOf(run(120, (n) => 100 + 5 * noise(n)))?.rises).toBe(false);
    expect(trendOf(run(10, (n) => 100 + 5 * noise(n)))?.rises).toBe(false);
    expect(trendOf(run(60, () => 30))).toEqual({ perHour: 0, share: 0, deviations: 0, rises: false });
  });

  test("rises with a leak that the noise would hide from one minute to the next", () => {
    const trend = trendOf(run(120, (n) => 100 + 5 * noise(n) + n / 6));
    expect(trend?.rises).toBe(true);
    expect(trend?.perHour).toBeGreaterThan(8);
    expect(trend?.perHour).toBeLessThan(12);
  });

  test("rises in ten minutes with a leak of a megabyte a minute", () => {
    expect(trendOf(run(10, (n) => 100 + n + 0.3 * noise(n)))?.rises).toBe(true);
  });

  test("does not rise by what a process takes while it warms up", () => {
    expect(trendOf(run(20, (n) => (n < 2 ? 50 * n : 100 + noise(n))))?.rises).toBe(false);
  });

  test("does not rise by one bad minute, or when it falls", () => {
    expect(trendOf(run(60, (n) => (n === 50 ? 1_000 : 100 + noise(n))))?.rises).toBe(false);
    expect(trendOf(run(60, (n) => 200 - n + noise(n)))?.rises).toBe(false);
  });

  test("a restart does not hide a leak, and does not count as one", () => {
    const leak = (from: number, number: number) => run(30, (n) => 100 + n / 2 + noise(n), from, number);
    expect(trendOf([...leak(0, 0), ...leak(30, 1), ...leak(60, 2)])?.rises).toBe(true);
    const higher = (number: number) => run(30, (n) => 100 + 20 * number + noise(n), 30 * number, number);
    expect(trendOf([...higher(0), ...higher(1), ...higher(2)])?.rises).toBe(false);
  });

  test("is not told from too few minutes", () => {
    expect(trendOf(run(6, (n) => 100 + 10 * n))).toBeNull();
    expect(trendOf([])).toBeNull();
  });
});
