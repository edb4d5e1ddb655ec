import { ApiError } from "@carabiner/protocol";
import type { TProperties } from "typebox";
import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../limits.ts";
import * as p from "../operations/parameters.ts";
import type { JsonObject } from "../store/contract/rows.ts";
import { decodeForm } from "./decode-form.ts";
import { compileParams } from "./decode-params.ts";

const form = (text: string) => decodeForm([{ source: "body", text }], DEFAULT_LIMITS);
const read = (properties: TProperties, given: string | JsonObject) =>
  compileParams(p.params(properties), DEFAULT_LIMITS)(typeof given === "string" ? form(given) : given);

function refusal(properties: TProperties, given: string | JsonObject): { error: string; param: string | undefined } {
  try {
    read(properties, given);
  } catch (error) {
    if (error instanceof ApiError) return { error: error.error, param: error.param };
    throw error;
  }
  throw new Error("accepted");
}

const PROPERTIES = {
  name: p.optional(p.text(10)),
  note: p.optional(p.clearableText()),
  kind: p.optional(p.choice(["a", "b"], ["c"])),
  tax: p.optional(p.off()),
  off_session: p.optional(p.flagOr(["recurring"])),
  card: p.optional(p.lacking(p.hash({ number: p.optional(p.text()) }), ["networks"])),
  mood: p.optional(p.clearableChoice(["good", "bad"])),
  amount: p.optional(p.integer(1, 100)),
  order: p.optional(p.clearableInteger()),
  share: p.optional(p.clearableDecimal()),
  connect: p.optional(p.flag()),
  enabled_events: p.optional(p.list(p.text(), 3)),
  colours: p.optional(p.clearableList(p.choice(["red", "blue"]))),
  company: p.optional(p.hash({ name: p.text(), address: p.optional(p.clearableHash({ city: p.optional(p.text()) })) })),
  lines: p.optional(p.list(p.hash({ price: p.integer() }))),
  metadata: p.optional(p.metadata()),
  created: p.optional(p.timeFilter()),
  object: p.optional(p.json()),
};

describe("values that are read", () => {
  test.each<[string | JsonObject, unknown]>([
    ["name=x", { name: "x" }],
    [{ name: 5 }, { name: "5" }],
    ["connect=True", { connect: true }],
    ["connect=False", { connect: false }],
    [{ name: true }, { name: "true" }],
    ["name=1234567890", { name: "1234567890" }],
    [`name=${encodeURIComponent("😀".repeat(10))}`, { name: "😀".repeat(10) }],
    ["note=", { note: null }],
    [{ note: null }, { note: null }],
    ["kind=a", { kind: "a" }],
    ["off_session=recurring", { off_session: "recurring" }],
    ["tax=false", { tax: false }],
    ["off_session=true", { off_session: true }],
    [{ off_session: false }, { off_session: false }],
    ["mood=", { mood: null }],
    ["amount=100", { amount: 100 }],
    [{ amount: 100 }, { amount: 100 }],
    [{ amount: "100" }, { amount: 100 }],
    ["order=-5", { order: -5 }],
    ["order=", { order: null }],
    [{ order: -0 }, { order: 0 }],
    ["share=12.5", { share: 12.5 }],
    ["share=", { share: null }],
    ["connect=true", { connect: true }],
    [{ connect: false }, { connect: false }],
    ["enabled_events[]=a&enabled_events[]=b", { enabled_events: ["a", "b"] }],
    ["enabled_events[1]=b&enabled_events[0]=a", { enabled_events: ["a", "b"] }],
    ["enabled_events[0]=a&enabled_events[2]=c&enabled_events[10]=k", { enabled_events: ["a", "c", "k"] }],
    [{ enabled_events: ["a"] }, { enabled_events: ["a"] }],
    [{ enabled_events: [] }, { enabled_events: [] }],
    ["colours=", { colours: null }],
    ["company[name]=x&company[address][city]=y", { company: { name: "x", address: { city: "y" } } }],
    ["company[name]=x&company[address]=", { company: { name: "x", address: null } }],
    ["lines[0][price]=1&lines[1][price]=2", { lines: [{ price: 1 }, { price: 2 }] }],
    ["lines[][price]=1&lines[][price]=2", { lines: [{ price: 1 }, { price: 2 }] }],
    ["metadata[a]=1&metadata[0]=&metadata[toString]=x", { metadata: { a: "1", 0: null, toString: "x" } }],
    ["metadata=", { metadata: null }],
    [{ metadata: null }, { metadata: null }],
    [{ metadata: { a: 1, b: true, c: null, d: "" } }, { metadata: { a: "1", b: "true", c: null, d: null } }],
    ["created=5", { created: 5 }],
    ["created[gte]=5&created[lt]=9", { created: { gte: 5, lt: 9 } }],
    ["object[id]=x&object[list][0]=a&object[list][1][b]=c&object[more][]=d", { object: { id: "x", list: ["a", { b: "c" }], more: ["d"] } }],
    ["object[list][1]=a", { object: { list: { 1: "a" } } }],
    [{ object: { 0: [null, { 0: 1 }] } }, { object: { 0: [null, { 0: 1 }] } }],
    ["object=x", { object: "x" }],
    ["expand[]=a.b&expand[]=c", { expand: ["a.b", "c"] }],
    ["", {}],
  ])("%j", (given, expected) => {
    expect(read(PROPERTIES, given)).toEqual(expected);
  });
});

describe("values that are refused", () => {
  test.each<[string | JsonObject, string, string]>([
    ["kind=c", "value_not_here", "kind"],
    ["tax=true", "value_not_here", "tax"],
    [{ tax: true }, "value_not_here", "tax"],
    ["off_session=sometimes", "parameter_invalid_boolean", "off_session"],
    ["card[networks][preferred]=visa", "parameter_not_here", "card[networks]"],
    ["card[wallet]=x", "parameter_unknown", "card[wallet]"],
    ["nothing=x&card[networks]=visa", "parameter_unknown", "nothing"],
    ["foo=1", "parameter_unknown", "foo"],
    ["toString=1", "parameter_unknown", "toString"],
    ["company[name]=x&company[foo]=1", "parameter_unknown", "company[foo]"],
    ["company[name]=x&company[address][foo]=1", "parameter_unknown", "company[address][foo]"],
    ["lines[3][foo]=1", "parameter_unknown", "lines[3][foo]"],
    ["foo=1&name=x&company[bar]=1", "parameters_unknown", "foo"],
    [{ lines: [{ price: 1, foo: 1 }], bar: 1 }, "parameters_unknown", "lines[0][foo]"],
    ["company[address][city]=1", "parameter_missing", "company[name]"],
    [{ lines: [{ price: 1 }, {}] }, "parameter_missing", "lines[1][price]"],
    ["name=", "parameter_invalid_empty", "name"],
    [{ name: null }, "parameter_invalid_null", "name"],
    ["name=+", "parameter_invalid_string_blank", "name"],
    ["note=%09", "parameter_invalid_string_blank", "note"],
    ["name=12345678901", "parameter_invalid_length", "name"],
    ["name[a]=1", "parameter_invalid_string", "name"],
    ["name[]=1", "parameter_invalid_string", "name"],
    ["kind=d", "parameter_invalid_enum", "kind"],
    ["kind=", "parameter_invalid_empty", "kind"],
    ["mood=c", "parameter_invalid_enum", "mood"],
    ["amount=x", "parameter_invalid_integer", "amount"],
    ["amount=1.0", "parameter_invalid_integer", "amount"],
    ["amount=1e2", "parameter_invalid_integer", "amount"],
    ["amount[a]=1", "parameter_invalid_integer", "amount"],
    [{ amount: 1.5 }, "parameter_invalid_integer", "amount"],
    [{ amount: true }, "parameter_invalid_integer", "amount"],
    ["amount=", "parameter_invalid_empty", "amount"],
    ["amount=101", "integer_above_maximum", "amount"],
    ["amount=0", "integer_below_minimum", "amount"],
    ["order=99999999999999999", "integer_above_maximum", "order"],
    ["share=x", "parameter_invalid_number", "share"],
    ["share=1e5", "parameter_invalid_number", "share"],
    ["connect=1", "parameter_invalid_boolean", "connect"],
    ["connect=", "parameter_invalid_empty", "connect"],
    ["enabled_events=a", "parameter_invalid_array", "enabled_events"],
    ["enabled_events[a]=a", "parameter_invalid_array", "enabled_events"],
    ["enabled_events[01]=a", "parameter_invalid_array", "enabled_events"],
    [{ enabled_events: { 0: "a" } }, "parameter_invalid_array", "enabled_events"],
    ["enabled_events=", "parameter_invalid_empty", "enabled_events"],
    ["enabled_events[]=a&enabled_events[]=", "parameter_invalid_empty", "enabled_events[1]"],
    ["enabled_events[]=a&enabled_events[]=b&enabled_events[]=c&enabled_events[]=d", "parameter_too_many_items", "enabled_events"],
    ["colours[0]=green", "parameter_invalid_enum", "colours[0]"],
    ["company=x", "parameter_invalid_object", "company"],
    ["company[]=x", "parameter_invalid_object", "company"],
    ["company=", "parameter_invalid_empty", "company"],
    [{ company: [] }, "parameter_invalid_object", "company"],
    ["metadata=x", "parameter_invalid_object", "metadata"],
    ["metadata[]=x", "parameter_invalid_object", "metadata"],
    ["metadata[a][b]=x", "parameter_invalid_string", "metadata[a]"],
    [{ metadata: { "": "x" } }, "metadata_key_invalid", "metadata"],
    [{ metadata: { "a[b]": "x" } }, "metadata_key_invalid", "metadata"],
    [{ metadata: { ["k".repeat(41)]: "x" } }, "metadata_key_invalid", "metadata"],
    [{ metadata: { a: "v".repeat(501) } }, "metadata_value_too_long", "metadata[a]"],
    [{ metadata: Object.fromEntries(Array.from({ length: 51 }, (_, key) => [`k${key}`, "x"])) }, "metadata_too_many_keys", "metadata"],
    ["created=x", "parameter_invalid_integer", "created"],
    ["created[foo]=1", "parameter_unknown", "created[foo]"],
    ["expand=a", "parameter_invalid_array", "expand"],
  ])("%j: %s", (given, error, param) => {
    expect(refusal(PROPERTIES, given)).toEqual({ error, param });
  });

  test("what must be there", () => {
    expect(refusal({ url: p.text() }, "")).toEqual({ error: "parameter_missing", param: "url" });
  });
});

test("metadata at its limits is read", () => {
  const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, key) => [String(key).padStart(40, "k"), "v".repeat(500)]));
  expect(read(PROPERTIES, { metadata })).toEqual({ metadata });
});
