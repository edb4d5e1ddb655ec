import { ApiError } from "@carabiner/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeForm, type FormHash, type FormValue, isFormHash } from "./decode-form.ts";

const LIMITS = { parameterDepth: 8, parameterCount: 20_000 };
const decode = (text: string, limits = LIMITS) => decodeForm([{ source: "body", text }], limits);

function refusal(text: string, limits = LIMITS): { error: string; param: string | undefined } {
  try {
    decode(text, limits);
  } catch (error) {
    if (error instanceof ApiError) return { error: error.error, param: error.param };
    throw error;
  }
  throw new Error(`accepted: ${text}`);
}

describe("forms that are read", () => {
  test.each<[string, unknown]>([
    ["", {}],
    ["&&", {}],
    ["a=1", { a: "1" }],
    ["a", { a: "" }],
    ["a=", { a: "" }],
    ["a=b=c", { a: "b=c" }],
    ["a=1+2%2B3", { a: "1 2+3" }],
    ["a[b]=1&a[c]=2", { a: { b: "1", c: "2" } }],
    ["a%5Bb%5D=1&a%5bc%5d=2", { a: { b: "1", c: "2" } }],
    ["a[b][c][d]=1", { a: { b: { c: { d: "1" } } } }],
    ["a[]=1&a[]=2", { a: ["1", "2"] }],
    ["a%5B%5D=1&a[]=2", { a: ["1", "2"] }],
    ["a[0]=x&a[1]=y", { a: { 0: "x", 1: "y" } }],
    ["a[0][b]=x&a[1][b]=y", { a: { 0: { b: "x" }, 1: { b: "y" } } }],
    ["a[b][]=1&a[b][]=2", { a: { b: ["1", "2"] } }],
    ["a[][x]=1&a[][y]=2&a[][x]=3", { a: [{ x: "1", y: "2" }, { x: "3" }] }],
    ["a[][x][]=1&a[][x][]=2", { a: [{ x: ["1", "2"] }] }],
    ["a=%E2%82%AC%F0%9F%98%80", { a: "€😀" }],
    ["a=€😀", { a: "€😀" }],
    ["%C3%BC=1", { ü: "1" }],
    ["toString=1&a[hasOwnProperty]=2", { toString: "1", a: { hasOwnProperty: "2" } }],
  ])("%s", (text, expected) => {
    expect(JSON.parse(JSON.stringify(decode(text)))).toEqual(expected);
  });

  test("the query and the body make one form", () => {
    const form = decodeForm(
      [
        { source: "query", text: "a[b]=1" },
        { source: "body", text: "a[c]=2&d=3" },
      ],
      LIMITS,
    );
    expect(JSON.parse(JSON.stringify(form))).toEqual({ a: { b: "1", c: "2" }, d: "3" });
  });

  test("no hash has a prototype", () => {
    const form = decode("a[b][c]=1&d[][e]=2");
    for (const hash of [form, form.a, (form.a as FormHash).b, (form.d as FormValue[])[0]]) expect(isFormHash(hash)).toBe(true);
    expect(form.toString).toBeUndefined();
  });
});

describe("forms that are refused", () => {
  test.each([
    ["a=1&a=2", "parameter_duplicate", "a"],
    ["a[b]=1&a[b]=2", "parameter_duplicate", "a[b]"],
    ["a[0]=1&a[0]=2", "parameter_duplicate", "a[0]"],
    ["a=1&a[b]=2", "parameter_conflict", "a[b]"],
    ["a[b]=1&a=2", "parameter_conflict", "a"],
    ["a[b]=1&a[b][c]=2", "parameter_conflict", "a[b][c]"],
    ["a[]=1&a[b]=2", "parameter_conflict", "a[b]"],
    ["a[0]=1&a[]=2", "parameter_conflict", "a[]"],
    ["a[]=1&a=2", "parameter_conflict", "a"],
    ["__proto__=1", "parameter_name_forbidden", "__proto__"],
    ["__proto__[x]=1", "parameter_name_forbidden", "__proto__[x]"],
    ["a[__proto__][x]=1", "parameter_name_forbidden", "a[__proto__][x]"],
    ["a[%5F_proto__]=1", "parameter_name_forbidden", "a[__proto__]"],
    ["constructor[prototype][x]=1", "parameter_name_forbidden", "constructor[prototype][x]"],
    ["a[prototype]=1", "parameter_name_forbidden", "a[prototype]"],
    ["a[b][c][d][e][f][g][h]=1&x[b][c][d][e][f][g][h][i]=1", "parameter_depth", "x[b][c][d][e][f][g][h][i]"],
    ["=1", "body_malformed", undefined],
    ["[a]=1", "body_malformed", undefined],
    ["a[=1", "body_malformed", undefined],
    ["a]=1", "body_malformed", undefined],
    ["a[b=1", "body_malformed", undefined],
    ["a[b]c=1", "body_malformed", undefined],
    ["a[b]]=1", "body_malformed", undefined],
    ["a[[b]]=1", "body_malformed", undefined],
    ["a]b[c]=1", "body_malformed", undefined],
    ["a[][]=1", "body_malformed", undefined],
    ["a=%", "body_malformed", undefined],
    ["a=%4", "body_malformed", undefined],
    ["a=%zz", "body_malformed", undefined],
    ["%zz=1", "body_malformed", undefined],
    ["a=%ff", "body_malformed", undefined],
    ["a=%C0%80", "body_malformed", undefined],
    ["a=%ED%A0%80", "body_malformed", undefined],
    ["a=%00", "body_malformed", undefined],
    ["a%00=1", "body_malformed", undefined],
    ["a=\0", "body_malformed", undefined],
  ])("%j: %s", (text, error, param) => {
    expect(refusal(text)).toEqual({ error, param });
  });

  test("a query is not called a body", () => {
    expect(() => decodeForm([{ source: "query", text: "a=%zz" }], LIMITS)).toThrow(expect.objectContaining({ error: "request_malformed" }));
  });

  test("a name 50,000 levels deep, and one past the limit of 200,000 values", () => {
    expect(refusal(`a${"[b]".repeat(50_000)}=1`).error).toBe("parameter_depth");
    const limits = { parameterDepth: 8, parameterCount: 200_000 };
    const pairs = Array.from({ length: 200_000 }, (_, index) => `a[${index}]=1`).join("&");
    expect(Object.keys(decode(pairs, limits).a as FormHash)).toHaveLength(200_000);
    expect(refusal(`${pairs}&b=1`, limits).error).toBe("parameter_count");
  });

  test("many hashes in one list are read in time that grows with their number alone", () => {
    const pairs = Array.from({ length: 20_000 }, (_, index) => `a[][x]=${index}`).join("&");
    expect(decode(pairs).a).toHaveLength(20_000);
  });
});

// What the encoders below can express: a form cannot express empty lists or hashes.
const name = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 8 })
  .filter((text) => !/[[\]\0]|^(__proto__|constructor|prototype)$/.test(text) && text.isWellFormed());
const leaf = fc.string({ unit: "grapheme", maxLength: 12 }).filter((text) => !text.includes("\0") && text.isWellFormed());
const word = name.filter((text) => !/^\d+$/.test(text));
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", maxDepth: 5 },
    leaf,
    fc.dictionary(word, tie("tree") as fc.Arbitrary<Tree>, { minKeys: 1, maxKeys: 4 }),
    fc.array(tie("tree") as fc.Arbitrary<Tree>, { minLength: 1, maxLength: 4 }),
  ),
}));
type Tree = string | Tree[] | { [key: string]: Tree };
const form = fc.dictionary(word, tree, { maxKeys: 5 });

/** As the official SDK for Node writes a form: lists with indexes, brackets left as they are. */
function asSdk(value: Tree, path = ""): string[] {
  if (typeof value === "string") return [`${encode(path)}=${encode(value)}`];
  if (Array.isArray(value)) return value.flatMap((item, index) => asSdk(item, `${path}[${index}]`));
  return Object.entries(value).flatMap(([key, item]) => asSdk(item, path === "" ? key : `${path}[${key}]`));
}
const encode = (text: string) =>
  encodeURIComponent(text)
    .replace(/[!*()']/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%5B", "[")
    .replaceAll("%5D", "]");

/** As the official CLI writes a form: lists without indexes, everything percent-encoded, spaces as plus signs. */
function asCli(value: Tree, path = ""): string[] {
  if (typeof value === "string") return [`${encodeAll(path)}=${encodeAll(value)}`];
  if (Array.isArray(value)) return value.flatMap((item) => asCli(item, `${path}[]`));
  return Object.entries(value).flatMap(([key, item]) => asCli(item, path === "" ? key : `${path}[${key}]`));
}
const encodeAll = (text: string) => encodeURIComponent(text).replaceAll("%20", "+");

const indexed = (value: Tree): unknown => {
  if (typeof value === "string") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, indexed(item)]));
};
const plain = (value: FormValue): unknown => {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
};

test("what the SDK encodes comes back", () => {
  fc.assert(
    fc.property(form, (value) => {
      expect(plain(decode(asSdk(value).join("&")))).toEqual(indexed(value));
    }),
  );
});

test("what the CLI encodes comes back, lists of text being lists", () => {
  const flat = fc.dictionary(word, fc.oneof(leaf, fc.array(leaf, { minLength: 1 }), fc.dictionary(word, leaf, { minKeys: 1 })));
  fc.assert(
    fc.property(flat, (value) => {
      expect(plain(decode(asCli(value).join("&")))).toEqual(value);
    }),
  );
});

test("any text is read or refused with an error of the table, and no prototype is changed by it", () => {
  const token = fc.oneof(
    fc.constantFrom(
      "[",
      "]",
      "[]",
      "[0]",
      "&",
      "=",
      "%",
      "%5B",
      "%5D",
      "%00",
      "%ff",
      "+",
      "__proto__",
      "constructor",
      "prototype",
      "a",
      "b",
    ),
    fc.string({ unit: "binary", maxLength: 3 }),
  );
  const before = Object.getOwnPropertyNames(Object.prototype);
  fc.assert(
    fc.property(fc.array(token, { maxLength: 30 }), (tokens) => {
      try {
        const result = decode(tokens.join(""));
        expect(isFormHash(result)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(ApiError);
      }
    }),
    { numRuns: 2_000 },
  );
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
  expect(Object.getOwnPropertyNames(Array.prototype)).not.toContain("a");
});
