import { ApiError } from "@carabiner/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readSearchQuery, type SearchFields } from "./search-query.ts";

const FIELDS: SearchFields = { amount: "numeric", email: "string", status: "token", "card.brand": "token" };
const OBJECT = {
  amount: 150,
  email: "Jenny.Rosen@example.com",
  status: "succeeded",
  card: { brand: "visa" },
  metadata: { order: "A-7", "a b": "x" },
};
const finds = (query: string): boolean => readSearchQuery(query, FIELDS, "charges")(OBJECT);

describe("a query finds", () => {
  test.each([
    ['status:"succeeded"', true],
    ["status:'SUCCEEDED'", true],
    ['-status:"succeeded"', false],
    ['card.brand:"visa"', true],
    ['email:"jenny.rosen@example.com"', true],
    ['email:"jenny"', false],
    ['email~"rosen"', true],
    ["amount>100", true],
    ["amount<150", false],
    ["amount<=150 amount>=150", true],
    ['amount:"150"', true],
    ["amount=149", false],
    ['metadata["order"]:"A-7"', true],
    ["metadata['order']:'a-7'", true],
    ['metadata["a b"]:"x"', true],
    ['metadata["none"]:null', true],
    ['-metadata["order"]:null', true],
    ['status:"failed" OR amount>100', true],
    ['status:"failed" AND amount>100', false],
    ['status:"succeeded" AND -card.brand:"amex" AND amount>100', true],
  ])("%s: %s", (query, expected) => {
    expect(finds(query)).toBe(expected);
  });
});

describe("a query is refused", () => {
  const refused = (query: string): string => {
    try {
      finds(query);
    } catch (thrown) {
      if (thrown instanceof ApiError) return `${thrown.error} ${thrown.param}`;
      throw thrown;
    }
    return "";
  };
  test.each([
    ["", "search_query_invalid query"],
    ["jenny", "search_query_invalid query"],
    ["status:", "search_query_invalid query"],
    ['status:"x', "search_query_invalid query"],
    ['status~"succ"', "search_query_invalid query"],
    ['amount>"x"', "search_query_invalid query"],
    ['amount~"150"', "search_query_invalid query"],
    ["amount>null", "search_query_invalid query"],
    ['status:"a" AND', "search_query_invalid query"],
    ['(status:"a")', "search_query_invalid query"],
    ['name:"x"', "search_field_unknown query"],
    ['constructor:"x"', "search_field_unknown query"],
    ['email~"ro"', "search_part_too_short query"],
    ['status:"a" AND status:"b" OR status:"c"', "search_joiners_mixed query"],
    [Array.from({ length: 11 }, () => "amount>1").join(" "), "search_clauses_too_many query"],
  ])("%s: %s", (query, expected) => {
    expect(refused(query)).toBe(expected);
  });

  test("whatever it is, by an error of the table and nothing else", () => {
    const part = fc.constantFrom(
      "status",
      "amount",
      'metadata["a"]',
      ":",
      "~",
      ">",
      '"x"',
      "'",
      '"',
      "\\",
      " ",
      "AND",
      "OR",
      "-",
      "1",
      "null",
    );
    fc.assert(fc.property(fc.array(part, { maxLength: 12 }), (parts) => void refused(parts.join(""))));
  });
});

test("text of any kind is found as it is quoted", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 20 }), (value) => {
      const quoted = value.replace(/[\\"]/g, "\\$&");
      expect(readSearchQuery(`metadata["k"]:"${quoted}"`, {}, "charges")({ metadata: { k: value } })).toBe(true);
    }),
  );
});
