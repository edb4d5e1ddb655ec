import { expect, test } from "vitest";
import { judgeRun } from "./run-tests.ts";

const file = (name: string, status: string, tests: readonly string[], message = "") => ({
  name,
  status,
  message,
  assertionResults: tests.map((one) => ({ status: one, fullName: `${name} ${one}` })),
});
const judged = (success: boolean, ...testResults: ReturnType<typeof file>[]) =>
  judgeRun({ numTotalTests: testResults.flatMap(({ assertionResults }) => assertionResults).length, success, testResults }, "the output");

test("a test that fails has noticed, and is named, whatever else went wrong", () => {
  const failed = { ended: "failed", first: "b failed" };
  expect(judged(false, file("a", "passed", ["passed"]), file("b", "failed", ["passed", "failed"]))).toEqual(failed);
  expect(judged(false, file("a", "failed", [], "no such export"), file("b", "failed", ["failed"]))).toEqual(failed);
});

test("a file that cannot be loaded has noticed nothing, even when the tests of others pass", () => {
  const broken = { ended: "broken", output: "a cannot be loaded: Unexpected token" };
  expect(judged(false, file("a", "failed", [], "Unexpected token"))).toEqual(broken);
  expect(judged(false, file("a", "failed", [], "Unexpected token"), file("b", "passed", ["passed"]))).toEqual(broken);
});

test("a file that fails outside its tests has noticed, and so has a run that fails as a whole", () => {
  expect(judged(false, file("a", "failed", ["pending"], "beforeAll threw\nat …"))).toEqual({
    ended: "failed",
    first: "a: beforeAll threw",
  });
  expect(judged(false, file("a", "passed", ["passed"]))).toEqual({ ended: "failed", first: "the run itself: the output" });
});

test("a run of nothing says nothing, and one that passes says how many tests did", () => {
  expect(judged(true)).toEqual({ ended: "broken", output: "the output" });
  expect(judged(true, file("a", "passed", ["passed", "passed"]))).toEqual({ ended: "passed", tests: 2 });
});
