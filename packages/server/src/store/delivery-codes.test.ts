import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FAULTS } from "./contract/faults.ts";
import { outcomeNumber } from "./delivery-codes.ts";

test("every fault that a transport reports has a number", () => {
  const source = readFileSync(new URL("../transport/transport.ts", import.meta.url), "utf8");
  const [, union = ""] = /export type FaultCode =([^;]+);/.exec(source) ?? [];
  const codes = [...union.matchAll(/"(\w+)"/g)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(10);
  expect([...FAULTS].sort()).toEqual(codes.sort());
});

test("an outcome is stored as its status, or as the number of its fault", () => {
  expect(outcomeNumber({ outcome: "status", status: 503 })).toBe(503);
  expect(outcomeNumber({ outcome: FAULTS[3] as string, status: null })).toBe(1_003);
  expect(outcomeNumber({ outcome: "succeeded", status: null })).toBe(null);
  expect(() => outcomeNumber({ outcome: "nonsense", status: null })).toThrow("nonsense");
});
