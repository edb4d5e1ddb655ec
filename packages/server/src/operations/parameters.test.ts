import { expect, test } from "vitest";
import { clearableText, flag, integer, optional, text } from "./parameters.ts";

test("parameters that are alike share a schema, and others do not", () => {
  expect(text(40)).toBe(text(40));
  expect(optional(integer(1, "listItems"))).toBe(optional(integer(1, "listItems")));
  expect(optional(text())).toMatchObject({ rule: { maxChars: 5_000 } });
  const schemas = [
    ...[text(), text(null), text(40), optional(text()), clearableText(), clearableText(40)],
    ...[integer(), integer(1), integer(1, 10), integer(1, "listItems"), integer(11, 0), flag(), optional(flag())],
  ];
  expect(new Set(schemas).size).toBe(schemas.length);
});
