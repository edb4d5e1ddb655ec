import { expect, test } from "vitest";
import { surelyAhead } from "./read-marks.ts";

test("an answer that took long does not make a clock wrong", () => {
  expect(surelyAhead({ asked: 0, told: 79_000, answered: 80_000 })).toBe(0);
  expect(surelyAhead({ asked: 0, told: 1_000, answered: 80_000 })).toBe(0);
  expect(surelyAhead({ asked: 100, told: 5_102, answered: 102 })).toBe(5_000);
  expect(surelyAhead({ asked: 5_000, told: 1_000, answered: 5_002 })).toBe(-4_000);
});
