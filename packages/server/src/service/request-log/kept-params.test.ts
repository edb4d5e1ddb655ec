import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { names, texts, values } from "../../../test/service/request-log/random-json.ts";
import { isSecretParam, keptParams, keptQuery } from "./kept-params.ts";
import { wholePath } from "./kept-path.ts";
import { masked } from "./masked.ts";

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

const ROOMS = fc.constantFrom(0, 1, 10, 100, 1_000, 3_000);

test("of a form the same is kept as if all of it was masked first", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(names, texts), { maxLength: 40 }), ROOMS, fc.constantFrom("", "?", "&&"), (pairs, chars, before) => {
      const text = before + new URLSearchParams(pairs).toString();
      expect(Object.entries(keptParams({ kind: "form", text }, chars))).toEqual(keptOf([...new URLSearchParams(text)], chars));
    }),
  );
});

test("of a JSON body the same is kept as if all of it was masked first", () => {
  fc.assert(
    fc.property(fc.dictionary(names, values), ROOMS, (body, chars) => {
      const text = JSON.stringify(body);
      expect(Object.entries(keptParams({ kind: "json", text }, chars))).toEqual(keptOf(pairsOf(JSON.parse(text), []), chars));
    }),
  );
});

test("no more of a long JSON body is parsed than is kept", () => {
  const events = Array.from({ length: 5_000 }, (_, n) => ({ type: "payout.updated", data: { object: { id: `po_${n}` } } }));
  const text = JSON.stringify({ events });
  const parse = vi.spyOn(JSON, "parse");
  const kept = keptParams({ kind: "json", text }, 1_000);
  const parsed = parse.mock.calls.map(([json]) => json.length);
  parse.mockRestore();
  expect(Object.entries(kept)).toEqual(keptOf(pairsOf({ events }, []), 1_000));
  expect(parsed).toHaveLength(1);
  expect(parsed[0]).toBeLessThan(2_100);
});

test("no more of a long form is decoded than is kept", () => {
  const text = Array.from({ length: 50_000 }, (_, n) => `metadata[order_${n}]=${n}`).join("&");
  const decoded: number[] = [];
  vi.stubGlobal(
    "URLSearchParams",
    class extends URLSearchParams {
      constructor(part: string) {
        super(part);
        decoded.push(part.length);
      }
    },
  );
  const kept = keptParams({ kind: "form", text }, 1_000);
  vi.unstubAllGlobals();
  expect(Object.keys(kept)).toHaveLength(51);
  expect(decoded).toEqual([2_069]);
});

test("what waits to be stored keeps nothing of what was cut off", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const text = () => `${"x".repeat(1_000_000)}y`;
  const kept = Array.from({ length: 10 }, () => [
    keptParams({ kind: "form", text: `a=${text()}` }, 4_000),
    keptParams({ kind: "json", text: JSON.stringify({ a: text() }) }, 4_000),
    keptParams({ kind: "form", text: `${text()}=a` }, 4_000),
  ]);
  // What only further collections find, such as code that is not run any more, is of the tests before.
  let withAll = Number.POSITIVE_INFINITY;
  for (let before = withAll; ; before = withAll) {
    collect();
    withAll = process.memoryUsage().heapUsed;
    if (withAll > before - 100_000) break;
  }
  kept.length = 0;
  collect();
  // Each of the three forms would keep ten megabytes.
  expect(withAll - process.memoryUsage().heapUsed).toBeLessThan(5_000_000);
});

/** The values of a JSON value, named as in a form. */
function pairsOf(value: unknown, [first, ...rest]: readonly string[]): [string, string][] {
  if (typeof value === "object" && value !== null)
    return Object.entries(value).flatMap(([key, inner]) => pairsOf(inner, first === undefined ? [key] : [first, ...rest, key]));
  return first === undefined ? [] : [[first + rest.map((key) => `[${key}]`).join(""), value === null ? "" : String(value)]];
}

/** What is kept of pairs, as simply as possible. */
function keptOf(pairs: readonly (readonly [string, string])[], chars: number): [string, string][] {
  const kept: Record<string, string> = {};
  let room = chars;
  for (const [name, value] of pairs) {
    if (room <= 0) break;
    const shown = isSecretParam(name) ? "****" : masked(value).slice(0, room);
    Object.defineProperty(kept, masked(name.slice(0, room)), { value: shown, enumerable: true, configurable: true });
    room -= Math.min(name.length, room) + shown.length;
  }
  return Object.entries(kept);
}
