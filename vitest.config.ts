import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "packages/*/{src,test}/**/*.test.ts",
      "scripts/**/*.test.ts",
      "examples/**/*.test.ts",
      "bench/**/*.test.ts",
      "faults/**/*.test.ts",
    ],
    testTimeout: 30_000,
    globalSetup: ["scripts/postgres-for-tests.ts", "scripts/dashboard-for-tests.ts"],
  },
});
