import { defineConfig } from "vitest/config";

/** Files whose tests change or measure their whole process, so that each needs one of its own. */
const ALONE: readonly string[] = [];

export default defineConfig({
  test: {
    testTimeout: 30_000,
    globalSetup: ["scripts/postgres-for-tests.ts", "scripts/dashboard-for-tests.ts"],
    projects: [
      {
        extends: true,
        test: {
          name: "tests",
          // A process runs many files and reads each module once: half of the processor time that a process for each file takes.
          isolate: false,
          include: [
            "packages/*/{src,test}/**/*.test.{ts,tsx}",
            "scripts/**/*.test.ts",
            "examples/**/*.test.ts",
            "bench/**/*.test.ts",
            "faults/**/*.test.ts",
          ],
          exclude: [...ALONE, "**/node_modules/**"],
        },
      },
      { extends: true, test: { name: "alone", include: [...ALONE] } },
    ],
  },
});
