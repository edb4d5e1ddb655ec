import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../store/contract/rows.ts";
import { PROPERTIES_OF_TYPE } from "./controller-properties.ts";
import { debitsNegativeBalances, isPayoutDay, nextPayoutDay, payoutSchedule, readSchedule } from "./payout-schedule.ts";
import { DAY_MS } from "./utc-day.ts";

const told = (schedule: JsonObject, country = "US") => payoutSchedule({ given: { settings: { payouts: { schedule } } }, country });

/** The first payout days of an account after the start of a year. */
function payoutDays(schedule: JsonObject, count: number, country = "US"): string[] {
  const days: string[] = [];
  let at = Date.parse("2026-12-31T12:00:00Z");
  while (days.length < count) {
    const next = nextPayoutDay(told(schedule), country, at);
    if (next === null) break;
    days.push(new Date(next).toISOString().slice(0, 10));
    at = next;
  }
  return days;
}

describe("the schedule of an account", () => {
  it("is daily, with the delay of its country, unless it was told otherwise", () => {
    expect(payoutSchedule({ given: {}, country: "US" })).toEqual({ delay_days: 2, interval: "daily" });
    expect(payoutSchedule({ given: {}, country: "DE" })).toEqual({ delay_days: 7, interval: "daily" });
  });

  it("has a day also where none was named", () => {
    expect(told({ interval: "weekly" })).toMatchObject({ weekly_anchor: "monday" });
    expect(told({ interval: "monthly", monthly_payout_days: [] })).toMatchObject({ monthly_anchor: 1 });
  });

  it("pays daily on business days", () => {
    expect(payoutDays({}, 6)).toEqual(["2027-01-01", "2027-01-04", "2027-01-05", "2027-01-06", "2027-01-07", "2027-01-08"]);
    expect(payoutDays({}, 3, "IL")).toEqual(["2027-01-03", "2027-01-04", "2027-01-05"]);
  });

  it("pays weekly on its day, or its days", () => {
    expect(payoutDays({ interval: "weekly", weekly_anchor: "sunday" }, 2)).toEqual(["2027-01-03", "2027-01-10"]);
    expect(payoutDays({ interval: "weekly", weekly_payout_days: ["tuesday", "friday"] }, 3)).toEqual([
      "2027-01-01",
      "2027-01-05",
      "2027-01-08",
    ]);
  });

  it("pays monthly on its day, and on the last day of a month that is too short for it", () => {
    expect(payoutDays({ interval: "monthly", monthly_anchor: 31 }, 5)).toEqual([
      "2027-01-31",
      "2027-02-28",
      "2027-03-31",
      "2027-04-30",
      "2027-05-31",
    ]);
    expect(payoutDays({ interval: "monthly", monthly_payout_days: [15, 29, 30] }, 5)).toEqual([
      "2027-01-15",
      "2027-01-29",
      "2027-01-30",
      "2027-02-15",
      "2027-02-28",
    ]);
  });

  it("knows the leap day", () => {
    const schedule = told({ interval: "monthly", monthly_anchor: 30 });
    expect(isPayoutDay(schedule, "US", Date.parse("2028-02-29T09:00:00Z"))).toBe(true);
    expect(isPayoutDay(schedule, "US", Date.parse("2028-02-28T09:00:00Z"))).toBe(false);
  });

  it("pays nothing automatically when it is manual", () => {
    expect(payoutDays({ interval: "manual" }, 1)).toEqual([]);
    expect(isPayoutDay(told({ interval: "manual" }), "US", Date.parse("2027-01-04"))).toBe(false);
  });

  it("has its next day as the first payout day after today, whatever the schedule", () => {
    const schedules = fc.oneof(
      fc.constant({}),
      fc.record({ interval: fc.constant("weekly"), weekly_anchor: fc.constantFrom("monday", "saturday") }),
      fc.record({
        interval: fc.constant("monthly"),
        monthly_payout_days: fc.array(fc.integer({ min: 1, max: 31 }), { minLength: 1, maxLength: 4 }),
      }),
    );
    const moment = fc.integer({ min: Date.parse("2020-01-01"), max: Date.parse("2035-01-01") });
    fc.assert(
      fc.property(schedules, moment, (given, at) => {
        const schedule = told(given);
        const next = nextPayoutDay(schedule, "US", at) ?? Number.NaN;
        expect(next % DAY_MS).toBe(0);
        expect(next).toBeGreaterThan(at);
        expect(isPayoutDay(schedule, "US", next)).toBe(true);
        for (let day = Math.floor(at / DAY_MS) * DAY_MS + DAY_MS; day < next; day += DAY_MS)
          expect(isPayoutDay(schedule, "US", day)).toBe(false);
      }),
    );
  });
});

describe("what an account is told of its schedule", () => {
  const read = (schedule: JsonObject) => {
    readSchedule({ settings: { payouts: { schedule } } }, "US");
    return schedule;
  };

  it("names its days in one way: the last", () => {
    expect(read({ weekly_anchor: "monday" })).toEqual({ weekly_anchor: "monday", weekly_payout_days: null });
    expect(read({ monthly_payout_days: [1, 15] })).toEqual({ monthly_payout_days: [1, 15], monthly_anchor: null });
  });

  it.each([
    ["soon", "parameter_invalid_integer"],
    ["1", "parameter_out_of_range"],
    ["32", "parameter_out_of_range"],
  ])("is refused with a delay of %s", (delay_days, error) => {
    expect(() => read({ delay_days })).toThrow(expect.objectContaining({ error, param: "settings[payouts][schedule][delay_days]" }));
  });
});

describe("a balance below zero", () => {
  it("is filled from the bank account unless the platform answers for it, or as the account was told", () => {
    expect(debitsNegativeBalances({ given: {}, controller: PROPERTIES_OF_TYPE.express })).toBe(true);
    expect(debitsNegativeBalances({ given: {}, controller: PROPERTIES_OF_TYPE.custom })).toBe(false);
    const given = { settings: { payouts: { debit_negative_balances: true } } };
    expect(debitsNegativeBalances({ given, controller: PROPERTIES_OF_TYPE.custom })).toBe(true);
  });
});
