import fc from "fast-check";
import { expect, test } from "vitest";
import { keptJson, keptText } from "./kept-text.ts";

const text = fc
  .array(fc.constantFrom("\0", "\ud83d", "\udca9", "💩", "\\", "\\u0000", "\\ud83d", '"', "a", "\u0001"), { maxLength: 8 })
  .map((pieces) => pieces.join(""));

const cleaned = (given: string) => given.toWellFormed().replaceAll("\0", "\uFFFD");

test("JSON stays what it was, but for NUL and halves of pairs", () => {
  fc.assert(
    fc.property(text, text, (name, value) => {
      expect(JSON.parse(keptJson({ [name]: [value] }))).toEqual({ [cleaned(name)]: [cleaned(value)] });
    }),
    { numRuns: 2_000 },
  );
});

test("text stays what it was, but for NUL", () => {
  fc.assert(fc.property(text, (given) => void expect(keptText(given)).toBe(given.replaceAll("\0", "\uFFFD"))));
});
