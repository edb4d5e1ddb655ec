import { defineConfig } from "vitest/config";

/** What `npm run firefox` runs. It is none of the tests: not every machine has Firefox. */
export default defineConfig({
  test: {
    include: ["packages/dashboard/test/firefox/*.walk.ts"],
    globalSetup: ["scripts/dashboard-for-tests.ts"],
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
