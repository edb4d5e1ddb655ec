import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkDigits, IBAN_COUNTRIES, ibanHolds } from "./iban.ts";
import { luhnHolds } from "./luhn.ts";
import { abaHolds, readRoutingNumber } from "./routing-number.ts";

const digits = (length: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length }).map((d) => d.join(""));

/** The text with one digit increased. */
const raised = (text: string, at: number, by: number) => `${text.slice(0, at)}${(Number(text[at]) + by) % 10}${text.slice(at + 1)}`;

describe("Luhn", () => {
  test.each([
    ["4242424242424242", true],
    ["4242424242424241", false],
    ["378282246310005", true],
    ["0", true],
  ])("%s: %s", (number, holds) => expect(luhnHolds(number)).toBe(holds));

  test("exactly one last digit holds, and one wrong digit is always seen", () => {
    fc.assert(
      fc.property(digits(15), fc.nat(15), fc.integer({ min: 1, max: 9 }), (start, at, by) => {
        const good = Array.from({ length: 10 }, (_, last) => `${start}${last}`).filter(luhnHolds);
        expect(good).toHaveLength(1);
        expect(luhnHolds(raised(good[0] as string, at, by))).toBe(false);
      }),
    );
  });
});

describe("ABA routing numbers", () => {
  test.each([
    ["110000000", true],
    ["021000021", true],
    ["110000001", false],
    ["11000000", false],
    ["1100000000", false],
    ["11000000x", false],
  ])("%s: %s", (number, holds) => expect(abaHolds(number)).toBe(holds));

  test("exactly one last digit holds, and one wrong digit is always seen", () => {
    fc.assert(
      fc.property(digits(8), fc.nat(8), fc.integer({ min: 1, max: 9 }), (start, at, by) => {
        const good = Array.from({ length: 10 }, (_, last) => `${start}${last}`).filter(abaHolds);
        expect(good).toHaveLength(1);
        expect(abaHolds(raised(good[0] as string, at, by))).toBe(false);
      }),
    );
  });
});

describe("IBANs", () => {
  test.each([
    ["DE89370400440532013000", true],
    ["DE62370400440532013001", true],
    ["GB82WEST12345698765432", true],
    ["CH9300762011623852957", true],
    ["FR1420041010050500013M02606", true],
    ["DE88370400440532013000", false],
    ["DE8937040044053201300", false],
    ["de89370400440532013000", false],
    ["", false],
  ])("%s: %s", (iban, holds) => expect(ibanHolds(iban)).toBe(holds));

  test("check digits that were worked out hold, and no others but by 97", () => {
    fc.assert(
      fc.property(digits(18), fc.nat(17), fc.integer({ min: 1, max: 9 }), (rest, at, by) => {
        expect(ibanHolds(`DE${checkDigits("DE", rest)}${rest}`)).toBe(true);
        expect(ibanHolds(`DE${checkDigits("DE", rest)}${raised(rest, at, by)}`)).toBe(false);
      }),
    );
  });

  test("countries are named once", () => expect(new Set(IBAN_COUNTRIES).size).toBe(IBAN_COUNTRIES.length));
});

describe("routing numbers by country", () => {
  test.each([
    ["US", "110000000", { shown: "110000000" }],
    ["US", "110-000 000", { shown: "110000000" }],
    ["US", "110000001", { wrong: "Routing number is wrong: its checksum does not hold" }],
    ["US", undefined, { wrong: "Routing number must have 9 digits" }],
    ["GB", "10-88-00", { shown: "108800" }],
    ["GB", "10880", { wrong: "Sort code must have 6 digits" }],
    ["CA", "11000-000", { shown: "11000-000" }],
    ["CA", "11000000", { shown: "11000-000" }],
    ["AU", "110000", { shown: "11 0000" }],
    ["US", "111000000", { shown: "111000000" }],
    ["LK", "AAAALKLXXXX-7010999", { shown: "AAAALKLXXXX-7010999" }],
    ["AZ", "123456-123456", { shown: "123456123456" }],
    ["ZA", "firnzajj", { shown: "FIRNZAJJXXX" }],
    ["SG", "110-0000", { shown: "1100-000" }],
    ["IN", "HDFC0004051", { shown: "HDFC0004051" }],
    ["IN", undefined, { shown: null }],
    ["IN", "a".repeat(21), { wrong: "must have 1 to 20 letters or digits" }],
  ])("%s %s in test mode", (country, given, read) => expect(readRoutingNumber(country, given, false)).toEqual(read));
});
