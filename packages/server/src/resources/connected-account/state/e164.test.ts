import { expect, test } from "vitest";
import { COUNTRIES } from "./countries.ts";
import { e164 } from "./e164.ts";

test.each([
  ["0000000000", "KR", "+10000000000"],
  ["+44 20 7946 0018", "US", "+442079460018"],
  ["(415) 555-0132", "US", "+14155550132"],
  ["1 415 555 0132", "CA", "+14155550132"],
  ["020 7946 0018", "GB", "+442079460018"],
  ["06 1234 5678", "IT", "+390612345678"],
  ["91234567", "SG", "+6591234567"],
  ["none", "US", "none"],
  ["12", "US", "12"],
])("%s in %s shows as %s", (given, country, shown) => {
  expect(e164(given, country)).toBe(shown);
  expect(e164(shown, country)).toBe(shown);
});

test("every country that an account can be in has a code", () => {
  for (const country of COUNTRIES) expect([country, e164("612345678", country)]).toEqual([country, expect.stringMatching(/^\+/)]);
});
