import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { businessDayAfter, isBusinessDay, startOfDay } from "./business-days.ts";
import { DAY_MS } from "./utc-day.ts";

const at = (text: string): number => Date.parse(text);

describe("business days", () => {
  it("are Monday to Friday, or Sunday to Thursday where banks rest on Friday", () => {
    const week = ["2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05", "2026-11-06", "2026-11-07", "2026-11-08"];
    const working = (country: string) => week.map((day) => isBusinessDay(country, at(`${day}T12:00:00Z`)));
    expect(working("US")).toEqual([true, true, true, true, true, false, false]);
    expect(working("AE")).toEqual([true, true, true, true, true, false, false]);
    expect(working("IL")).toEqual([true, true, true, true, false, false, true]);
  });

  it.each([
    ["2026-11-02T10:00:00Z", 2, "2026-11-04"],
    ["2026-11-05T23:59:59Z", 2, "2026-11-09"],
    ["2026-11-06T00:00:00Z", 2, "2026-11-10"],
    ["2026-11-07T12:00:00Z", 2, "2026-11-10"],
    ["2026-12-31T12:00:00Z", 1, "2027-01-01"],
  ])("from %s, number %i is %s", (from, count, day) => {
    expect(new Date(businessDayAfter("US", at(from), count)).toISOString()).toBe(`${day}T00:00:00.000Z`);
  });

  it("come after, at the start of a day, with as many between as counted", () => {
    const moment = fc.integer({ min: at("2020-01-01"), max: at("2035-01-01") });
    fc.assert(
      fc.property(moment, fc.integer({ min: 1, max: 30 }), fc.constantFrom("US", "IL"), (from, count, country) => {
        const day = businessDayAfter(country, from, count);
        expect(day % DAY_MS).toBe(0);
        expect(day).toBeGreaterThan(from);
        let counted = 0;
        for (let each = startOfDay(from) + DAY_MS; each <= day; each += DAY_MS) if (isBusinessDay(country, each)) counted++;
        expect(counted).toBe(count);
        expect(isBusinessDay(country, day)).toBe(true);
      }),
    );
  });
});
