import { ApiError } from "@carabiner/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkPerson } from "./check-person.ts";

const NOW = Date.UTC(2026, 4, 20, 12);

/** The parameter that an invalid date of birth is reported for; null when it is accepted. */
function refused(day: number, month: number, year: number, now = NOW): string | null {
  try {
    checkPerson({ dob: { day, month, year } }, { hash: "", now, country: "US" });
    return null;
  } catch (error) {
    if (error instanceof ApiError) return error.param ?? "";
    throw error;
  }
}

test("nobody is younger than thirteen on the day", () => {
  expect(refused(20, 5, 2013)).toBeNull();
  expect(refused(21, 5, 2013)).toBe("dob[year]");
});

test("nobody is older than a hundred and fifty", () => {
  expect(refused(20, 5, 1876)).toBeNull();
  expect(refused(19, 5, 1876)).toBe("dob[year]");
});

test("the dates that mean something in test mode are taken", () => {
  for (const year of [1900, 1901, 1902]) expect(refused(1, 1, year)).toBeNull();
});

test("a day is one that the calendar has, leap years and all", () => {
  expect(refused(29, 2, 2000)).toBeNull();
  expect(refused(29, 2, 1900)).toBe("dob[day]");
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 31 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1900, max: 2012 }),
      (day, month, year) => {
        const there = day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
        expect(refused(day, month, year)).toBe(there ? null : "dob[day]");
      },
    ),
  );
});
