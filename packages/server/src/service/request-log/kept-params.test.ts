import { expect, test } from "vitest";
import { keptParams, keptQuery } from "./kept-params.ts";
import { wholePath } from "./kept-path.ts";

const form = (pairs: Record<string, string>) => keptParams({ kind: "form", text: new URLSearchParams(pairs).toString() }, 4_000);

test("a secret's name counts in every spelling", () => {
  const names = [
    "account_number",
    "accountNumber",
    "account-number",
    "clientSecret",
    "card[Number]",
    "iban",
    "apiKey",
    "metadata[api-key]",
  ];
  expect(form(Object.fromEntries(names.map((name) => [name, "hidden"])))).toEqual(Object.fromEntries(names.map((name) => [name, "****"])));
  const shown = { monkey: "1", account: "acct_1", "metadata[order]": "6735", numbering: "2" };
  expect(form(shown)).toEqual(shown);
});

test.each([
  "4242424242424242",
  "4242 4242 4242 4242",
  "4242-4242-4242-4242",
  "3782 822463 10005",
  "DE89370400440532013000",
  "DE89 3704 0044 0532 0130 00",
  `ac_${"a".repeat(32)}`,
  `rt_${"a".repeat(32)}`,
])("%s is masked in a value of any name", (secret) => {
  expect(keptQuery(new URLSearchParams({ "metadata[note]": `paid with ${secret}.` }).toString(), 4_000)).toEqual({
    "metadata[note]": "paid with ****.",
  });
});

test("times, ids and amounts are shown", () => {
  const shown = { a: "2026-11-29T19:17:05Z", b: "acct_1032D82eZvKYlo2C", c: "2026-10-28.endive", d: "1764443825", e: "ORDER 17" };
  expect(form(shown)).toEqual(shown);
});

test("a path hides a secret whose characters are escaped", () => {
  expect(wholePath("/v1/accounts/sk%5Flive%5fabcdefgh", 500)).toBe("/v1/accounts/****");
  expect(wholePath("/v1/accounts/4242%204242%204242%204242", 500)).toBe("/v1/accounts/****");
});

test("a body that is nested very deeply is no failure", () => {
  const text = `{"name":"x","a":${"[".repeat(400_000)}${"]".repeat(400_000)}}`;
  expect(keptParams({ kind: "json", text }, 4_000)).toEqual({ name: "x" });
  expect(keptParams({ kind: "json", text: '{"a":{"b":[1,null]}}' }, 4_000)).toEqual({ "a[b][0]": "1", "a[b][1]": "" });
});
