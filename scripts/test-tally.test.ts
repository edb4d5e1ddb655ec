import { expect, test } from "vitest";
import { tally } from "./test-tally.ts";

test("counts tests, and files that could not be loaded", () => {
  const passed = { status: "passed", assertionResults: [{ status: "passed" }] };
  const failed = { status: "failed", assertionResults: [{ status: "failed" }] };
  const unloadable = { status: "failed", assertionResults: [] };
  expect(tally({ numPassedTests: 3, numFailedTests: 0, testResults: [passed] })).toBe("3 passed, 0 failed");
  expect(tally({ numPassedTests: 3, numFailedTests: 1, testResults: [passed, failed, unloadable] })).toBe("3 passed, 2 failed");
  expect(tally({ numPassedTests: 3, numFailedTests: 0, numPendingTests: 2, testResults: [passed] })).toBe("3 passed, 0 failed, 2 skipped");
});
