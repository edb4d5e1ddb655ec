import fc from "fast-check";
import { expect, test } from "vitest";
import { texts } from "../../../test/service/request-log/random-json.ts";
import { masked, maskedStart } from "./masked.ts";

const secrets = ["ek_test_a", `op_${"a".repeat(32)}`, `rt_${"a".repeat(24)}`, "123456789012", "123456789", "GB29NWBK60161331926819"];

test.each(secrets)("%s is masked wherever it occurs", (secret) => {
  for (const [before, after] of [
    ["", ""],
    ["a ", ""],
    ["", " z"],
    ["—", "—"],
  ] as const)
    expect(masked(before + secret + after)).toBe(`${before}****${after}`);
});

test("the beginning of a text is masked as the whole text is", () => {
  const long = fc.array(fc.oneof(texts, fc.constantFrom(" ", "z".repeat(700))), { maxLength: 20 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(long, fc.constantFrom(0, 1, 8, 40, 400, 2_000), (text, chars) => {
      expect(maskedStart(text, chars)).toBe(masked(text).slice(0, chars));
    }),
  );
});

test.each([`pi_${"a".repeat(80)}_secret_b`, "4242 4242 4242 4242", `whsec_${"a".repeat(9_000)}`])(
  "nothing of %s is shown when it goes on behind the cut, however many secrets are before it",
  (secret) => {
    for (const before of ["", ...[40, 60, 100, 200, 300, 400, 450, 480, 500, 520].map((chars) => `whsec_${"a".repeat(chars)} `)])
      for (let shown = 0; shown <= Math.min(secret.length, 120); shown++) {
        const text = `${before}${"-".repeat(1_000 - masked(before).length - shown)}${secret}${"-".repeat(2_000)}`;
        expect(maskedStart(text, 1_000)).toBe(masked(text).slice(0, 1_000));
      }
  },
);

test("little more of a long text is read than is kept", () => {
  const read: number[] = [];
  const noting = (text: string) => {
    read.push(text.length);
    return masked(text);
  };
  expect(maskedStart("x".repeat(900_000), 100, noting)).toHaveLength(100);
  expect(read).toEqual([612]);
});
