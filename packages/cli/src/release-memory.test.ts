import { expect, test } from "vitest";
import { releaseMemory } from "./release-memory.ts";

test("returns the memory of garbage to the system", () => {
  let garbage: unknown[] = Array.from({ length: 1_000_000 }, (_, n) => ({ n }));
  const before = process.memoryUsage().heapTotal;
  expect(garbage).toHaveLength(1_000_000);
  garbage = [];
  releaseMemory();
  expect(before - process.memoryUsage().heapTotal).toBeGreaterThan(20_000_000);
  expect("gc" in globalThis).toBe(false);
});
