import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createIdSource, ID_FORMS, type IdKind } from "./ids.ts";

const kinds = Object.keys(ID_FORMS) as IdKind[];

describe("ids", () => {
  test.each(kinds)("%s has its prefix and its length", (kind) => {
    const { prefix, length } = ID_FORMS[kind];
    expect(createIdSource(randomBytes).newId(kind, 1_763_942_400_000)).toMatch(new RegExp(`^${prefix}[0-9A-Za-z]{${length}}$`));
  });

  test("sort in the order they were made, also when time stands still or goes back", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 2, maxLength: 50 }), (times) => {
        const ids = createIdSource(randomBytes);
        const made = times.map((time) => ids.newId("event", time));
        expect([...made].sort()).toEqual(made);
        expect(new Set(made).size).toBe(made.length);
      }),
    );
  });

  test("stay in order past the number that fits in one millisecond", () => {
    const ids = createIdSource(randomBytes);
    const made = Array.from({ length: 5_000 }, () => ids.newId("delivery", 7));
    expect([...made].sort()).toEqual(made);
  });

  test("repeat with the same random source, and differ with another", () => {
    const seeded = (seed: number) => createIdSource((count) => new Uint8Array(count).fill(seed)).newId("event", 1);
    expect(seeded(1)).toBe(seeded(1));
    expect(seeded(1)).not.toBe(seeded(2));
  });
});

test("secrets use the whole alphabet, evenly", () => {
  const text = createIdSource(randomBytes).secret(62 * 400);
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  expect(counts.size).toBe(62);
  for (const count of counts.values()) expect(count).toBeGreaterThan(280);
  for (const count of counts.values()) expect(count).toBeLessThan(520);
});
