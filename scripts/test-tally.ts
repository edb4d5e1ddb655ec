/** The parts of vitest's JSON report that count. Source: https://vitest.dev/guide/reporters#json-reporter */
export interface TestReport {
  numPassedTests: number;
  numFailedTests: number;
  /** Whether all files passed. */
  success: boolean;
  numPendingTests?: number;
  testResults: readonly { status: string; assertionResults: readonly { status: string }[] }[];
}

/**
 * `12 passed, 0 failed`, and how many were skipped, if any. A file that fails without a failing test counts as a
 * failure.
 */
export function tally({ numPassedTests, numFailedTests, numPendingTests = 0, testResults }: Omit<TestReport, "success">): string {
  const brokenFiles = testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.every((result) => result.status !== "failed"),
  ).length;
  const line = `${numPassedTests} passed, ${numFailedTests + brokenFiles} failed`;
  return numPendingTests === 0 ? line : `${line}, ${numPendingTests} skipped`;
}
