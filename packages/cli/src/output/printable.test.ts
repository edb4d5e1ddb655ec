import fc from "fast-check";
import { expect, test } from "vitest";
import { printable, printableJson } from "./printable.ts";

test("text from the network cannot steer the terminal", () => {
  expect(printable("\u001b[2Jgone\u0007\u202eevil\u009b31m")).toBe("\\u001b[2Jgone\\u0007\\u202eevil\\u009b31m");
  expect(printable("a\nb\tc")).toBe("a\\u000ab\\u0009c");
  expect(printable("a\nb\tc", { lines: true })).toBe("a\nb\tc");
  expect(printable("Zoë 日本")).toBe("Zoë 日本");
});

test("JSON fit for a terminal is still the same JSON", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = printableJson(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(text.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    }),
  );
});
