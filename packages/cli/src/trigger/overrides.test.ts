import { InvalidArgumentError } from "commander";
import { expect, test } from "vitest";
import { collectOverride, withOverrides } from "./overrides.ts";

test.each([
  ["amount=500", { amount: 500 }],
  ["metadata.plan=gold", { metadata: { kept: "yes", plan: "gold" } }],
  ["metadata[plan]=gold", { metadata: { kept: "yes", plan: "gold" } }],
  ["email=", { email: "" }],
  ["name=a=b", { name: "a=b" }],
  ["livemode=true", { livemode: true }],
  ["email=null", { email: null }],
  ['lines={"data":[]}', { lines: { data: [] } }],
  ["note={not json", { note: "{not json" }],
  ["zip=007", { zip: "007" }],
  ["email.host=x", { email: { host: "x" } }],
])("%s", (text, changed) => {
  const object = { email: "ada@example.com", metadata: { kept: "yes" } };
  expect(withOverrides(object, collectOverride(text))).toEqual({ ...object, ...changed });
  expect(object).toEqual({ email: "ada@example.com", metadata: { kept: "yes" } });
});

test("several are set in turn", () => {
  const both = collectOverride("a.b=2", collectOverride("a=1"));
  expect(withOverrides({}, both)).toEqual({ a: { b: 2 } });
});

test.each(["amount", "=5", ".=5", "__proto__.x=1", "a.constructor.b=1"])("%s is refused", (text) => {
  expect(() => collectOverride(text)).toThrow(InvalidArgumentError);
});
