import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StoreUnavailable } from "../../store.ts";
import { UnderWayFile, underWayFileOf } from "./under-way-file.ts";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-under-way-"));
  path = underWayFileOf(join(folder, "carabiner.db"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What the next process reads. */
const found = () => new UnderWayFile(path).read().toSorted((one, other) => one - other);

test("holds what has begun and is not settled, after each note", () => {
  const file = new UnderWayFile(path);
  expect(file.read()).toEqual([]);
  file.note([65_537, 131_073], []);
  expect(found()).toEqual([65_537, 131_073]);
  file.note([Number.MAX_SAFE_INTEGER], [65_537]);
  expect(found()).toEqual([131_073, Number.MAX_SAFE_INTEGER]);
  file.note([], [131_073, Number.MAX_SAFE_INTEGER, 7]);
  expect(found()).toEqual([]);
  file.close();
});

test("a model of it agrees, whatever begins and is settled", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ begun: fc.array(fc.integer({ min: 1, max: 400 })), settled: fc.array(fc.integer({ min: 1, max: 400 })) })),
      (notes) => {
        const file = new UnderWayFile(path);
        const model = new Set<number>();
        for (const { begun, settled } of notes) {
          file.note(begun, settled);
          for (const token of settled) model.delete(token);
          for (const token of begun) model.add(token);
          expect(found()).toEqual([...model].toSorted((one, other) => one - other));
        }
        file.remove();
      },
    ),
    { numRuns: 50 },
  );
});

test("is for its owner alone, also where another was before", () => {
  writeFileSync(path, "another's");
  chmodSync(path, 0o644);
  const file = new UnderWayFile(path);
  file.note([1], []);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  file.close();
});

test("a file that is another's, torn or cut short says nothing that is not so", () => {
  const file = new UnderWayFile(path);
  file.note([1_000_001, 1_000_002, 1_000_003], []);
  file.close();
  const whole = readFileSync(path);
  fc.assert(
    fc.property(fc.nat(whole.length), fc.nat(whole.length), fc.uint8Array({ maxLength: 20 }), (cut, at, bytes) => {
      const torn = Buffer.from(whole.subarray(0, cut));
      torn.set(bytes.subarray(0, Math.max(0, cut - at)), Math.min(at, cut));
      writeFileSync(path, torn);
      for (const token of found()) expect(Number.isSafeInteger(token) && token > 0).toBe(true);
    }),
  );
  writeFileSync(path, whole.subarray(0, 8 + 2 * 16 + 5));
  expect(found().length).toBeLessThanOrEqual(2);
  writeFileSync(path, "CRBNUWY9".padEnd(200, "x"));
  expect(found()).toEqual([]);
});

test("after its removal it is gone, and the next note creates it again", () => {
  const file = new UnderWayFile(path);
  file.note([5], []);
  file.remove();
  expect(existsSync(path)).toBe(false);
  file.note([6], []);
  expect(found()).toContain(6);
  file.close();
});

test("a file that cannot be written says so, and the next note writes what is missing", () => {
  const nowhere = join(folder, "later", "carabiner.db-underway");
  const file = new UnderWayFile(nowhere);
  expect(() => file.note([5], [])).toThrow(StoreUnavailable);
  expect(() => file.note([6], [])).toThrow(/later.*cannot be written/);
});
