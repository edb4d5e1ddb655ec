import { ApiError } from "@carabiner/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeJson } from "./decode-json.ts";

function refusal(text: string): { error: string; param: string | undefined; message: string } {
  try {
    decodeJson(text, 8);
  } catch (error) {
    if (error instanceof ApiError) return { error: error.error, param: error.param, message: error.message };
    throw error;
  }
  throw new Error(`accepted: ${text}`);
}

test("an object is decoded unchanged", () => {
  const body = { a: [1, "2", { b: null, c: true }], d: { e: 1.5 } };
  expect(decodeJson(JSON.stringify(body), 8)).toEqual(body);
});

test.each([
  ["{", "body_malformed", undefined],
  ["[]", "body_malformed", undefined],
  ["null", "body_malformed", undefined],
  ["1", "body_malformed", undefined],
  ['{"a":"\\u0000"}', "body_malformed", undefined],
  ['{"a":["\\ud800"]}', "body_malformed", undefined],
  ['{"\\u0000":1}', "body_malformed", undefined],
  ['{"__proto__":{"x":1}}', "parameter_name_forbidden", "__proto__"],
  ['{"a":[{"constructor":1}]}', "parameter_name_forbidden", "a[0][constructor]"],
  ['{"a":{"prototype":1}}', "parameter_name_forbidden", "a[prototype]"],
  [`{"a":${"[".repeat(9)}${"]".repeat(9)}}`, "parameter_depth", "a[0][0][0][0][0][0][0][0]"],
])("%s: %s", (text, error, param) => {
  expect(refusal(text)).toMatchObject({ error, param });
});

test("an object 200,000 levels deep is refused, not followed", () => {
  expect(refusal(`{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}`).error).toBe("parameter_depth");
});

test("the error does not quote the body", () => {
  expect(refusal('{"secret": whsec_canary').message).not.toContain("canary");
});

test("any text is read or refused with an error of the table", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.jsonValue().map((value) => JSON.stringify({ value })),
      ),
      (text) => {
        try {
          expect(decodeJson(text, 8)).toBeTypeOf("object");
        } catch (error) {
          expect(error).toBeInstanceOf(ApiError);
        }
      },
    ),
  );
});
